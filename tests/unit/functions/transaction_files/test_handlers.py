"""The two handlers, with the services replaced."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from itertools import count
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from functions.common.errors import TransientError
from functions.common.messages import as_message
from functions.common.settings import SettingError
from functions.transaction_files.logic.arrivals import Arrival
from functions.transaction_files.logic.letters import Error
from functions.transaction_files.logic.segments import Source
from tests.unit.functions.transaction_files.fakes import Invocation, World, stored
from tests.unit.functions.transaction_files.test_processing import RECORDS, csv_file

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "DEAD_LETTER_QUEUE_URL": "https://queues/dlq",
    "ERRORS_TABLE": "errors",
    "FILES_TABLE": "files",
    "LOG_LEVEL": "INFO",
    "MAIN_QUEUE_URL": "https://queues/main",
    "POWERTOOLS_METRICS_NAMESPACE": "TransactionFiles",
    "POWERTOOLS_TRACE_DISABLED": "true",
    "REGION": "eu-central-1",
    "RELEASE": "release-1",
    "TRANSACTIONS_TABLE": "transactions",
}
SERVICES = count()
CONTEXT = SimpleNamespace(
    function_name="f",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:eu-central-1:111111111111:function:f",
    aws_request_id="r",
    get_remaining_time_in_millis=lambda: 300_000,
)
NO_TIME = SimpleNamespace(**vars(CONTEXT) | {"get_remaining_time_in_millis": lambda: 1000})


@dataclass
class Objects:
    """The object store, of files by their key."""

    world: World
    sources: dict[str, Source]
    fails: bool = False
    erased: set[str] = field(default_factory=set)

    def source(self, arrival: Arrival) -> Source | None:
        if self.fails:
            raise TransientError("reading from uploads: SlowDown")
        return None if arrival.key in self.erased else self.sources[arrival.key]

    def chunks(self, *arguments: Any) -> Iterator[bytes]:
        return Invocation(self.world).chunks(*arguments)


@pytest.fixture
def log() -> StringIO:
    return StringIO()


def load(handler: str, monkeypatch: pytest.MonkeyPatch, log: StringIO) -> ModuleType:
    """The handler's module as a cold start imports it. What it prints goes to `log`."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    # Loggers are kept by their service's name: under a new one this test has its own.
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", f"{__name__}-{next(SERVICES)}")
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    name = f"functions.transaction_files.{handler}"
    sys.modules.pop(name, None)
    with redirect_stdout(log):
        module = importlib.import_module(name)
    handle = module.handler

    def printing_to_log(*arguments: Any) -> Any:
        with redirect_stdout(log):
            return handle(*arguments)

    monkeypatch.setattr(module, "handler", printing_to_log)
    return module


@pytest.fixture
def world() -> World:
    return World({})


@pytest.fixture
def objects(world: World) -> Objects:
    source, content = stored("bank a/ä.csv", csv_file())
    world.objects[source.key] = content
    return Objects(world, {source.key: source})


