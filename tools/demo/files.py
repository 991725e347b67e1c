"""Generated transaction files: clean ones, and ones with every kind of fault.

A run's id is part of every transaction's id, so runs do not meet each other's transactions. Everything else follows
from the seed.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from functions.transaction_files.logic.processing import Counts

Json = dict[str, Any]

COLUMNS: Final = ("transaction_id", "timestamp", "amount", "currency", "account_id", "type", "description")

# For each currency its decimals by ISO 4217, and how many the amounts here have.
_CURRENCIES: Final = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}


@dataclass(frozen=True)
class File:
    """A file, and what has to become of its records. `a.csv.gz` is sent as `a.csv`, with the content encoding gzip."""

    name: str
    content: bytes
    expected: Counts


class Files:
    """Makes files. `run` is a short id ("3f9a"), `now` the time before which their transactions happened."""

    def __init__(self, run: str, now: datetime, seed: int = 1) -> None:
        self._run = run
        self._now = now
        self._random = random.Random(seed)  # noqa: S311 -- test data, not a secret
        self._count = 0

    def clean(self, name: str, number: int, text: str = "") -> File:
        """CSV of this many rows, each with this text as well."""
        return File(f"{name}.csv", _csv(self._rows(number, text)), Counts(stored=number))

    def dirty(self) -> File:
        """A byte-order mark, CRLF, quoted newlines, another column, blank lines; and each fault that a row can have."""
        good = [row | {"description": 'two\nlines, and a "word"', "branch": "7"} for row in self._rows(200)]
        faulty = [self._row() | {"branch": "7"} | fault for fault in _FAULTS]
        columns = (*COLUMNS, "branch")
        broken = [
            "too,few,cells",
            ",".join(map(str, [*self._row().values(), "7", "one more"])),
            f'{self._id()},"a quote that is never closed',
            ",".join(columns),
        ]
        lines = [*_csv(good, columns, end="\r\n").decode().split("\r\n")[:-1], "", *broken]
        text = "\ufeff" + "\r\n".join(lines) + "\r\n" + _csv(faulty, columns, end="\r\n").decode().partition("\r\n")[2]
        not_utf8 = ",".join(map(str, self._row().values())).encode() + b"\xff,7\r\n"
        return File(
            "dirty.csv", text.encode() + not_utf8, Counts(stored=len(good), rejected=len(broken) + len(faulty) + 1)
        )

    def compressed(self, number: int) -> File:
        return File("compressed.csv.gz", gzip.compress(_csv(self._rows(number))), Counts(stored=number))

    def json(self, number: int) -> Iterator[File]:
        """The three shapes of JSON, each with this many good records, and one of each fault."""
        for name, shape in (("array", json.dumps), ("object", _in_object), ("lines", _as_lines)):
            records = [*self._rows(number), *(self._row() | fault for fault in _FAULTS)]
            self._random.shuffle(records)
            yield File(f"{name}.json", shape(records).encode(), Counts(stored=number, rejected=len(_FAULTS)))

    def truncated(self, number: int) -> Iterator[File]:
        """CSV and JSON that break off in their last record."""
        yield File("truncated.csv", _csv(self._rows(number + 1))[:-20], Counts(stored=number, rejected=1))
        yield File(
            "truncated.json", json.dumps(list(self._rows(number + 1)))[:-20].encode(), Counts(stored=number, rejected=1)
        )

    def unreadable(self) -> Iterator[File]:
        """Files of which no record can be read: each is one record, which is rejected."""
        yield File("empty.csv", b"", Counts(rejected=1))
        yield File("utf16.csv", _csv(self._rows(3)).decode().encode("utf-16"), Counts(rejected=1))
        yield File("columns.csv", b"id;when;how_much\n1;now;2\n", Counts(rejected=1))
        yield File("no-array.json", b'{"records": []}', Counts(rejected=1))

    def conflicting(self, number: int) -> tuple[File, File]:
        """Two files with the same ids and times; the amounts of the second differ."""
        rows = list(self._rows(number))
        others = [row | {"amount": row["amount"] + "1" if "." not in row["amount"] else "0"} for row in rows]
        return (
            File("first.csv", _csv(rows), Counts(stored=number)),
            File("second.csv", _csv(others), Counts(conflicts=number)),
        )

    def again(self, file: File) -> File:
        """The same once more."""
        return File(file.name, file.content, Counts(present=file.expected.stored))

    def _rows(self, number: int, text: str = "") -> Iterator[Json]:
        for _ in range(number):
            yield self._row() | ({"description": text} if text else {})

    def _row(self) -> Json:
        currency, decimals = self._random.choice(list(_CURRENCIES.items()))
        amount = self._random.randrange(-50_000, 500_000)
        return {
            "transaction_id": self._id(),
            "timestamp": (self._now - timedelta(seconds=self._random.randrange(1, 10**6))).isoformat(),
            "amount": f"{amount / 10**decimals:.{decimals}f}",
            "currency": currency,
            "account_id": f"account-{self._random.randrange(50):04d}",
            "type": self._random.choice(["credit", "debit", "card_payment"]),
            "description": self._random.choice(["", "rent", "order 17"]),
        }

    def _id(self) -> str:
        self._count += 1
        return f"{self._run}-{self._count:07d}"


# Each makes a record that is none of a good one.
_FAULTS: Final[Sequence[Json]] = (
    {"transaction_id": ""},
    {"timestamp": "yesterday"},
    {"timestamp": "2026-02-30T10:00:00Z"},
    {"amount": "12,50"},
    {"amount": "1e3"},
    {"amount": "1.2345", "currency": "EUR"},
    {"currency": "XQX"},
    {"account_id": "has a blank"},
    {"type": "17"},
    {"description": "a control character: \x01"},
)


def _csv(rows: Iterator[Json] | Sequence[Json], columns: Sequence[str] = COLUMNS, end: str = "\n") -> bytes:
    written = io.StringIO()
    writer = csv.DictWriter(written, columns, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode()


def _in_object(records: Sequence[Json]) -> str:
    return json.dumps({"bank": "Demo", "transactions": records}, indent=1)


def _as_lines(records: Sequence[Json]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)
