"""Every place where an upload can die or be refused: it has one status and one set of rows, or a letter that helps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from tests.emulator import faults
from tests.emulator.csv_upload_system import CsvUploadSystem
from tools.operations import upload_letters
from tools.operations.drills import reserved_concurrency
from tools.waiting import wait_for

pytestmark = pytest.mark.requirement("CSV-10", "CSV-14")

STEPS = ("csv-validator", "data-transformer", "notification-sender")
ROWS = 120


@pytest.fixture(autouse=True)
def on_the_emulator(target: str) -> None:
    if target == "aws":
        pytest.skip("IAM needs seconds to minutes until a denial holds everywhere: there a test cannot time a fault")


def denied(csv_upload: CsvUploadSystem, function: str, *actions: str) -> AbstractContextManager[None]:
    return faults.denied(csv_upload.client, csv_upload.function(function)["role_name"], actions)


@contextmanager
def throttled(csv_upload: CsvUploadSystem, function: str) -> Iterator[None]:
    with reserved_concurrency(csv_upload.client("lambda"), csv_upload.function(function)["name"], 0):
        yield


def content(csv_upload: CsvUploadSystem) -> bytes:
    """Rows of which one cannot be used, so that each step has all of its work."""
    rows = csv_upload.rows(ROWS)
    rows[17]["amount"] = "free"
    return csv_upload.csv(rows)


def redriven(csv_upload: CsvUploadSystem, upload_id: str) -> dict[str, Any]:
    """The status after one redrive, which has to end well: each row is stored once, and no letter is left."""
    assert csv_upload.redrive(upload_id) == 1
    status = csv_upload.ended(upload_id, attempt=2)
    assert (status["state"], status["attempt"]) == ("COMPLETED", 2)
    assert (status["stored"], status["invalid"], status["conflicts"]) == (ROWS - 1, 1, 0)
    assert "reason" not in status
    assert len(csv_upload.stored(upload_id)) == ROWS - 1
    assert [row["line"] for row in csv_upload.deployed.rejected(upload_id)] == [19]
    assert csv_upload.letters(upload_id) == []
    return status


@pytest.mark.parametrize(
    ("function", "action"),
    [
        pytest.param("csv-validator", "dynamodb:UpdateItem", id="the validator, before it begins"),
        pytest.param("csv-validator", "s3:GetObject*", id="the validator, when it reads"),
        pytest.param("csv-validator", "s3:PutObject", id="the validator, when it keeps what is wrong"),
        pytest.param("data-transformer", "s3:GetObject*", id="the transformer, when it reads"),
        pytest.param("data-transformer", "dynamodb:PutItem", id="the transformer, when it stores"),
        pytest.param("notification-sender", "sns:Publish", id="the notifier, when it tells"),
        pytest.param("notification-sender", "dynamodb:UpdateItem", id="the notifier, when it has told"),
    ],
)
def test_an_upload_whose_workflow_dies_fails_with_a_letter_that_one_command_redrives(
    csv_upload: CsvUploadSystem, function: str, action: str
) -> None:
    with denied(csv_upload, function, action):
        upload_id = csv_upload.upload(content(csv_upload))
        letter = csv_upload.letter(upload_id)
        status = csv_upload.ended(upload_id)
    assert letter.step == function
    assert (status["state"], status["attempt"]) == ("FAILED", 1)
    assert "on our side" in status["reason"]
    redriven(csv_upload, upload_id)


@pytest.mark.parametrize("function", STEPS)
def test_an_upload_whose_function_takes_no_call_fails_with_a_letter_that_one_command_redrives(
    csv_upload: CsvUploadSystem, function: str
) -> None:
    with throttled(csv_upload, function):
        upload_id = csv_upload.upload(content(csv_upload))
        letter = csv_upload.letter(upload_id)
        status = csv_upload.ended(upload_id)
    assert (letter.step, letter.error) == (function, "Lambda.TooManyRequestsException")
    assert status["state"] == "FAILED"
    redriven(csv_upload, upload_id)


def test_a_function_that_takes_no_call_for_a_while_delays_an_upload_and_no_more(csv_upload: CsvUploadSystem) -> None:
    with throttled(csv_upload, "data-transformer"):
        upload_id = csv_upload.upload(content(csv_upload))
        wait_for(lambda: csv_upload.ask(upload_id).body.get("valid"), "the upload to be validated")
    assert csv_upload.ended(upload_id)["stored"] == ROWS - 1
    assert csv_upload.letters(upload_id) == []


def test_a_transformer_that_dies_in_the_middle_leaves_rows_that_the_next_attempt_completes(
    csv_upload: CsvUploadSystem,
) -> None:
    rows = csv_upload.rows(20_000)
    with faults.timeout(csv_upload.client, csv_upload.function("data-transformer")["name"], 2):
        upload_id = csv_upload.upload(csv_upload.csv(rows))
        csv_upload.letter(upload_id)
        assert csv_upload.ended(upload_id)["state"] == "FAILED"
    left = len(csv_upload.stored(upload_id))
    assert 0 < left < len(rows)
    assert csv_upload.redrive(upload_id) == 1
    status = csv_upload.ended(upload_id, attempt=2)
    assert (status["state"], status["stored"]) == ("COMPLETED", len(rows))
    stored = csv_upload.stored(upload_id)
    assert [item["origin"] for item in stored] == [f"{upload_id}#{line}" for line in range(2, len(rows) + 2)]


def test_a_letter_waits_while_an_upload_has_no_end_and_starts_it_when_no_execution_can_be_at_work(
    csv_upload: CsvUploadSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = csv_upload.deployed.service["workflow"]["role_name"]
    with (
        faults.denied(csv_upload.client, role, ["dynamodb:UpdateItem"]),
        denied(csv_upload, "data-transformer", "dynamodb:PutItem"),
    ):
        upload_id = csv_upload.upload(content(csv_upload))
        csv_upload.letter(upload_id)
    assert csv_upload.ask(upload_id).body["state"] == "TRANSFORMING"
    assert csv_upload.redrive(upload_id) == 0
    assert len(csv_upload.letters(upload_id)) == 1
    monkeypatch.setattr(upload_letters, "EXECUTION", upload_letters.EXECUTION * 0)
    redriven(csv_upload, upload_id)


def test_two_workflows_of_one_upload_of_which_one_dies_leave_one_status_and_one_set_of_rows(
    csv_upload: CsvUploadSystem,
) -> None:
    with denied(csv_upload, "notification-sender", "sns:Publish"):
        upload_id = csv_upload.upload(content(csv_upload))
        csv_upload.letter(upload_id)
        csv_upload.ended(upload_id)
    csv_upload.start(upload_id)
    wait_for(lambda: len(csv_upload.executions(upload_id)) == 2, "the second workflow to begin")
    # A first attempt that comes late changes nothing: the upload has failed, and its letter is there.
    assert csv_upload.ask(upload_id).body["state"] == "FAILED"
    redriven(csv_upload, upload_id)


def test_a_second_delivery_that_dies_before_the_first_is_through_leaves_one_status_and_one_set_of_rows(
    csv_upload: CsvUploadSystem,
) -> None:
    with throttled(csv_upload, "notification-sender"):
        upload_id = csv_upload.upload(content(csv_upload))
        wait_for(lambda: "stored" in csv_upload.ask(upload_id).body, "the first delivery to be stored")
        with denied(csv_upload, "data-transformer", "s3:GetObject*"):
            csv_upload.start(upload_id)
            wait_for(lambda: csv_upload.letters(upload_id), "a dead letter of the second delivery")
    assert csv_upload.ended(upload_id)["state"] == "FAILED"
    # The first delivery may be on its way still: it is through, or has left a letter too, before the redrive.
    wait_for(lambda: csv_upload.redrive(upload_id), "the redrive to start the next attempt")
    assert csv_upload.ended(upload_id, attempt=2)["state"] == "COMPLETED"
    assert len(csv_upload.stored(upload_id)) == ROWS - 1
    csv_upload.redrive(upload_id)
    assert csv_upload.letters(upload_id) == []
    facts = csv_upload.deployed.facts(upload_id)
    assert (facts["telling"], facts["told"]) == (2, 2)


@pytest.mark.requirement("CSV-03")
@pytest.mark.parametrize(
    "action", [pytest.param("s3:PutObject", id="before it is stored"), pytest.param("dynamodb:UpdateItem", id="after")]
)
def test_an_api_that_fails_says_when_to_send_again_and_no_row_is_stored_twice(
    csv_upload: CsvUploadSystem, action: str
) -> None:
    body = csv_upload.csv(csv_upload.rows(10))
    with denied(csv_upload, "csv-validator-api", action):
        answer = csv_upload.post(body)
    assert (answer.status, answer.body) == (503, {"error": "Service unavailable"})
    assert int(answer.headers["Retry-After"]) >= 1
    status = csv_upload.ended(csv_upload.upload(body))
    assert status["state"] == "COMPLETED"
    assert (status["stored"] + status["present"], status["conflicts"]) == (10, 0)
