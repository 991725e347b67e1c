"""One JSON document that holds an array of records: the document itself, or a field of it. Read as a stream.

An element that is not JSON is rejected like one that is no record, and reading goes on behind it, as long as brackets
tell where it ends.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import Final, final

import msgspec

from functions.common.faults import Fault
from functions.common.records.batches import (
    BATCH_SIZE,
    MAXIMUM_RECORD_BYTES,
    NOT_UTF8,
    Batch,
    JsonShape,
    NotReadable,
    Position,
    Record,
    Rejected,
    original_of,
)
from functions.common.records.json_records import judge

_SPACE: Final = re.compile(rb"[ \t\r\n]*+")
_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_FLAT_OBJECT: Final = re.compile(rb'\{[^{}\[\]"]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"[^{}\[\]"]*+)*+\}', re.DOTALL)
_NEXT_FLAT_OBJECT: Final = re.compile(
    _SPACE.pattern + b"," + _SPACE.pattern + b"(" + _FLAT_OBJECT.pattern + b")", re.DOTALL
)
_BRACKET: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|["\[\]{}]', re.DOTALL)
_SCALAR: Final = re.compile(rb'[^,:"\[\]{} \t\r\n]++')


TRUNCATED: Final = Fault("$", "truncated", "ends in the middle of the document")
_NOT_JSON: Final = Fault("$", "not_json", "is not JSON from here on, and the rest of the file is not read")
_NO_ELEMENT: Final = Fault("$", "missing", "is empty: a comma stands where a record should")
_NO_COMMA: Final = Fault("$", "not_json", "is not separated from the record before it by a comma")
_BEHIND: Final = Fault("$", "not_json", "stands behind the end of the document")


@final
class Text:
    """The stream from some offset on. At most one element and one chunk are in memory."""

    def __init__(self, chunks: Iterable[bytes], offset: int) -> None:
        self._chunks = iter(chunks)
        self._data = b""
        self._at = 0
        self._before = offset  # the offset of `_data`
        if offset == 0:
            self.skip(codecs.BOM_UTF8)

    @property
    def offset(self) -> int:
        return self._before + self._at

    def peek(self) -> bytes:
        """The next byte that is not white space, which is skipped; empty at the end of the stream."""
        while True:
            found = _SPACE.match(self._data, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._data):
                return self._data[self._at : self._at + 1]
            if not self._more():
                return b""

    def skip(self, expected: bytes) -> bool:
        """Skip these bytes if they come next."""
        while len(self._data) - self._at < len(expected) and self._more():
            pass
        if self._data.startswith(expected, self._at):
            self._at += len(expected)
            return True
        return False

    def rest(self) -> bytes:
        """The beginning of what was not read, and the end of the stream."""
        while len(self._data) - self._at < MAXIMUM_RECORD_BYTES and self._more():
            pass
        rest = self._data[self._at : self._at + MAXIMUM_RECORD_BYTES]
        self._at = len(self._data)
        while self._more():
            self._at = len(self._data)
        return rest

    def value(self) -> bytes:
        """The next JSON value, as it stands, or the beginning of one that is too long.

        Raises NotReadable where no value begins, and where the stream ends in it.
        """
        while (end := self._end_of_value()) is None:
            if len(self._data) - self._at > MAXIMUM_RECORD_BYTES:
                beginning = self._data[self._at : self._at + MAXIMUM_RECORD_BYTES]
                self._skip_long_value()
                return beginning
            if not self._more():
                raise NotReadable(TRUNCATED)
        value = self._data[self._at : min(end, self._at + MAXIMUM_RECORD_BYTES)]
        self._at = end
        return value

    def flat_objects(self, most: int) -> list[bytes]:
        """The next elements, as far as each is a comma and an object that is in memory, and holds no brackets.

        Most records are such, and are taken in one step. What is too long is left to `value`.
        """
        found: list[bytes] = []
        while len(found) < most and (element := _NEXT_FLAT_OBJECT.match(self._data, self._at)):
            if len(element[1]) > MAXIMUM_RECORD_BYTES:
                break
            found.append(element[1])
            self._at = element.end()
        return found

    def skip_to_end_of(self, depth: int) -> None:
        """Skip until so many brackets are closed. Raises NotReadable where the stream ends before."""
        while depth:
            found = _BRACKET.search(self._data, self._at)
            if found is None or found[0] == b'"':
                # White space, scalars, or a string of which the end is not here yet.
                self._at = found.start() if found else len(self._data)
                if found and len(self._data) - self._at > MAXIMUM_RECORD_BYTES:
                    self._skip_long_string()
                elif not self._more():
                    raise NotReadable(TRUNCATED)
                continue
            self._at = found.end()
            depth += 1 if found[0] in b"[{" else -1 if found[0] in b"]}" else 0

    def _end_of_value(self) -> int | None:
        """Where the value ends that begins here; None if that is not in memory."""
        data, at = self._data, self._at
        if found := _FLAT_OBJECT.match(data, at):
            return found.end()
        first = data[at : at + 1]
        if not first:
            return None
        if first == b'"':
            string = _STRING.match(data, at)
            return string.end() if string else None
        if first not in b"[{":
            scalar = _SCALAR.match(data, at)
            if scalar is None:
                raise NotReadable(_NOT_JSON)
            return scalar.end() if scalar.end() < len(data) else None
        depth = 0
        for token in _BRACKET.finditer(data, at):
            if token[0] == b'"':
                return None
            depth += 1 if token[0] in b"[{" else -1 if token[0] in b"]}" else 0
            if not depth:
                return token.end()
        return None

    def _skip_long_value(self) -> None:
        first = self._data[self._at : self._at + 1]
        if first == b'"':
            self._skip_long_string()
        elif first in b"[{":
            self._at += 1
            self.skip_to_end_of(1)
        else:
            while (scalar := _SCALAR.match(self._data, self._at)) is not None:
                self._at = scalar.end()
                if self._at < len(self._data) or not self._more():
                    return

    def _skip_long_string(self) -> None:
        """Skip a string that is longer than what is kept in memory."""
        self._at += 1
        while True:
            end = _STRING.match(b'"' + self._data[self._at :])
            if end:
                self._at += end.end() - 1
                return
            # An odd number of backslashes at the end escapes what comes next.
            rest = self._data[self._at :]
            self._at = len(self._data) - (len(rest) - len(rest.rstrip(b"\\"))) % 2
            if not self._more():
                raise NotReadable(TRUNCATED)

    def _more(self) -> bool:
        chunk = next(self._chunks, None)
        if chunk is None:
            return False
        self._before += self._at
        self._data = self._data[self._at :] + chunk
        self._at = 0
        return True


def open_array(text: Text, name: str) -> int:
    """Move to the first element of the array that the document is, or that it has under a name.

    Returns how many objects the array stands in: none, or one. Raises NotReadable where there is no such array.
    """
    if text.peek() == b"[":
        text.skip(b"[")
        return 0
    if not text.skip(b"{"):
        raise NotReadable(_NOT_JSON)
    while (first := text.peek()) == b'"':
        key = text.value()
        if text.peek() != b":":
            raise NotReadable(_NOT_JSON)
        text.skip(b":")
        first = text.peek()
        if _is(key, name):
            if first != b"[":
                raise NotReadable(Fault(name, "wrong_type", "is not an array"))
            text.skip(b"[")
            return 1
        text.value()
        if text.peek() == b",":
            text.skip(b",")
    raise NotReadable(Fault(name, "missing", "is no field of the document") if first == b"}" else _NOT_JSON)


def _is(key: bytes, name: str) -> bool:
    try:
        return bool(msgspec.json.decode(key) == name)
    except msgspec.DecodeError as error:
        raise NotReadable(_NOT_JSON) from error
    except UnicodeDecodeError as error:
        raise NotReadable(NOT_UTF8) from error


def read_elements(text: Text, number: int, shape: JsonShape[Record], *, inside: int) -> Iterator[Batch[Record]]:
    """The elements of an array, from the one of this number on. The text stands behind the one before, or behind the
    bracket that opens the array.

    `inside` is how many objects the array stands in. The last batch ends where the stream ends.
    """
    documents: list[tuple[int, bytes]] = []
    problems: list[Rejected] = []
    ended = False
    while not ended:
        try:
            ended = _take(text, number, documents, problems)
            if ended:
                text.skip_to_end_of(inside)
                if text.peek():
                    problems.append(Rejected(number, original_of(text.rest()), (_BEHIND,)))
        except NotReadable as error:
            problems.append(Rejected(number, original_of(text.rest()), (error.fault,)))
            ended = True
        number += 1
        if not ended:
            flat = text.flat_objects((1 - number) % BATCH_SIZE)
            documents += enumerate(flat, number)
            number += len(flat)
        if ended or number % BATCH_SIZE == 1:
            batch = judge(documents, Position(text.offset, number), shape)
            batch.rejected += problems
            batch.is_last = ended
            yield batch
            documents, problems = [], []


def _take(text: Text, number: int, documents: list[tuple[int, bytes]], problems: list[Rejected]) -> bool:
    """Take a separator and the element behind it. Returns whether the array is at its end."""
    first, separated = text.peek(), number == 1
    if first == b"]":
        return text.skip(b"]")
    if number > 1 and first == b",":
        separated = text.skip(b",")
        first = text.peek()
    if not first:
        raise NotReadable(TRUNCATED)
    if first in b",]":
        problems.append(Rejected(number, "", (_NO_ELEMENT,)))
    elif separated:
        documents.append((number, text.value()))
    else:
        problems.append(Rejected(number, original_of(text.value()), (_NO_COMMA,)))
    return False
