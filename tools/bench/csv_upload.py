"""How fast rows come through csv-upload, beside transaction-files: the same rows, in turn, on the deployed systems.

csv-upload is timed from the 202 to COMPLETED, and transaction-files from the object's arrival until the file is worked
off. A file of csv-upload is read three times, and its workflow has three steps with a status before each.
"""

from __future__ import annotations

import statistics
import time
import uuid
from collections.abc import Callable
from typing import Any, Final

from functions.csv_upload.logic.status import State
from tools.bench.generated_files import GeneratedFile
from tools.demo.progress import say
from tools.errors import Failure
from tools.operations.csv_upload import CsvUpload
from tools.operations.transaction_files import TransactionFiles
from tools.waiting import until

ROWS: Final = 10_000
WARM_UP_ROWS: Final = 100
ROUNDS: Final = 3
WITHIN_S: Final = 300.0
LOOK_EVERY_S: Final = 0.05


class CsvUploadBenchmark:
    def __init__(self, system: CsvUpload, beside: TransactionFiles) -> None:
        self._system = system
        self._beside = beside

    def run(self) -> dict[str, Any]:
        """Returns {"rows": n, "csv-upload": rows a second, "transaction-files": x, "ratio": y}: medians of all rounds.

        Raises Failure when rows are lost.
        """
        key = self._system.api_keys.current() or self._system.api_keys.rotate()
        self._upload(WARM_UP_ROWS, key)
        self._store(WARM_UP_ROWS)
        rounds = []
        for number in range(1, ROUNDS + 1):
            say(f"{ROWS:,} rows: round {number} of {ROUNDS}")
            rounds.append((ROWS / self._upload(ROWS, key), ROWS / self._store(ROWS)))
        ours, others = zip(*rounds, strict=True)
        return {
            "rows": ROWS,
            "csv-upload": round(statistics.median(ours)),
            "transaction-files": round(statistics.median(others)),
            "ratio": round(statistics.median(one / other for one, other in rounds), 2),
        }

    def _upload(self, rows: int, key: str) -> float:
        content = _content(rows).replace(b"timestamp", b"date", 1)
        answer = self._system.post(content, key)
        began = time.perf_counter()
        if answer.status != 202:
            raise _lost(f"the API answered {answer.status}")
        upload_id = str(answer.body["upload_id"])

        def look() -> dict[str, Any] | None:
            facts = self._system.facts(upload_id)
            return facts if facts.get("state") in (State.COMPLETED, State.FAILED) else None

        took, facts = _timed(look, began)
        if facts is None or facts.get("stored") != rows:
            raise _lost(f"upload {upload_id}: {facts}")
        return took

    def _store(self, rows: int) -> float:
        versions, name = self._beside.versions, f"{uuid.uuid4().hex}.csv"
        version = versions.write(name, [_content(rows)], {"ContentType": "text/csv"})
        file = f"{versions.bucket}/{name}@{version}"

        def look() -> int | None:
            work = self._beside.work(file)
            return work.counts.stored if work.is_done else None

        took, stored = _timed(look, time.perf_counter())
        if stored != rows:
            raise _lost(f"{stored} of {rows} rows of {file} were stored")
        return took


def _content(rows: int) -> bytes:
    return GeneratedFile("csv", uuid.uuid4().hex[:8], rows).content()


def _timed(look: Callable[[], Any], began: float) -> tuple[float, Any]:
    """Seconds until a look sees something, and what."""
    seen = until(look, WITHIN_S, LOOK_EVERY_S)
    return time.perf_counter() - began, seen


def _lost(problem: str) -> Failure:
    return Failure(problem, where="pipelines project bench", do="run `make test`, then `make bench` again")
