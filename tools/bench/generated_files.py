"""Transaction files of any size, made as they are read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from functions.transaction_files.logic.segments import Source

FORMATS: Final = ("csv", "ndjson", "json")
# As long as the schema lets it be, where bytes matter and not rows.
LONG_DESCRIPTION: Final = 1000

_ROWS_AT_ONCE: Final = 250
_HEADER: Final = "transaction_id,timestamp,amount,currency,account_id,type,description,counterparty\n"
_CSV: Final = "{id},2026-03-01T10:15:30Z,{amount},EUR,acc-{account},debit,{description},Café René\n"
_JSON: Final = (
    '{{"transaction_id": "{id}", "timestamp": "2026-03-01T10:15:30Z", "amount": {amount}, "currency": "EUR", '
    '"account_id": "acc-{account}", "type": "debit", "description": "{description}", "counterparty": "Café René"}}'
)
_TEMPLATES: Final = {"csv": _CSV, "ndjson": _JSON + "\n", "json": _JSON + ",\n"}
_PREFIXES: Final = {"csv": _HEADER, "ndjson": "", "json": "["}


@dataclass(frozen=True)
class GeneratedFile:
    """A CSV file, newline-delimited JSON, or a JSON array, of good rows of one length. `run` keeps the transactions of
    one file apart from those of others.
    """

    format: str
    run: str
    rows: int
    description_length: int = 24

    @staticmethod
    def of_size(format_: str, run: str, size: int, description_length: int) -> GeneratedFile:
        """A file of about so many bytes."""
        row = GeneratedFile(format_, run, 1, description_length).row_bytes
        return GeneratedFile(format_, run, max(1, size // row), description_length)

    @property
    def name(self) -> str:
        return f"{self.run}.csv" if self.format == "csv" else f"{self.run}.json"

    @cached_property
    def row_bytes(self) -> int:
        return len(self._row(0))

    @property
    def size(self) -> int:
        return len(_PREFIXES[self.format]) + self.rows * self.row_bytes

    @property
    def source(self) -> Source:
        return Source("generated", self.name, "v1", self.size, 0)

    def content(self) -> bytes:
        return b"".join(self.chunks(self.source, 0, None))

    def chunks(self, _: Source, start: int, end: int | None) -> Iterator[bytes]:
        """The bytes between two offsets (functions.transaction_files.logic.processing.Files)."""
        end = self.size if end is None else end
        prefix, block_bytes = len(_PREFIXES[self.format]), _ROWS_AT_ONCE * self.row_bytes
        while start < end:
            number = max(0, start - prefix) // block_bytes
            block = self._block(number)
            # The prefix stands in the first block.
            at = start - (prefix + number * block_bytes if number else 0)
            chunk = block[at : at + end - start]
            yield chunk
            start += len(chunk)

    def _block(self, number: int) -> bytes:
        first = number * _ROWS_AT_ONCE
        rows = [self._row(row) for row in range(first, min(self.rows, first + _ROWS_AT_ONCE))]
        block = (b"" if number else _PREFIXES[self.format].encode()) + b"".join(rows)
        if self.format == "json" and first + _ROWS_AT_ONCE >= self.rows:
            block = block[:-2] + b"\n]"
        return block

    def _row(self, number: int) -> bytes:
        text = _TEMPLATES[self.format].format(
            id=f"tx-{self.run}-{number:010d}",
            amount=f"{1000 + number % 9000}.25",
            account=f"{number % 1000:06d}",
            description=f"Payment {number:010d} ".ljust(self.description_length, "x"),
        )
        return text.encode()
