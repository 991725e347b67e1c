"""Transaction files: clean, faulty, compressed, truncated, twice, in conflict, and a large one."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from functions.transaction_files.logic.processing import Counts
from functions.transaction_files.logic.reports import Classification
from tools.demo.account import Latency, Outcome
from tools.demo.files import File, Files
from tools.demo.progress import say
from tools.operations.transaction_files import TransactionFiles
from tools.waiting import until_settled

ALONE: Final = 5
ROWS_ALONE: Final = 10
ROWS: Final = 1_000
LARGE: Final = 100_000
# So much text in each row makes the large file one that is cut into segments.
TEXT_OF_LARGE: Final = "a row of a large file, " * 11

# How the outcomes of all systems name what becomes of rows.
NAMES: Final = {
    "stored": Outcome.PROCESSED,
    "present": Outcome.DUPLICATE,
    "conflicts": Outcome.CONFLICT,
    "rejected": Outcome.REJECTED,
}


@dataclass
class Back:
    """The back of the system: what became of the rows of each file, by the tables.

    A row is stored where a transaction names it as its origin, and rejected or in conflict where an error does.
    """

    rows: dict[str, Counter[str]] = field(default_factory=dict)

    def confirmed(self, file: str, expected: Counts) -> dict[str, int]:
        """How many rows became what they had to become."""
        found = self.rows.get(file, Counter())
        return {name: min(number, found[name]) for name, number in msgspec.structs.asdict(expected).items()}

    def unaccounted(self, file: str, expected: Counts) -> int:
        return expected.total - sum(self.confirmed(file, expected).values())


class TransactionFilesDemonstration:
    """Sends files, and finds out from the back end of the system what became of each of their rows."""

    def __init__(self, system: TransactionFiles, folder: Path) -> None:
        now = datetime.now(UTC)
        self._system = system
        self._folder = folder
        self._make = Files(f"{int(now.timestamp()):x}", now)
        self._sent: dict[str, Counts] = {}

    def run(self) -> dict[str, Any]:
        """Send everything. Returns {"sent": n, "processed": n, ..., "latency_ms": {...}, "large_file": {...}}."""
        say("warming up: one file")
        self._send_and_await(self._make.clean("warm-up", ROWS_ALONE))
        say(f"{ALONE} files of {ROWS_ALONE} rows one by one")
        alone = [self._send_and_await(self._make.clean(f"alone-{n}", ROWS_ALONE)) * 1000 for n in range(ALONE)]
        say(f"{ROWS} rows of CSV; gzip; the three shapes of JSON; dirty, truncated and unreadable files")
        clean = self._make.clean("clean", ROWS)
        first, second = self._make.conflicting(50)
        self._send(
            [
                clean,
                first,
                self._make.dirty(),
                self._make.compressed(ROWS),
                *self._make.json(200),
                *self._make.truncated(50),
                *self._make.unreadable(),
            ]
        )
        self._await()
        say("the first file once more, and a file with other amounts under the ids of another")
        self._send([self._make.again(clean), second])
        say(f"{LARGE:,} rows in one file, which is cut into segments")
        took = self._send_and_await(self._make.clean("large", LARGE, TEXT_OF_LARGE))
        say(f"  they took {took:.0f} s: {LARGE / took:,.0f} rows a second")
        say("waiting until every row is accounted for")
        back = self._look(until_settled(self._reports, self._has_all_reports, lambda found: found.total()))
        confirmed = Counter[str]()
        for file, expected in self._sent.items():
            confirmed.update(back.confirmed(file, expected))
        sent = sum(expected.total for expected in self._sent.values())
        outcomes = dict.fromkeys(Outcome, 0) | {outcome: confirmed[name] for name, outcome in NAMES.items()}
        outcomes[Outcome.UNACCOUNTED] = sent - confirmed.total()
        return {
            "sent": sent,
            **{outcome.value: number for outcome, number in outcomes.items()},
            "latency_ms": Latency(alone, []).report(),
            "large_file": {"rows": LARGE, "seconds": round(took, 1)},
        }

    def unaccounted(self) -> list[str]:
        """The files with rows that did not become what they had to become, a line each."""
        back = self._look(self._reports())
        return [
            f"{missing} rows of {file}: expected {expected}, found {dict(back.rows[file])}"
            for file, expected in self._sent.items()
            if (missing := back.unaccounted(file, expected))
        ]

    def _send(self, files: Iterable[File]) -> list[str]:
        self._folder.mkdir(parents=True, exist_ok=True)
        names = []
        for file in files:
            path = self._folder / file.name
            path.write_bytes(file.content)
            name = self._system.upload(path)
            self._sent[name] = file.expected
            names.append(name)
        return names

    def _send_and_await(self, file: File) -> float:
        """Seconds from sending a file until all of it was worked off."""
        began = time.monotonic()
        [name] = self._send([file])
        self._await(name)
        return time.monotonic() - began

    def _await(self, *names: str) -> None:
        """Wait until files, all by default, are worked off, or nothing has changed for a long time."""

        def look() -> tuple[int, int]:
            works = [self._system.work(name) for name in names or self._sent]
            return sum(not work.is_done for work in works), sum(work.segments for work in works)

        until_settled(look, lambda seen: not seen[0], lambda seen: seen[1])

    def _reports(self) -> Counter[tuple[str, str]]:
        """How many errors there are by file and classification."""
        return Counter(
            (item["file"], item["classification"]) for item in self._system.errors() if item.get("file") in self._sent
        )

    def _has_all_reports(self, found: Counter[tuple[str, str]]) -> bool:
        return found.total() >= sum(expected.conflicts + expected.rejected for expected in self._sent.values())

    def _look(self, reports: Counter[tuple[str, str]]) -> Back:
        stored = Counter(origin.rpartition("#")[0] for origin in self._system.origins())
        back = Back()
        for file in self._sent:
            back.rows[file] = Counter(
                stored=stored[file],
                present=self._system.work(file).counts.present,
                conflicts=reports[file, Classification.CONFLICT],
                rejected=reports[file, Classification.REJECTED] + reports[file, Classification.UNREADABLE],
            )
        return back
