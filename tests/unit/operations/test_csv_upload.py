"""The deployed csv-upload system, as its units and a table describe it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from tests.unit.operations.test_upload_letters import OURS, UPLOAD, letter
from tools.deploy.target import Target
from tools.errors import Failure
from tools.operations.csv_upload import CsvUpload
from tools.operations.rest_api import Answer
from tools.operations.trace import Found, Subject
from tools.project import ROOT

UNITS = ROOT / "modules" / "systems" / "csv-upload"


class Described(CsvUpload):
    """The system as its units say that it would be, with answers of AWS that a test gives."""

    def __init__(self, **clients: Any) -> None:
        self.clients = clients
        self.known: dict[str, Any] = {}
        super().__init__(Target("dev", None), "us-east-1")

    def outputs(self, unit: str, system: str | None = None) -> dict[str, Any]:
        read: dict[str, Any] = yaml.safe_load((UNITS / unit / "mock_outputs.yaml").read_text())
        return read

    def client(self, service: str) -> Any:
        return self.clients[service]

    def facts(self, upload_id: str) -> dict[str, Any]:
        return self.known


def known(state: str, **more: Any) -> dict[str, Any]:
    """What is recorded of an upload that has just got this far."""
    now = datetime.now(UTC).isoformat()
    return {"upload_id": UPLOAD, "state": state, "attempt": 2, "updated_at": now, "received_at": now} | more


def test_every_place_of_the_system_can_be_found() -> None:
    names = dict(Described().addresses)
    assert names["API"].endswith("/mock/upload")
    assert {"bucket", "topic", "workflow", "table status", "dead letters rule", "log API"} <= names.keys()


@pytest.mark.requirement("CSV-10")
def test_letters_of_one_upload_start_one_attempt_and_go_together() -> None:
    started: list[dict[str, Any]] = []
    workflow = SimpleNamespace(start_execution=lambda **given: started.append(json.loads(given["input"])))
    system = Described(stepfunctions=workflow)
    system.known = known("FAILED")
    letters = [letter(OURS), letter(OURS)]
    assert list(system.send_again(letters)) == letters
    assert started == [OURS["input"] | {"attempt": 3}]  # type: ignore[operator]


@pytest.mark.parametrize(("state", "goes"), [("TRANSFORMING", 0), ("COMPLETED", 1)])
def test_a_letter_starts_nothing_where_an_execution_is_at_work_or_nothing_is_left_to_do(state: str, goes: int) -> None:
    system = Described(stepfunctions=None)
    system.known = known(state)
    assert len(list(system.send_again([letter(OURS)]))) == goes


def test_the_status_counts_uploads_rows_what_stopped_and_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    items = [
        known("COMPLETED", rows=10, valid=9, invalid=1, stored=9),
        known("COMPLETED", rows=5, valid=5, invalid=0, stored=5),
        known("VALIDATING", updated_at=yesterday),
    ]
    system = Described()
    monkeypatch.setattr(system, "uploads", lambda _: items)
    monkeypatch.setattr(system, "letters_by_queue", lambda: [("workflow", letter(OURS))])
    told = list(system.status(datetime.now(UTC)))
    assert told[0] == "uploads: 3"
    assert [line.split() for line in told[2:4]] == [
        ["VALIDATING", "1", "0", "0", "0", "0", "0", "0"],
        ["COMPLETED", "2", "15", "14", "1", "14", "0", "0"],
    ]
    assert told[4].startswith("stopped, without a dead letter perhaps: 1")
    assert told[5] == "dead letters of workflow: 1 TransientError"


@pytest.mark.requirement("CSV-21")
def test_uploads_are_found_by_sixteen_queries_a_day_from_the_day_before_on() -> None:
    asked: list[str] = []

    def paginate(**given: Any) -> Iterator[dict[str, Any]]:
        asked.append(given["ExpressionAttributeValues"][":shard"]["S"])
        yield {"Items": []}

    paginator = SimpleNamespace(paginate=paginate)
    system = Described(dynamodb=SimpleNamespace(get_paginator=lambda _: paginator))
    assert system.uploads(datetime.now(UTC)) == []
    today = datetime.now(UTC).date()
    days = [(today - timedelta(days=number)).isoformat() for number in (1, 0)]
    assert sorted(asked) == [f"{day}#{digit}" for day in days for digit in "0123456789abcdef"]


@pytest.mark.parametrize(
    ("facts", "with_letter", "what", "command"),
    [
        ({"state": "COMPLETED", "rows": 10, "invalid": 1}, False, "is done: 10 rows, 1 invalid. The rows", None),
        ({"state": "COMPLETED", "rows": 10, "invalid": 0}, True, "is done: 10 rows, 0 invalid", None),
        ({"state": "FAILED", "reason": "too few"}, False, "its sender was told: too few", None),
        ({"state": "FAILED"}, True, "dead-lettered by data-transformer (TransientError)", "csv-upload --queue work"),
        ({"state": "TRANSFORMING"}, False, "is in progress: TRANSFORMING", None),
        ({"state": "TRANSFORMING", "updated_at": "2026-01-01T00:00:00.000Z"}, False, "stopped at TRANSFORMING", None),
        ({}, False, "nothing is recorded", None),
    ],
)  # fmt: skip
def test_a_trace_ends_with_what_became_of_the_upload(
    facts: dict[str, Any], with_letter: bool, what: str, command: str | None
) -> None:
    system = Described()
    system.known = known(**facts) if facts else {}
    found = Found(Subject(frozenset({UPLOAD})), [("workflow", letter(OURS))] if with_letter else [])
    [verdict] = system.verdicts(found)
    assert what in verdict.what
    assert (command is None) == (verdict.command is None)
    assert (command or "") in (verdict.command or "")


def test_a_refused_file_is_told_with_its_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    system = Described()
    monkeypatch.setattr(system, "current_key", lambda: "key")
    faults = [{"line": 1, "field": "amount", "code": "missing", "message": "is required"}]
    answer = Answer(400, {"error": "the file cannot be used", "faults": faults}, {})
    monkeypatch.setattr(system, "post", lambda *_: answer)
    with pytest.raises(Failure, match="answered 400: the file cannot be used; line 1: amount missing, is required"):
        system.upload("a.csv", b"x")


def test_a_file_for_which_the_system_is_too_small_is_not_sent() -> None:
    with pytest.raises(Failure, match="has 50,000,001 bytes"):
        Described().upload("a.csv", b"x" * 50_000_001)
