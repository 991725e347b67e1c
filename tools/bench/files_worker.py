"""One measurement of the benchmark of transaction files, in a process of its own, as a function has one.

`python -m tools.bench.files_worker parse-ours '{"format": "csv", "rows": 20000}'`: the last line of its output is
`{"rows": n, "processor_s": x, "peak_bytes": n}`.
"""

from __future__ import annotations

import json
import resource
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, cast

from botocore.awsrequest import AWSRequest, AWSResponse, HeadersDict

from functions.common.aws.batch_table import BatchTable
from functions.common.aws.clients import client
from functions.common.aws.objects import CHUNK_BYTES
from functions.common.records.formats import Opening, open_file, read
from functions.transaction_files.aws.transaction_table import TransactionTable
from functions.transaction_files.logic.processing import ARRAY, Finished, Work
from functions.transaction_files.logic.reports import Report
from functions.transaction_files.logic.segments import Segment
from functions.transaction_files.logic.transactions import REQUIRED, Transactions
from tools.bench.generated_files import LONG_DESCRIPTION, GeneratedFile
from tools.bench.naive_files import NaiveProcessor, valid_rows

_STATUS: Final = Path("/proc/self/status")


# What is measured; what it needs is made before.
Run = Callable[[], int]


def parse_ours(*, format: str, rows: int) -> Run:
    file = GeneratedFile(format, _new_run(), rows)
    data = file.content()

    def chunks(start: int) -> Iterator[bytes]:
        return (data[at : at + CHUNK_BYTES] for at in range(start, len(data), CHUNK_BYTES))

    def run() -> int:
        opening = cast(Opening, open_file(file.name, chunks(0), REQUIRED, ARRAY))
        batches = read(opening, chunks(opening.start.offset), opening.start, Transactions())
        return sum(len(batch.records) for batch in batches)

    return run


def parse_naive(*, format: str, rows: int) -> Run:
    data = GeneratedFile(format, _new_run(), rows).content()
    return lambda: sum(1 for _ in valid_rows(format, data))


def whole_ours(*, bucket: str, rows: int, objects: Sequence[tuple[str, str]]) -> Run:
    """The function's handler, as Lambda calls it for an object that arrived: for the second one, as the first warms it
    up. `objects` are keys and versions.
    """
    # Imported where it is needed: its module reads the environment of the function.
    from functions.transaction_files.processor_function import handler

    context: Any = SimpleNamespace(
        function_name="bench",
        memory_limit_in_mb=512,
        invoked_function_arn="arn:aws:lambda:eu-central-1:000000000000:function:bench",
        aws_request_id="bench",
        get_remaining_time_in_millis=lambda: 300_000,
    )
    warm_up, event = (_arrival(bucket, *arrived) for arrived in objects)
    handler(warm_up, context)

    def run() -> int:
        handler(event, context)
        return rows

    return run


def _arrival(bucket: str, key: str, version: str) -> dict[str, Any]:
    content = {"bucket": {"name": bucket}, "object": {"key": key, "versionId": version}}
    return {"Records": [{"eventTime": "2026-03-01T10:15:30.000Z", "s3": content}]}


def whole_naive(*, format: str, bucket: str, table: str, objects: Sequence[tuple[str, str]]) -> Run:
    processor = NaiveProcessor(bucket, table)
    (warm_up, _), (key, _) = objects
    processor.process(format, warm_up)
    return lambda: processor.process(format, key)


@dataclass
class Held:
    """The ledger and the queues of one process, which works off all segments of a file by itself."""

    segments: list[Segment] = field(default_factory=list)
    finished: list[Finished] = field(default_factory=list)

    def has(self, _file: str, _start: int) -> bool:
        return False

    def add(self, finished: Finished) -> None:
        self.finished.append(finished)

    def report(self, reports: Sequence[Report]) -> None:
        raise AssertionError(f"{len(reports)} rows were rejected")

    def hand_on(self, segments: Sequence[Segment]) -> None:
        self.segments += segments


def memory(*, format: str, size: int) -> Run:
    """A file of a size, made as it is read, with a table that takes all and keeps nothing."""
    file = GeneratedFile.of_size(format, _new_run(), size, LONG_DESCRIPTION)
    dynamodb = client("dynamodb", "eu-central-1")
    dynamodb.meta.events.register("before-send.dynamodb.TransactWriteItems", _taken)  # type: ignore[arg-type]
    held = Held()
    table = TransactionTable(BatchTable(dynamodb, "transactions", "transaction_id"))
    work = Work(file, held, table, held, lambda: False)

    def run() -> int:
        work.file(file.source)
        while held.segments:
            work.segment(held.segments.pop())
        return sum(finished.counts.stored for finished in held.finished)

    return run


class _Body(BytesIO):
    def stream(self) -> Iterator[bytes]:
        yield self.read()


def _taken(request: AWSRequest, **_: object) -> AWSResponse:
    return AWSResponse(request.url, 200, HeadersDict({}), _Body(b"{}"))  # type: ignore[arg-type]


def _new_run() -> str:
    return uuid.uuid4().hex[:8]


def peak_bytes() -> int:
    """The most memory that this process has had. Linux says it of the program that runs; what `getrusage` says may be
    that of the process that started it.
    """
    if _STATUS.exists():
        fields = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
        return int(fields["VmHWM"].split()[0]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


TASKS: Final[dict[str, Callable[..., Run]]] = {
    "memory": memory,
    "parse-naive": parse_naive,
    "parse-ours": parse_ours,
    "whole-naive": whole_naive,
    "whole-ours": whole_ours,
}


def main(task: str, arguments: str) -> None:
    run = TASKS[task](**json.loads(arguments))
    started = time.process_time()
    rows = run()
    took = time.process_time() - started
    print(json.dumps({"rows": rows, "processor_s": took, "peak_bytes": peak_bytes()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
