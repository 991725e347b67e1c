"""A person on call sends files, sees what became of them, and sends again what could not be processed."""

from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from functions.common.records.batches import Position
from functions.common.records.formats import Format, Opening
from functions.transaction_files.aws.error_table import ErrorTable
from functions.transaction_files.logic.letters import Letter, read_letter
from functions.transaction_files.logic.segments import Segment, Source
from tests.emulator.operations.conftest import Bare
from tools.errors import Failure
from tools.operations.queues import look
from tools.operations.trace import trace

HEADER = b"transaction_id,timestamp,amount,currency,account_id,type\n"
ROW = b"T-%d,2026-03-01T10:15:30Z,%d,EUR,A,debit\n"
NOW = datetime.now(UTC)


def segment(system: Bare) -> Segment:
    source = Source(system.bucket, "a.csv", "v1", 10, 1_800_000_000_000)
    return Segment(source, Opening(Format.CSV, Position(5, 2), ("a",)), Position(7, 3))


def fail(system: Bare, body: bytes | str, at: datetime) -> None:
    """What the function of the dead letters does with one."""
    text = body.decode() if isinstance(body, bytes) else body
    errors = ErrorTable(system.client("dynamodb"), system.table_name("errors"), "release")
    for error in read_letter(Letter("id", text, at, at, 3), at):
        errors.put(error)


def event(system: Bare, key: str, version: str) -> str:
    record = {
        "eventTime": "2026-03-01T10:15:30.000Z",
        "s3": {"bucket": {"name": system.bucket}, "object": {"key": key, "versionId": version}},
    }
    return msgspec.json.encode({"Records": [record]}).decode()


@pytest.mark.parametrize(
    ("name", "content", "key", "encoding"),
    [
        ("a.csv", HEADER, "a.csv", None),
        ("a.json", b"[]", "a.json", None),
        ("a.csv.gz", gzip.compress(HEADER, mtime=0), "a.csv", "gzip"),
        ("a.csv", gzip.compress(HEADER, mtime=0), "a.csv", "gzip"),
    ],
    ids=["csv", "json", "gzip by its name", "gzip by its content"],
)
def test_a_file_is_sent_under_its_name_and_gzip_as_what_it_is(
    system: Bare, tmp_path: Path, name: str, content: bytes, key: str, encoding: str | None
) -> None:
    (tmp_path / name).write_bytes(content)
    file = system.upload(tmp_path / name)
    sent = system.client("s3").get_object(Bucket=system.bucket, Key=key)
    assert file == f"{system.bucket}/{key}@{sent['VersionId']}"
    assert (sent["Body"].read(), sent.get("ContentEncoding")) == (content, encoding)


@pytest.mark.parametrize("name", ["a.txt", "a.CSV", "a.csv.gz", "missing.csv"])
def test_a_file_that_nobody_would_look_at_is_not_sent(system: Bare, tmp_path: Path, name: str) -> None:
    if name != "missing.csv":
        (tmp_path / name).write_bytes(b"no gzip")
    with pytest.raises(Failure):
        system.upload(tmp_path / name)
    assert not system.versions.by_key()


def test_status_tells_of_each_file_how_far_it_is_and_what_became_of_its_records(system: Bare) -> None:
    done = system.send("done.csv", HEADER + ROW % (1, 1) + ROW % (2, 2) + b"wrong\n")
    again = system.send("again.csv", HEADER + ROW % (1, 1) + ROW % (2, 3))
    waits = system.send("waits.csv", HEADER, work=False)
    system.send("erased.csv", HEADER, work=False, Metadata={"erasure": "run"})
    lines = list(system.status(NOW - timedelta(minutes=1)))
    cells = {line.split()[0]: line.split()[1:] for line in lines}
    assert lines[0] == "files uploaded: 4 (2 done, 1 not begun, 1 of an erasure)"
    assert cells[done] == ["done", "1", "2", "0", "0", "1"]
    assert cells[again] == ["done", "1", "0", "1", "1", "0"]
    assert cells[waits][:2] == ["not", "begun"]
    assert lines[-1] == "errors of these files: 1 conflict, 1 rejected"
    assert "main: 0 wait, 0 are in work" in lines
    assert next(system.status(NOW + timedelta(days=1))) == "files uploaded: 0 (none)"


