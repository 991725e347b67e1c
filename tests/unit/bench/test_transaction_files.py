"""The benchmark of transaction files measures what it says, and reports nothing when rows are lost."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest

from functions.transaction_files.logic.processing import Counts
from tools.bench import cli
from tools.bench.files_worker import peak_bytes
from tools.bench.generated_files import FORMATS, GeneratedFile
from tools.bench.naive_files import NaiveProcessor
from tools.bench.transaction_files import CONTESTANTS, Result, TransactionFilesBenchmark, rates
from tools.emulator.control import Emulator
from tools.errors import Failure
from tools.operations.transaction_files import Work


@pytest.fixture
def benchmark() -> TransactionFilesBenchmark:
    system: Any = None  # only wall times are those of a deployed system
    return TransactionFilesBenchmark(system, Emulator(port=1, pid=1, started=""))


def test_a_measurement_is_a_process_of_its_own(benchmark: TransactionFilesBenchmark) -> None:
    held = bytearray(300 * 10**6)  # of this process, which the other one does not have
    result = benchmark.measure("parse-ours", format="csv", rows=2000)
    assert result.rows == 2000
    assert 0 < result.processor_s < 10
    assert 10 * 10**6 < result.peak_bytes < len(held) < peak_bytes()


def test_a_measurement_that_fails_says_why(benchmark: TransactionFilesBenchmark) -> None:
    with pytest.raises(Failure, match="parse-ours failed: KeyError: 'parquet'"):
        benchmark.measure("parse-ours", format="parquet", rows=1)


def test_rows_that_are_lost_are_no_result(
    benchmark: TransactionFilesBenchmark, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = type("Done", (), {"returncode": 0, "stdout": '{"rows": 9, "processor_s": 1, "peak_bytes": 1}'})
    monkeypatch.setattr("tools.bench.transaction_files.subprocess.run", lambda *_, **__: done)
    with pytest.raises(Failure, match="9 of 10 rows"):
        benchmark.measure("parse-ours", format="csv", rows=10)


def test_one_disturbed_round_does_not_decide_the_ratio() -> None:
    def round_(ours_s: float) -> dict[str, dict[str, Result]]:
        both = {"ours": Result(1000, ours_s, 1), "naive": Result(100, 2.0, 1)}
        return dict.fromkeys(FORMATS, both)

    assert rates(iter([round_(1.0), round_(1.0), round_(50.0)])) == {
        format_: {"ours": 1000, "naive": 50, "ratio": 20.0} for format_ in FORMATS
    }


@dataclass
class Services:
    """An object in S3, and the items that were put into a table."""

    content: bytes
    items: list[dict[str, Any]] = field(default_factory=list)

    def get_object(self, **_: str) -> dict[str, Any]:
        return {"Body": io.BytesIO(self.content)}

    def put_item(self, **arguments: Any) -> None:
        self.items.append(arguments["Item"])


@pytest.mark.parametrize("format_", FORMATS)
def test_the_naive_processor_stores_what_the_schema_allows(format_: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content = GeneratedFile(format_, "00000000", 3).content().replace(b"EUR", b"eur", 1)
    services = Services(content)
    monkeypatch.setattr(boto3, "client", lambda _: services)
    assert NaiveProcessor("bucket", "table").process(format_, "key") == 2
    assert [item["amount"] for item in services.items] == [{"N": "1001.25"}, {"N": "1002.25"}]
    assert services.items[0]["timestamp"] == {"N": "1772360130000"}


@dataclass
class System:
    """Stores the rows of a file the second time it is asked; `lost` fewer than there are."""

    lost: int = 0
    bucket: str = "uploads"
    written: list[bytes] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    asked: int = 0

    @property
    def versions(self) -> System:
        return self

    def write(self, _key: str, chunks: Iterator[bytes], _more: object) -> str:
        self.written.append(b"".join(chunks))
        return f"v{len(self.written)}"

    def work(self, file: str) -> Work:
        self.asked += 1
        data = self.written[-1]
        rows = (gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data).count(b"\n") - 1
        return Work(file, 1, Counts(stored=rows - self.lost), is_done=self.asked % 2 == 0)

    def client(self, _: str) -> System:
        return self

    def delete_object(self, *, Bucket: str, Key: str, VersionId: str) -> None:  # noqa: N803
        self.removed.append(VersionId)


def walls(system: System, monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    monkeypatch.setattr("tools.bench.transaction_files.WALL_BYTES", 50_000)
    deployed: Any = system
    return TransactionFilesBenchmark(deployed, Emulator(port=1, pid=1, started="")).walls()


def test_a_large_file_is_sent_once_for_one_function_and_once_for_many(monkeypatch: pytest.MonkeyPatch) -> None:
    system = System()
    assert list(walls(system, monkeypatch)) == ["one function", "many functions"]
    assert [data[:2] for data in system.written] == [b"\x1f\x8b", b"tr"]
    assert system.removed == ["v1", "v2"]


def test_a_large_file_of_which_rows_are_lost_is_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Failure, match=r"of 46 rows in .*\.csv, 45 are stored"):
        walls(System(lost=1), monkeypatch)


def result(**changes: float) -> dict[str, Any]:
    measured = {"parse": 12.0, "whole": 31.0, "1 MB": 50.0, "100 MB": 52.0, "1 GB": 55.0, **changes}
    return {
        **{
            part: {format_: {**dict.fromkeys(CONTESTANTS, 1), "ratio": measured[part]} for format_ in FORMATS}
            for part in ("parse", "whole")
        },
        "peak_mb": {format_: {size: measured[size] for size in ("1 MB", "100 MB", "1 GB")} for format_ in FORMATS},
    }


@pytest.mark.parametrize(
    ("changes", "missed"),
    [
        ({}, []),
        ({"parse": 9.9}, [0]),
        ({"whole": 29.9}, [1]),
        ({"1 GB": 61.0}, [2]),
        ({"1 MB": 190.0, "1 GB": 201.0}, [3]),
    ],
)
def test_a_goal_that_is_missed_is_told(
    changes: dict[str, float], missed: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    reached = cli.goals_of_transaction_files(result(**changes))
    assert [number for number, each in enumerate(reached) if not each] == missed
    assert capsys.readouterr().out.count("MISSED") == len(missed)