@pytest.fixture
def processor(world: World, objects: Objects, log: StringIO, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = load("processor_function", monkeypatch, log)
    invocation = Invocation(world)
    monkeypatch.setattr(module, "objects", objects)
    for name in ("files", "transactions", "queues"):
        monkeypatch.setattr(module, name, invocation)
    return module


def arrival(key: str = "bank+a/%C3%A4.csv") -> dict[str, Any]:
    content = {"bucket": {"name": "uploads"}, "object": {"key": key, "versionId": "v1", "size": 1}}
    return {"Records": [{"eventSource": "aws:s3", "eventTime": "2026-03-01T10:15:30.000Z", "s3": content}]}


def messages(*bodies: str) -> dict[str, Any]:
    attributes = {
        "ApproximateReceiveCount": "1",
        "SentTimestamp": "1772360130123",
        "ApproximateFirstReceiveTimestamp": "1772360131123",
    }
    return {
        "Records": [
            {"eventSource": "aws:sqs", "messageId": f"m{index}", "body": body, "attributes": attributes}
            for index, body in enumerate(bodies)
        ]
    }


@pytest.mark.requirement("TXF-10", "TXF-12", "TXF-60")
def test_a_file_that_arrives_is_worked_off_and_counted(
    log: StringIO, processor: ModuleType, world: World, objects: Objects
) -> None:
    assert processor.handler(arrival(), CONTEXT) is None
    counts, complete = world.finished(objects.sources["bank a/ä.csv"])
    assert complete
    assert sum(counts.values()) == RECORDS
    logged = log.getvalue()
    lines = [json.loads(line) for line in logged.splitlines()]
    (line,) = [line for line in lines if line.get("message") == "worked off"]
    assert {name: line[name] for name in counts} == counts
    assert any(line.get("RecordsStored") == [counts["stored"]] for line in lines)
    # Whose transactions they are, and what they are for, is in no log.
    assert not any(word in logged for word in ("acc-1", "tx-0", "two"))


@pytest.mark.requirement("TXF-12")
def test_a_file_that_could_not_be_worked_off_comes_again_and_the_log_names_it(
    log: StringIO, processor: ModuleType, objects: Objects
) -> None:
    objects.fails = True
    with pytest.raises(TransientError):
        processor.handler(arrival(), CONTEXT)
    (line,) = [line for line in map(json.loads, log.getvalue().splitlines()) if line.get("level") == "ERROR"]
    assert (line["message"], line["file"]) == ("the file comes again", "uploads/bank a/ä.csv@v1")


@pytest.mark.requirement("TXF-61")
def test_a_file_that_an_erasure_wrote_is_left_alone(processor: ModuleType, world: World, objects: Objects) -> None:
    objects.erased = {"bank a/ä.csv"}
    assert processor.handler(arrival(), CONTEXT) is None
    assert not world.table
    assert not world.ledger


@pytest.mark.requirement("TXF-14")
def test_what_the_time_is_not_enough_for_goes_on_in_the_queue(
    processor: ModuleType, world: World, objects: Objects
) -> None:
    processor.handler(arrival(), NO_TIME)
    (segment,) = world.queue
    assert processor.handler(messages(as_message(segment)), CONTEXT) == {"batchItemFailures": []}
    counts, complete = world.finished(objects.sources["bank a/ä.csv"])
    assert complete
    assert sum(counts.values()) == RECORDS


@pytest.mark.requirement("TXF-14")
def test_a_segment_for_which_there_is_no_time_is_put_back_and_not_received_in_vain(
    processor: ModuleType, world: World
) -> None:
    processor.handler(arrival(), NO_TIME)
    (segment,) = world.queue
    stored_before = len(world.table)
    assert processor.handler(messages(as_message(segment)), NO_TIME) == {"batchItemFailures": []}
    assert world.queue == [segment, segment]
    assert len(world.table) == stored_before


@pytest.mark.requirement("TXF-16")
def test_a_batch_is_for_as_many_functions_as_it_has_segments(
    processor: ModuleType, world: World, objects: Objects
) -> None:
    world.objects["b.csv"], world.objects["c.csv"] = csv_file(), csv_file()
    for key in ("b.csv", "c.csv"):
        objects.sources[key], _ = stored(key, csv_file())
        processor.handler(arrival(key), NO_TIME)
    first, second = world.queue
    world.queue.clear()
    processor.handler(messages(*map(as_message, (first, second))), CONTEXT)
    assert world.queue == [first]
    assert world.finished(objects.sources["c.csv"])[1]
    assert not world.finished(objects.sources["b.csv"])[1]


@pytest.mark.requirement("TXF-30")
def test_a_segment_that_failed_before_is_tried_again_and_not_put_back(
    processor: ModuleType, world: World, objects: Objects
) -> None:
    processor.handler(arrival(), NO_TIME)
    (segment,) = world.queue
    event = messages(as_message(segment), "no segment")
    event["Records"][0]["attributes"] = event["Records"][0]["attributes"] | {"ApproximateReceiveCount": "2"}
    assert processor.handler(event, CONTEXT) == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert world.finished(objects.sources["bank a/ä.csv"])[1]


@pytest.mark.requirement("TXF-12")
def test_only_the_segments_that_failed_come_again(processor: ModuleType, world: World) -> None:
    processor.handler(arrival(), NO_TIME)
    (segment,) = world.queue
    answer = processor.handler(messages("no segment", as_message(segment)), CONTEXT)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m0"}]}


@pytest.mark.requirement("TXF-12")
def test_where_all_segments_fail_the_function_fails(processor: ModuleType) -> None:
    with pytest.raises(BatchProcessingError):
        processor.handler(messages("no segment"), CONTEXT)


@dataclass
class Errors:
    """The table of errors."""

    fails_for: str = ""
    items: dict[str, Error] = field(default_factory=dict)

    def put(self, error: Error) -> None:
        if error.original == self.fails_for:
            raise TransientError("writing to errors: ThrottlingException")
        self.items.setdefault(error.error_id, error)


@pytest.mark.requirement("TXF-31", "TXF-60")
def test_letters_are_kept_and_those_that_could_not_be_come_again(
    log: StringIO, processor: ModuleType, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    processor.handler(arrival(), CONTEXT)
    reports = list(world.reports.values())
    dlq_processor = load("dlq_processor_function", monkeypatch, log)
    errors = Errors(fails_for=reports[1].original)
    monkeypatch.setattr(dlq_processor, "errors", errors)
    log.seek(0)
    log.truncate()
    event = messages(*[report.encode() for report in reports], "what is this?")
    answer = dlq_processor.handler(event, CONTEXT)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert len(errors.items) == len(reports)
    errors.fails_for = ""
    assert dlq_processor.handler(event, CONTEXT) == {"batchItemFailures": []}
    assert len(errors.items) == len(reports) + 1
    logged = log.getvalue()
    assert '"kept"' in logged
    assert not any(word in logged for word in ("acc-1", "tx-0", "two", "what is this"))


@pytest.mark.requirement("TXF-10", "TXF-31")
@pytest.mark.parametrize(
    ("handler", "names"),
    [
        ("processor_function", ["TRANSACTIONS_TABLE", "FILES_TABLE", "MAIN_QUEUE_URL", "DEAD_LETTER_QUEUE_URL"]),
        ("dlq_processor_function", ["ERRORS_TABLE"]),
    ],
)
def test_a_function_without_its_environment_says_what_is_missing(
    handler: str, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in names:
        monkeypatch.setitem(ENVIRONMENT, name, "")
        with pytest.raises(SettingError, match=name):
            load(handler, monkeypatch, StringIO())
        monkeypatch.undo()
