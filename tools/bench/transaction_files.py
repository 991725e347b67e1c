"""What a row of a transaction file costs, beside a processor as most are written; and how much memory a file takes.

Each measurement is a process of its own, as a function has one, and counts its processor time alone. Contestants take
turns, so that what else the machine does meets both.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from tools.bench.generated_files import FORMATS, LONG_DESCRIPTION, GeneratedFile
from tools.demo.progress import say
from tools.emulator.control import Emulator
from tools.errors import Failure
from tools.operations.object_versions import compressed
from tools.operations.transaction_files import TransactionFiles, Work
from tools.project import ROOT
from tools.waiting import until

REGION: Final = "eu-central-1"
CONTESTANTS: Final = ("ours", "naive")
ROUNDS: Final = 3
# So many that each takes about as long: half a second of processor time.
PARSED_ROWS: Final = {"ours": 50_000, "naive": 3_000}
STORED_ROWS: Final = {"ours": 10_000, "naive": 400}
WARM_UP_ROWS: Final = 100
MEMORY_SIZES: Final = {"1 MB": 10**6, "100 MB": 10**8, "1 GB": 10**9}

WALL_BYTES: Final = 10**8
WALL_WITHIN_S: Final = 900.0

_MEGABYTE: Final = 10**6


@dataclass(frozen=True)
class Result:
    rows: int
    processor_s: float
    peak_bytes: int

    @property
    def rate(self) -> float:
        """Rows a second of processor time."""
        return self.rows / self.processor_s


class TransactionFilesBenchmark:
    def __init__(self, system: TransactionFiles, emulator: Emulator) -> None:
        self._system = system
        self._emulator = emulator

    def run(self) -> dict[str, Any]:
        """Returns {"parse": {format: {"ours": rows a second, "naive": x, "ratio": y}}, "whole": the same,
        "peak_mb": {format: {size: megabytes}}, "wall_s": {"one function": seconds, "many functions": seconds}}; a ratio
        is the median of the rounds.

        Raises Failure when rows are lost.
        """
        parsed = rates(self._parse_round() for _ in _rounds("parse and validate"))
        with self._stores() as stores:
            whole = rates(self._whole_round(stores) for _ in _rounds("from S3 to DynamoDB"))
        return {"parse": parsed, "whole": whole, "peak_mb": self._peaks(), "wall_s": self.walls()}

    def _parse_round(self) -> dict[str, dict[str, Result]]:
        return {
            format_: {
                name: self.measure(f"parse-{name}", format=format_, rows=PARSED_ROWS[name]) for name in CONTESTANTS
            }
            for format_ in FORMATS
        }

    def _whole_round(self, stores: Stores) -> dict[str, dict[str, Result]]:
        results: dict[str, dict[str, Result]] = {}
        for format_ in FORMATS:
            results[format_] = {}
            for name in CONTESTANTS:
                rows = STORED_ROWS[name]
                objects = [stores.upload(format_, number) for number in (WARM_UP_ROWS, rows)]
                arguments = {"rows": rows} if name == "ours" else {"format": format_, "table": stores.table}
                before = stores.rows()
                results[format_][name] = self.measure(
                    f"whole-{name}", stores.variables, bucket=stores.bucket, objects=objects, **arguments
                )
                if (stored := stores.rows() - before) != WARM_UP_ROWS + rows:
                    raise _lost(f"{stored} of {WARM_UP_ROWS + rows} rows were stored by {name} from {format_}")
        return results

    def _peaks(self) -> dict[str, dict[str, float]]:
        peaks: dict[str, dict[str, float]] = defaultdict(dict)
        for size, size_bytes in MEMORY_SIZES.items():
            for format_ in FORMATS:
                say(f"memory: {size} of {format_}")
                result = self.measure("memory", format=format_, size=size_bytes)
                peaks[format_][size] = round(result.peak_bytes / _MEGABYTE, 1)
        return dict(peaks)

    def walls(self) -> dict[str, float]:
        """How long the deployed system takes for a large file, from its arrival to its last row, in seconds. As gzip it
        cannot be cut, so that one function reads it. The rows stay in the table.
        """
        walls = {}
        for functions, is_gzip in (("one function", True), ("many functions", False)):
            say(f"a file of {WALL_BYTES // _MEGABYTE} MB: {functions}")
            file = GeneratedFile.of_size("csv", uuid.uuid4().hex[:8], WALL_BYTES, LONG_DESCRIPTION)
            chunks = file.chunks(file.source, 0, None)
            versions = self._system.versions
            version = versions.write(file.name, compressed(chunks) if is_gzip else chunks, {"ContentType": "text/csv"})
            arrived = time.perf_counter()
            work = until(partial(self._done, f"{versions.bucket}/{file.name}@{version}"), WALL_WITHIN_S)
            walls[functions] = round(time.perf_counter() - arrived, 1)
            if work is None or work.counts.stored != file.rows:
                raise _lost(
                    f"of {file.rows} rows in {file.name}, {work.counts.stored if work else 'not all'} are stored"
                )
            self._system.client("s3").delete_object(Bucket=versions.bucket, Key=file.name, VersionId=version)
        return walls

    def _done(self, file: str) -> Work | None:
        work = self._system.work(file)
        return work if work.is_done else None

    def measure(self, task: str, variables: Mapping[str, str] | None = None, **arguments: Any) -> Result:
        """One measurement in a process of its own. Raises Failure if it did not come to as many rows as it had."""
        environment = self._emulator.environment(region=REGION) | dict(variables or {})
        command = [sys.executable, "-E", "-m", "tools.bench.files_worker", task, json.dumps(arguments)]
        done = subprocess.run(command, capture_output=True, check=False, cwd=ROOT, env=environment, text=True)
        if done.returncode:
            raise _lost(f"{task} failed: {done.stderr.strip().splitlines()[-1]}")
        result = Result(**json.loads(done.stdout.splitlines()[-1]))
        if result.rows != arguments.get("rows", result.rows):
            raise _lost(f"{task} came to {result.rows} of {arguments['rows']} rows")
        return result

    @contextmanager
    def _stores(self) -> Iterator[Stores]:
        """A bucket and tables as those of the system, which go with the block."""
        name = f"bench-{uuid.uuid4().hex[:8]}"
        s3, dynamodb = (self._emulator.client(service, region=REGION) for service in ("s3", "dynamodb"))
        with ExitStack() as cleaning:
            s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
            cleaning.callback(s3.delete_bucket, Bucket=name)
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
            tables = {"transactions": ("transaction_id", "timestamp"), "files": ("file", "start")}
            for table, (partition, sort) in tables.items():
                dynamodb.create_table(
                    TableName=f"{name}-{table}",
                    BillingMode="PAY_PER_REQUEST",
                    KeySchema=[
                        {"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"},
                    ],
                    AttributeDefinitions=[
                        {"AttributeName": partition, "AttributeType": "S"},
                        {"AttributeName": sort, "AttributeType": "N"},
                    ],
                )  # fmt: skip
                cleaning.callback(dynamodb.delete_table, TableName=f"{name}-{table}")
            cleaning.callback(_empty, s3, name)
            yield Stores(s3, dynamodb, name)


@dataclass(frozen=True)
class Stores:
    s3: Any
    dynamodb: Any
    bucket: str

    @property
    def table(self) -> str:
        return f"{self.bucket}-transactions"

    @property
    def variables(self) -> dict[str, str]:
        """The environment of the processor. What is right in all rows sends no messages, so there are no queues."""
        return {
            "DEAD_LETTER_QUEUE_URL": f"{self.bucket}-dead-letters",
            "FILES_TABLE": f"{self.bucket}-files",
            "LOG_LEVEL": "INFO",
            "MAIN_QUEUE_URL": f"{self.bucket}-main",
            "POWERTOOLS_METRICS_NAMESPACE": "bench",
            "POWERTOOLS_SERVICE_NAME": "bench",
            "POWERTOOLS_TRACE_DISABLED": "true",
            "REGION": REGION,
            "RELEASE": "bench",
            "TRANSACTIONS_TABLE": self.table,
        }

    def upload(self, format_: str, rows: int) -> tuple[str, str]:
        """A file of so many rows, as its key and version."""
        file = GeneratedFile(format_, uuid.uuid4().hex[:8], rows)
        put = self.s3.put_object(Bucket=self.bucket, Key=file.name, Body=file.content())
        return file.name, put["VersionId"]

    def rows(self) -> int:
        return int(self.dynamodb.describe_table(TableName=self.table)["Table"]["ItemCount"])


def _empty(s3: Any, bucket: str) -> None:
    for version in s3.list_object_versions(Bucket=bucket).get("Versions", []):
        s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])


def _rounds(what: str) -> Iterator[int]:
    for number in range(1, ROUNDS + 1):
        yield number
        say(f"{what}: round {number} of {ROUNDS}")


def rates(rounds: Iterator[dict[str, dict[str, Result]]]) -> dict[str, dict[str, float]]:
    """The medians of all rounds, by format."""
    done = list(rounds)
    return {
        format_: {
            **{name: round(statistics.median(each[format_][name].rate for each in done)) for name in CONTESTANTS},
            "ratio": round(
                statistics.median(each[format_]["ours"].rate / each[format_]["naive"].rate for each in done), 1
            ),
        }
        for format_ in FORMATS
    }


def _lost(problem: str) -> Failure:
    return Failure(problem, where="pipelines project bench", do="run `make test`, then `make bench` again")
