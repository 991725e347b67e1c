"""The rates of csv-upload and transaction-files are those of the same rows, and lost rows are no rate."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from functions.transaction_files.logic.processing import Counts
from tests.unit.functions.csv_upload.fakes import World
from tools.bench.csv_upload import ROUNDS, ROWS, CsvUploadBenchmark
from tools.errors import Failure
from tools.operations.rest_api import Answer


class Uploads:
    """csv-upload, without AWS: an upload is processed when it is posted. It loses `lost` rows."""

    api_keys = SimpleNamespace(current=lambda: "key")

    def __init__(self, lost: int = 0) -> None:
        self.world = World()
        self.lost = lost
        self.bodies: list[bytes] = []

    def post(self, content: bytes, key: str) -> Answer:
        assert key == "key"
        self.bodies.append(content)
        upload = self.world.upload(content)
        self.world.run(upload)
        return Answer(202, {"upload_id": upload.upload_id}, {})

    def facts(self, upload_id: str) -> dict[str, Any]:
        item = self.world.items[upload_id]
        return item | {"state": item["step"].state, "stored": item["stored"] - self.lost}


class Files:
    """transaction-files, without AWS."""

    def __init__(self) -> None:
        self.versions = SimpleNamespace(bucket="b", write=self.write)
        self.rows = 0

    def write(self, _: str, chunks: list[bytes], __: dict[str, str]) -> str:
        self.rows = b"".join(chunks).count(b"\n") - 1
        return "v"

    def work(self, _: str) -> Any:
        return SimpleNamespace(is_done=True, counts=Counts(stored=self.rows))


def test_both_get_as_many_rows_and_each_round_is_one_of_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.bench.csv_upload.ROWS", 200)
    uploads = Uploads()
    result = CsvUploadBenchmark(uploads, Files()).run()  # type: ignore[arg-type]
    assert result.keys() == {"rows", "csv-upload", "transaction-files", "ratio"}
    assert len(uploads.bodies) == ROUNDS + 1
    assert ROWS == 10_000


def test_a_lost_row_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.bench.csv_upload.ROWS", 200)
    with pytest.raises(Failure, match="'stored': 99"):
        CsvUploadBenchmark(Uploads(lost=1), Files()).run()  # type: ignore[arg-type]
