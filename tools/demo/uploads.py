"""Generated uploads: files of CSV as people write them, clean and with every kind of fault.

A run's id is part of every transaction's id, so runs do not meet each other's. Everything else follows from the seed.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from functions.csv_upload.logic.status import State

COLUMNS: Final = ("transaction_id", "date", "amount", "currency", "type", "description", "counterparty")

# Ways to write a day and an amount of 1,234 and some that can mean one thing only.
_DAYS: Final = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S+01:00")
_AMOUNTS: Final = ("1{0:03}.{1:02}", "1,{0:03}.{1:02}", "1.{0:03},{1:02}", "1 {0:03}.{1:02}", "-1'{0:03},{1:02}")
# Each makes a good row a wrong one.
_FAULTS: Final[Sequence[dict[str, str]]] = (
    {"transaction_id": ""},
    {"transaction_id": "-17"},
    {"date": "03/04/2026"},
    {"date": "2026-02-30"},
    {"date": "yesterday"},
    {"amount": "1,234"},
    {"amount": "12 EUR"},
    {"amount": "1.234", "currency": "EUR"},
    {"currency": "XQX"},
    {"currency": ""},
    {"type": "17"},
    {"description": "x" * 1001},
)

Row = dict[str, str]


@dataclass(frozen=True)
class Expected:
    """What has to become of an upload and of its rows."""

    state: State = State.COMPLETED
    stored: int = 0
    present: int = 0
    conflicts: int = 0
    rejected: int = 0

    @property
    def rows(self) -> int:
        return self.stored + self.present + self.conflicts + self.rejected


@dataclass(frozen=True)
class File:
    name: str
    content: bytes
    expected: Expected


class Uploads:
    """Makes files. `run` is a short id ("3f9a"), `now` the time before which their transactions happened."""

    def __init__(self, run: str, now: datetime, seed: int = 1) -> None:
        self._run = run
        self._now = now
        self._random = random.Random(seed)  # noqa: S311 -- test data, not a secret
        self._count = 0

    def good(self, name: str, number: int, text: str = "") -> File:
        """This many rows, each with this text as well, in every way to write dates and amounts."""
        return File(name, _csv(self._row(text) for _ in range(number)), Expected(stored=number))

    def dirty(self) -> File:
        """A byte-order mark, CRLF, quoted newlines, another column; and one row of each fault."""
        good = [self._row('two\nlines, and a "word"') for _ in range(len(_FAULTS) * 12)]
        faulty = [self._row() | fault for fault in _FAULTS]
        rows = [*good, *faulty]
        self._random.shuffle(rows)
        content = _csv((row | {"branch": "7"} for row in rows), (*COLUMNS, "branch"), end="\r\n")
        return File("dirty", b"\xef\xbb\xbf" + content, Expected(stored=len(good), rejected=len(faulty)))

    def below_the_share(self) -> File:
        """So many faulty rows that none is stored."""
        rows = [self._row() for _ in range(len(_FAULTS))] + [self._row() | fault for fault in _FAULTS]
        return File("below the share of valid rows", _csv(rows), Expected(State.FAILED, rejected=len(rows)))

    def conflicting(self, number: int) -> tuple[File, File]:
        """Two files with the same ids; the amounts of the second differ."""
        rows = [self._row() | {"amount": "1.50", "currency": "EUR"} for _ in range(number)]
        others = [row | {"amount": "2.50"} for row in rows]
        return (
            File("first", _csv(rows), Expected(stored=number)),
            File("second", _csv(others), Expected(conflicts=number)),
        )

    def again(self, file: File) -> File:
        """The same file once more."""
        return File(f"{file.name} again", file.content, Expected(present=file.expected.stored))

    def _row(self, text: str = "") -> Row:
        self._count += 1
        at = self._now - timedelta(days=1, seconds=self._random.randrange(10**6))
        amount = self._random.choice(_AMOUNTS).format(self._random.randrange(1000), self._random.randrange(100))
        return {
            "transaction_id": f"{self._run}-{self._count:07d}",
            "date": at.strftime(self._random.choice(_DAYS)),
            "amount": amount,
            "currency": self._random.choice(["EUR", "usd", "Gbp"]),
            "type": self._random.choice(["credit", "Debit", ""]),
            "description": text or self._random.choice(["", "rent", "  order   17 "]),
            "counterparty": self._random.choice(["", "Example GmbH"]),
        }


def _csv(rows: Iterable[Row], columns: Sequence[str] = COLUMNS, end: str = "\n") -> bytes:
    written = io.StringIO()
    writer = csv.DictWriter(written, columns, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode()
