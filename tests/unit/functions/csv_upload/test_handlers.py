"""The four functions, with the services replaced."""

from __future__ import annotations

import base64
import importlib
import json
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from itertools import count
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from functions.common.errors import PermanentError, TransientError
from functions.common.settings import SettingError
from functions.csv_upload.logic.api import Api
from functions.csv_upload.logic.processing import Notification, Transformation, Validation
from functions.csv_upload.logic.status import State, Step
from functions.csv_upload.logic.uploads import Upload
from tests.unit.functions.csv_upload.fakes import World
from tests.unit.functions.csv_upload.test_api import BODY, Bucket
from tests.unit.functions.csv_upload.test_processing import csv

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "BUCKET_KEY_ARN": "arn:aws:kms:us-east-1:111111111111:key/1",
    "BUCKET_NAME": "uploads",
    "LOG_LEVEL": "INFO",
    "MINIMUM_VALID_PERCENT": "80",
    "POWERTOOLS_METRICS_NAMESPACE": "CsvUpload",
    "POWERTOOLS_TRACE_DISABLED": "true",
    "REGION": "us-east-1",
    "RELEASE": "release-1",
    "STATUS_TABLE": "status",
    "TOPIC_ARN": "arn:aws:sns:us-east-1:111111111111:topic",
    "TRANSACTIONS_TABLE": "transactions",
}
SERVICES = count()
CONTEXT = SimpleNamespace(
    function_name="f", memory_limit_in_mb=512, invoked_function_arn="arn:aws:lambda:f", aws_request_id="r"
)


class Functions:
    """The functions, their world, and what they print."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = World()
        self.bucket = Bucket()
        self.log = StringIO()
        self._monkeypatch = monkeypatch
        self._modules: dict[str, ModuleType] = {}

    def load(self, name: str) -> ModuleType:
        """A function's module as a cold start imports it, with the world in the place of its clients."""
        sys.modules.pop(f"functions.csv_upload.{name}", None)
        with redirect_stdout(self.log):
            module = importlib.import_module(f"functions.csv_upload.{name}")
        replaced = {
            "api": lambda: Api(self.bucket, self.world),
            "validation": lambda: Validation(self.world, self.world, 80),
            "transformation": Transformation(self.world, self.world, self.world),
            "notification": Notification(self.world, self.world),
        }
        for attribute, replacement in replaced.items():
            if hasattr(module, attribute):
                self._monkeypatch.setattr(module, attribute, replacement)
        return module

    def call(self, name: str, event: dict[str, Any], entry: str = "handler") -> dict[str, Any]:
        module = self._modules.setdefault(name, self.load(name)) if name not in self._modules else self._modules[name]
        with redirect_stdout(self.log):
            answer: dict[str, Any] = getattr(module, entry)(event, CONTEXT)
        return answer

    def request(self, method: str, resource: str, **more: Any) -> tuple[int, dict[str, Any]]:
        event = {
            "httpMethod": method,
            "resource": resource,
            "requestContext": {"domainName": "api", "stage": "dev", "requestId": "request-1"},
            **more,
        }
        answer = self.call("csv_validator", event, "api_handler")
        assert answer["headers"]["Content-Type"] == "application/json"
        return answer["statusCode"], json.loads(answer["body"])

    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


@pytest.fixture
def functions(monkeypatch: pytest.MonkeyPatch) -> Iterator[Functions]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    # Loggers are kept by their service's name: under a new one this test has its own.
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", f"test-{next(SERVICES)}")
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    yield Functions(monkeypatch)
    for name in ("csv_validator", "data_transformer", "notification_sender"):
        sys.modules.pop(f"functions.csv_upload.{name}", None)


def given(upload: Upload, **more: Any) -> dict[str, Any]:
    """The input of a step, as the workflow makes it."""
    return {
        "bucket": upload.bucket, "key": upload.key, "version_id": upload.version_id, "size": upload.size,
        "attempt": upload.attempt, "execution_arn": "arn:execution", **more,
    }  # fmt: skip


@pytest.mark.requirement("CSV-10", "CSV-11", "CSV-12", "CSV-13")
def test_the_steps_hand_an_upload_on_to_its_end(functions: Functions) -> None:
    upload = functions.world.upload(csv(good=150, bad=20))
    assert functions.call("csv_validator", given(upload)) == {"outcome": "VALID"}
    assert functions.call("data_transformer", given(upload, outcome="VALID")) == {"outcome": "STORED"}
    assert functions.call("notification_sender", given(upload, outcome="STORED")) == {"outcome": "STORED"}
    assert functions.world.items[upload.upload_id]["step"] == Step(1, State.COMPLETED)
    assert functions.world.told == [(upload.upload_id, State.COMPLETED)]
    told = [entry for entry in functions.entries() if "upload_id" in entry]
    assert [entry["message"] for entry in told] == ["validated", "transformed", "told"]
    assert {entry["execution_arn"] for entry in told} == {"arn:execution"}
    # What the rows say is in no log.
    assert not any(word in functions.log.getvalue() for word in ("tx-1", "secret", "two"))


