"""Which records of a transaction file belong to one account, and the file without them (TXF-61).

Records are found as the functions find them, with the same readers. A record belongs to the account that its
`account_id` says. One whose `account_id` cannot be read (a row of the wrong width, broken JSON) belongs to each account
that it names. A file that cannot be read at all is one record, as it is in the report about it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from functions.common.fields import NotJsonError, parse_json
from functions.common.records.batches import NotReadable, Rejected
from functions.common.records.csv_files import next_row
from functions.common.records.formats import Format, Opening, open_file
from functions.common.records.json_documents import Text
from functions.common.records.lines import Lines
from functions.transaction_files.logic.processing import ARRAY
from functions.transaction_files.logic.transactions import REQUIRED, Identifier
from tools.errors import WRONG_INPUT, Failure

# The decompressed stream from an offset on.
Content = Callable[[int], Iterable[bytes]]

COLUMN: Final = "account_id"

_ACCOUNT: Final = re.compile(r'[^\x00-\x20"\\](?:[^\x00-\x1f"\\]{0,126}[^\x00-\x20"\\])?')
_ESCAPED: Final = re.compile(rb"\\u([0-9a-fA-F]{4})")
# Around an account's id no letter or digit, nor one behind the signs that ids have: `A-1` is not in `A-12` or `A-1.2`.
_BEFORE: Final = rb"(?<![A-Za-z0-9])(?<![A-Za-z0-9][._:-])"
_BEHIND: Final = rb"(?![._:-]{0,8}[A-Za-z0-9])"
_LOOKS_BACK: Final = 2
_LOOKS_ON: Final = 9


@dataclass(frozen=True)
class Record:
    """A record of a file: its line or index, and its bytes [`start`, `end`), to the end of the file where it is None.

    `comma` is the offset of the comma before an element of a JSON array.
    """

    number: int
    start: int
    end: int | None
    is_of_account: bool
    comma: int | None = None


class Account:
    """An `account_id`. Raises Failure for a text that cannot be one."""

    def __init__(self, identifier: str) -> None:
        if not _ACCOUNT.fullmatch(identifier):
            raise Failure(
                "the account id is empty, longer than 128 characters, or has quotes, backslashes or control characters",
                where="--account",
                do="give it as it stands in the files",
                status=WRONG_INPUT,
            )
        self.id = identifier
        self._bytes = identifier.encode()
        self._named = re.compile(_BEFORE + re.escape(self._bytes) + _BEHIND)
        # Each letter may be written as an escape of six bytes.
        self._margin = 6 * (len(identifier) + _LOOKS_BACK + _LOOKS_ON)

    def is_named_in(self, chunks: Iterable[bytes]) -> bool:
        """Whether a text, in UTF-8, in UTF-16, or with JSON's escapes, has the id as a word of its own."""
        carried, before = b"", 0
        for chunk in _readable(chunks):
            block = _plain(carried + chunk)
            if any(
                before <= found.start() and found.end() <= len(block) - _LOOKS_ON
                for found in self._named.finditer(block)
            ):
                return True
            raw = carried + chunk
            carried, before = raw[-self._margin :], _LOOKS_BACK if len(raw) > self._margin else before
        return any(before <= found.start() for found in self._named.finditer(_plain(carried)))

    def owns(self, value: object, raw: bytes) -> bool:
        """Whether a record belongs to the account, by what it has as `account_id`, and else by its text."""
        try:
            return bool(msgspec.convert(value, Identifier) == self.id)
        except msgspec.ValidationError:
            return self.is_named_in([raw])

    def records(self, name: str, content: Content) -> Iterator[Record]:
        """All records of a file, in order. A file that does not have the id in it at all has none to look at."""
        if not self._may_be_in(content(0)):
            return
        opened = open_file(name, _readable(content(0)), REQUIRED, ARRAY)
        if isinstance(opened, Rejected):
            yield Record(opened.number, 0, None, self.is_named_in(content(0)))
        elif opened.format is Format.CSV:
            yield from self._rows(opened, content)
        elif opened.format is Format.JSON_LINES:
            yield from self._lines(opened, content)
        else:
            yield from self._elements(opened, content)

    def _may_be_in(self, chunks: Iterable[bytes]) -> bool:
        carried = b""
        for chunk in _readable(chunks):
            block = carried + chunk
            if self._bytes in block or b"\\u" in block or b"\0" in block:
                return True
            carried = block[-len(self._bytes) :]
        return False

    def _rows(self, opening: Opening, content: Content) -> Iterator[Record]:
        lines = Lines(content(opening.start.offset), opening.start)
        column = opening.header.index(COLUMN)
        while True:
            lines.mark()
            row, faults = next_row(lines)
            if row is None:
                break
            value = row[column] if not faults and len(row) == len(opening.header) else None
            if row or faults:
                yield self._line(lines, value, content, bool(faults))
        yield from self._damaged(lines, content)

    def _lines(self, opening: Opening, content: Content) -> Iterator[Record]:
        lines = Lines(content(opening.start.offset), opening.start)
        while True:
            lines.mark()
            if not lines.take(1):
                break
            [raw] = lines.raws
            if raw.strip():
                yield self._line(lines, _account_in(raw), content, lines.is_irregular)
        yield from self._damaged(lines, content)

    def _line(self, lines: Lines, value: object, content: Content, is_faulty: bool) -> Record:
        """What was taken since the mark. A line that is too long is not whole in memory."""
        raws, end = lines.raws, lines.position
        size = sum(map(len, raws))
        lines.go_back()
        start = lines.position
        lines.take(len(raws))
        if is_faulty and end.offset - start.offset > size:
            of_account = self.is_named_in(between(content, start.offset, end.offset))
        else:
            of_account = self.owns(value, b"".join(raws))
        return Record(start.number, start.offset, end.offset, of_account)

    def _damaged(self, lines: Lines, content: Content) -> Iterator[Record]:
        if lines.damage:
            start = lines.position.offset
            yield Record(lines.damage.number, start, None, self.is_named_in(content(start)))

    def _elements(self, opening: Opening, content: Content) -> Iterator[Record]:
        text = Text(_readable(content(opening.start.offset)), opening.start.offset)
        number = opening.start.number
        comma: int | None = None
        try:
            while (first := text.peek()) not in (b"]", b""):
                comma = None
                if first == b",":
                    number = max(number, 2)
                    comma = text.offset
                    text.skip(b",")
                    first = text.peek()
                if first and first not in b",]":
                    start = text.offset
                    value = text.value()
                    if len(value) == text.offset - start:
                        of_account = self.owns(_account_in(value), value)
                    else:
                        of_account = self.is_named_in(between(content, start, text.offset))
                    yield Record(number, start, text.offset, of_account, comma)
                number += 1
            text.skip(b"]")
            text.skip_to_end_of(opening.format is Format.JSON_OBJECT)
            comma = None
        except NotReadable:
            pass  # the rest, from the element at hand on, is one record
        if text.peek():
            yield Record(number, text.offset, None, self.is_named_in(content(text.offset)), comma)