def test_a_segment_goes_to_the_main_queue_again_once_and_again_when_it_fails_later(system: Bare) -> None:
    body = msgspec.json.encode(segment(system))
    fail(system, body, datetime.now(UTC))
    assert system.not_processed("another") == []
    assert system.redrive(system.not_processed("not_processed")) == {"segment": 1}
    main = system.service["queues"]["main"]["url"]
    assert [message.text for message in look(system.client("sqs"), [main])] == [body.decode()]
    assert system.redrive(system.not_processed()) == {}
    fail(system, body, datetime.now(UTC) + timedelta(seconds=1))
    assert [item["number"] for item in system.not_processed()] == [3]


def test_a_file_goes_to_the_processor_again_as_the_event_that_it_was(system: Bare) -> None:
    original = event(system, "b.csv", "v2")
    fail(system, original, datetime.now(UTC))
    functions = system.client("lambda")
    with Stubber(functions) as stub:
        answer = {"StatusCode": 202, "Payload": StreamingBody(io.BytesIO(b""), 0)}
        expected = {
            "FunctionName": system.service["functions"]["processor"]["name"],
            "InvocationType": "Event",
            "Payload": original,
        }
        stub.add_response("invoke", answer, expected)
        assert system.redrive(system.not_processed()) == {"file": 1}
    assert system.not_processed() == []


def test_what_can_never_pass_is_not_sent_again(system: Bare) -> None:
    system.send("a.csv", HEADER + b"wrong\n")
    system.send("b.csv", b"")
    fail(system, "no message of this system", datetime.now(UTC))
    assert {item["classification"] for item in system.errors()} == {"rejected", "unreadable", "unknown"}
    assert system.not_processed() == []


def told(system: Bare, identifier: str) -> tuple[list[str], list[str], str | None]:
    """Places, verdicts, and the next command of a trace."""
    found = trace(system, identifier, None)
    places = [entry.where for entry in sorted(found.entries, key=lambda entry: entry.at)]
    command = next((verdict.command for verdict in found.verdicts if verdict.command), None)
    return sorted(places), [verdict.what for verdict in found.verdicts], command


def test_a_file_is_found_by_its_key_and_by_its_name_in_the_tables(system: Bare) -> None:
    file = system.send("in/a@b.csv", HEADER + ROW % (1, 1) + b"wrong\n")
    for identifier in ("in/a@b.csv", file, f"s3://{system.bucket}/in/a@b.csv"):
        places, verdicts, command = told(system, identifier)
        assert places == ["bucket", "errors", "files"]
        assert verdicts == [f"{file} is done: 1 stored, 0 present, 0 conflicts, 1 rejected (1 too_few_cells)"]
        assert command is None


def test_a_record_is_found_by_its_transaction_and_by_its_error(system: Bare) -> None:
    first = system.send("a.csv", HEADER + ROW % (1, 1))
    second = system.send("b.csv", HEADER + ROW % (1, 2))
    places, [verdict], _ = told(system, "T-1")
    assert {"transactions", "errors"} <= set(places)
    assert verdict == f"T-1 is stored, from {first}#2; 1 conflict reported under it: see above for where and why"
    [error] = system.errors_of(second)
    places, [verdict], _ = told(system, error["error_id"])
    assert "errors" in places
    assert "1 conflict" in verdict


def test_what_could_not_be_processed_is_told_with_the_command_that_sends_it_again(system: Bare) -> None:
    file = system.send("b.csv", HEADER, work=False)
    fail(system, event(system, "b.csv", file.rpartition("@")[2]), datetime.now(UTC))
    _, [verdict], command = told(system, "b.csv")
    assert "could not be processed" in verdict
    assert command == "tools/pipelines system redrive transaction-files --env dev"


def test_the_state_of_a_file_is_told_before_it_is_done(system: Bare) -> None:
    system.send("a.csv", HEADER, work=False)
    system.send("a.txt", HEADER, work=False)
    system.send("a.json", b"[]", work=False, Metadata={"erasure": "run"})
    assert "no part of it is worked off yet" in told(system, "a.csv")[1][0]
    assert "is not looked at" in told(system, "a.txt")[1][0]
    assert "was written by an erasure" in told(system, "a.json")[1][0]
    assert trace(system, "b.csv", None).verdicts == []


def test_a_large_file_is_sent_in_parts(system: Bare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.operations.object_versions.PART_BYTES", 5 * 1024 * 1024)
    content = b"".join(ROW % (number, number) for number in range(300_000))
    (tmp_path / "a.csv").write_bytes(content)
    file = system.upload(tmp_path / "a.csv")
    [version] = system.versions.of_key("a.csv")
    assert version.file == file
    assert b"".join(system.versions.content(version, "")(0)) == content
