"""A dead letter of csv-upload starts its upload again, unless another execution is at work or nothing is left to do."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tools.operations.queues import Message
from tools.operations.upload_letters import EXECUTION, Fate, Redrive, UploadLetter, redrive_of

UPLOAD = "01956f3c-6d2a-7c1e-9b7a-2f6a51c0d3e4"
STORED = {"bucket": "b", "key": f"validated/2026-03-01/{UPLOAD}.csv", "version_id": "v", "size": 12}
OURS = {"step": "data-transformer", "error": "TransientError", "cause": "throttled", "input": STORED | {"attempt": 2}}
EVENT = {
    "detail-type": "Object Created",
    "detail": {
        "bucket": {"name": "b"},
        "object": {"key": STORED["key"], "version-id": "v", "size": 12, "etag": "e"},
    },
}
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def letter(body: Any) -> UploadLetter:
    return UploadLetter(Message("https://queue", body if isinstance(body, str) else json.dumps(body), {}, "receipt"))


def facts(state: str, attempt: int, since: timedelta = timedelta(seconds=5)) -> dict[str, Any]:
    return {"state": state, "attempt": attempt, "updated_at": (NOW - since).isoformat()}


@pytest.mark.requirement("CSV-10")
@pytest.mark.parametrize(
    ("body", "told"),
    [
        pytest.param(OURS, (UPLOAD, "data-transformer", "TransientError"), id="the workflow"),
        pytest.param(EVENT, (UPLOAD, "rule", "undelivered"), id="EventBridge, the event"),
        pytest.param(STORED, (UPLOAD, "rule", "undelivered"), id="EventBridge, what the rule makes of it"),
        pytest.param(STORED | {"key": "validated/x.csv"}, (None, "rule", "unreadable"), id="an object of no upload"),
        pytest.param({"step": "x"}, (None, "x", "unreadable"), id="another object"),
        pytest.param([], (None, "unknown", "unreadable"), id="no object"),
        pytest.param("no JSON", (None, "unknown", "unreadable"), id="no JSON"),
    ],
)
def test_a_letter_tells_its_upload_where_it_stopped_and_why(body: Any, told: tuple[str | None, str, str]) -> None:
    found = letter(body)
    assert (found.upload_id, found.step, found.error) == told


@pytest.mark.requirement("CSV-10", "CSV-14")
@pytest.mark.parametrize(
    ("body", "known", "redrive"),
    [
        pytest.param(OURS, facts("FAILED", 2), Redrive(Fate.START, 3), id="it failed"),
        pytest.param(OURS, facts("FAILED", 4), Redrive(Fate.START, 5), id="a later attempt failed as well"),
        pytest.param(OURS, facts("TRANSFORMING", 2), Redrive(Fate.KEEP), id="an execution is at work"),
        pytest.param(OURS, facts("RECEIVED", 1), Redrive(Fate.KEEP), id="the first attempt begins"),
        pytest.param(
            OURS, facts("VALIDATING", 3, EXECUTION * 2), Redrive(Fate.START, 4), id="an execution ended without a word"
        ),
        pytest.param(OURS, facts("COMPLETED", 3), Redrive(Fate.DELETE), id="it is done"),
        pytest.param(OURS, {}, Redrive(Fate.START, 3), id="no status could be written"),
        pytest.param(EVENT, {}, Redrive(Fate.START, 1), id="a form's file that did not start the workflow"),
        pytest.param(EVENT, facts("RECEIVED", 1), Redrive(Fate.START, 1), id="a file that did not start the workflow"),
        pytest.param(EVENT, facts("FAILED", 1), Redrive(Fate.START, 2), id="a second event, and the first one failed"),
        pytest.param(EVENT, facts("COMPLETED", 1), Redrive(Fate.DELETE), id="a second event, and the first one worked"),
    ],
)
def test_the_state_of_the_upload_says_what_becomes_of_its_letter(
    body: Any, known: dict[str, Any], redrive: Redrive
) -> None:
    assert redrive_of(letter(body), known, NOW) == redrive