def cuts(records: Iterable[Record]) -> Iterator[tuple[int, int | None]]:
    """The bytes [start, end) to leave out so that the records of the account are gone, and the others stay as they are.

    An element goes with the comma before it; behind elements that went from the beginning of an array, the comma before
    the first one that stays goes too.
    """
    is_cut = has_kept = False
    for record in records:
        if record.is_of_account:
            yield record.start if record.comma is None else record.comma, record.end
            is_cut = True
        else:
            if is_cut and not has_kept and record.comma is not None:
                yield record.comma, record.comma + 1
            has_kept = True


def without(content: Content, left_out: Iterable[tuple[int, int | None]]) -> Iterator[bytes]:
    """The stream without some of its bytes. What cannot be decompressed any more is left out, too."""
    at = 0
    remaining = iter(left_out)
    start, end = next(remaining, (None, None))
    for chunk in _readable(content(0)):
        chunk_end = at + len(chunk)
        taken = at
        while start is not None and start < chunk_end:
            if start > taken:
                yield chunk[taken - at : start - at]
            taken = max(taken, start)
            if end is None:
                return
            taken = max(taken, min(end, chunk_end))
            if end > chunk_end:
                break
            start, end = next(remaining, (None, None))
        if taken < chunk_end:
            yield chunk[taken - at :]
        at = chunk_end


def between(content: Content, start: int, end: int | None) -> Iterator[bytes]:
    """The bytes [start, end) of a stream, to its end where it is None."""
    at = start
    for chunk in _readable(content(start)):
        if end is not None and at + len(chunk) >= end:
            yield chunk[: end - at]
            return
        yield chunk
        at += len(chunk)


def _readable(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """A stream up to where it is damaged."""
    try:
        yield from chunks
    except NotReadable:
        return


def _account_in(raw: bytes) -> object:
    """What a JSON object has as `account_id`; None where it is no object."""
    try:
        document = parse_json(raw.decode("utf-8").removeprefix("\ufeff"))
    except (UnicodeDecodeError, NotJsonError):
        return None
    return document.get(COLUMN) if isinstance(document, dict) else None


def _plain(raw: bytes) -> bytes:
    """A text without the zeros of UTF-16, and with JSON's escapes replaced."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)).encode("utf-8", "replace"), raw.replace(b"\0", b""))