@pytest.mark.requirement("CSV-11", "CSV-13")
def test_an_invalid_upload_is_told_as_failed(functions: Functions) -> None:
    upload = functions.world.upload(csv(good=1, bad=20))
    assert functions.call("csv_validator", given(upload)) == {"outcome": "INVALID"}
    functions.call("notification_sender", given(upload, outcome="INVALID"))
    assert functions.world.told == [(upload.upload_id, State.FAILED)]


@pytest.mark.requirement("CSV-13", "CSV-14")
def test_of_two_executions_one_tells_of_an_upload_and_counts_it(functions: Functions) -> None:
    upload = functions.world.upload(csv(good=150))
    functions.call("csv_validator", given(upload))
    functions.call("data_transformer", given(upload))
    for execution in ("arn:one", "arn:other"):
        functions.call("notification_sender", given(upload, outcome="STORED") | {"execution_arn": execution})
    assert functions.world.told == [(upload.upload_id, State.COMPLETED)]
    assert [entry["UploadsCompleted"] for entry in functions.entries() if "UploadsCompleted" in entry] == [[1.0], [0.0]]
    assert [entry["message"] for entry in functions.entries() if "message" in entry][-2:] == ["told", "nothing to tell"]


@pytest.mark.requirement("CSV-10")
@pytest.mark.parametrize("name", ["csv_validator", "data_transformer", "notification_sender"])
def test_an_object_that_is_no_upload_is_a_permanent_error(functions: Functions, name: str) -> None:
    stray = {"bucket": "uploads", "key": "incoming/notes.csv", "version_id": "v1", "size": 1}
    with pytest.raises(PermanentError, match="no upload"):
        functions.call(name, stray)


@pytest.mark.requirement("CSV-02", "CSV-03")
def test_requests_get_their_answers(functions: Functions) -> None:
    status, taken = functions.request(
        "POST", "/upload", headers={"Content-Type": "text/csv"}, body=base64.b64encode(BODY).decode(),
        isBase64Encoded=True,
    )  # fmt: skip
    assert (status, list(functions.bucket.objects.values())) == (202, [BODY])
    parameters = {"pathParameters": {"id": taken["upload_id"]}}
    assert functions.request("GET", "/uploads/{id}", **parameters)[0] == 200
    assert functions.request("GET", "/uploads/{id}", pathParameters={"id": "x"})[0] == 404
    assert functions.request("POST", "/uploads", body=None)[0] == 200
    assert functions.request("POST", "/upload", headers={}, body="")[0] == 415
    for body in ("%", "nonsense"):
        assert functions.request(
            "POST", "/upload", headers={"Content-Type": "text/csv"}, body=body, isBase64Encoded=body == "%"
        )[0] == 400  # fmt: skip


@pytest.mark.requirement("CSV-03")
def test_a_fault_of_a_service_asks_to_come_again(functions: Functions, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise TransientError("writing to uploads: SlowDown")

    monkeypatch.setattr(functions.bucket, "put", fail)
    status, content = functions.request("POST", "/upload", headers={"Content-Type": "text/csv"}, body=BODY.decode())
    assert (status, content) == (503, {"error": "Service unavailable"})


@pytest.mark.requirement("CSV-20")
@pytest.mark.parametrize(
    ("name", "setting", "make"),
    [
        ("csv_validator", "STATUS_TABLE", None),
        ("csv_validator", "BUCKET_KEY_ARN", "api"),
        ("csv_validator", "MINIMUM_VALID_PERCENT", "validation"),
        ("data_transformer", "TRANSACTIONS_TABLE", None),
        ("notification_sender", "TOPIC_ARN", None),
    ],
)
def test_a_function_without_its_environment_says_what_is_missing(
    functions: Functions, monkeypatch: pytest.MonkeyPatch, name: str, setting: str, make: str | None
) -> None:
    monkeypatch.delenv(setting)
    sys.modules.pop(f"functions.csv_upload.{name}", None)

    def begin() -> None:
        module = importlib.import_module(f"functions.csv_upload.{name}")
        getattr(module, str(make))()

    with pytest.raises(SettingError, match=setting):
        begin()
