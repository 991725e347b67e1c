"""A stream of bytes as lines, with how many bytes and lines were taken of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, final

from functions.common.records.batches import MAXIMUM_RECORD_BYTES, NotReadable, Position, Rejected, original_of

_BYTE_ORDER_MARK: Final = "\ufeff"


@final
class Lines:
    """Iterates over the lines of a stream, each with its end (LF, CRLF, or CR alone), as text.

    Lines stay available until `mark`, so that a reader can go back to where it marked and read them in another way.
    A line that is not UTF-8 has a lone surrogate for each byte in question; of a line that is longer than
    MAXIMUM_RECORD_BYTES only the beginning is kept. `is_irregular` tells of both. At most the marked lines and one
    chunk are in memory. Where the stream raises NotReadable, the lines end, and `damage` says with what.
    """

    def __init__(self, chunks: Iterable[bytes], start: Position) -> None:
        self._chunks = iter(chunks)
        self._carry = b""
        self._dropped = 0  # bytes of the line in `_carry` that were not kept
        self._ended = False
        self.damage: Rejected | None = None
        self._begins_file = start.offset == 0
        self._texts: list[str] = []
        self._raws: list[bytes] = []
        self._sizes: list[int] = []
        self._irregular: list[bool] = []
        self._marked = start
        self._mark = 0
        self._next = 0

    def __iter__(self) -> Iterator[str]:
        """Iterate from the next line on. After `go_back`, iterate anew."""
        while self._next < len(self._texts) or self._load():
            for text in self._texts[self._next :]:
                self._next += 1
                yield text

    def up_to(self, size: int) -> Iterator[str]:
        """Iterate from the next line on, and stop before the bytes since the mark would be more than `size`."""
        taken = sum(self._sizes[self._mark : self._next])
        while self._next < len(self._texts) or self._load():
            taken += self._sizes[self._next]
            if taken > size:
                return
            self._next += 1
            yield self._texts[self._next - 1]

    @property
    def taken(self) -> int:
        """How many lines were taken since the mark."""
        return self._next - self._mark

    @property
    def raws(self) -> list[bytes]:
        """The lines since the mark, as they stand in the stream."""
        return self._raws[self._mark : self._next]

    @property
    def is_irregular(self) -> bool:
        """Whether a line since the mark is not UTF-8, or too long to be kept whole."""
        return True in self._irregular[self._mark : self._next]

    @property
    def position(self) -> Position:
        """Where the next line begins."""
        offset = self._marked.offset + sum(self._sizes[self._mark : self._next])
        return Position(offset, self._marked.number + self.taken)

    def mark(self) -> None:
        """Forget the lines that were taken."""
        self._marked = self.position
        self._mark = self._next

    def go_back(self) -> None:
        """Go back to the mark."""
        self._next = self._mark

    def take(self, number: int) -> int:
        """Take up to so many lines; returns how many there were."""
        while len(self._texts) - self._next < number and self._load():
            pass
        before, self._next = self._next, min(len(self._texts), self._next + number)
        return self._next - before

    def take_bytes(self, size: int, stop_at: str = "") -> int:
        """Take lines until they are at least so many bytes, or the next one holds `stop_at`; returns how many bytes."""
        taken = 0
        while taken < size and (self._next < len(self._texts) or self._load()):
            if stop_at and stop_at in self._texts[self._next]:
                break
            taken += self._sizes[self._next]
            self._next += 1
        return taken

    def _load(self) -> bool:
        """Add the lines of the next chunks; returns whether there are any."""
        while not self._ended:
            try:
                chunk = next(self._chunks, None)
            except NotReadable as error:
                # The line in which the stream breaks off is not a line, however whole it looks.
                number = self._marked.number + len(self._texts) - self._mark
                self.damage = Rejected(number, original_of(self._carry), (error.fault,))
                self._ended = True
                return False
            if chunk is None:
                self._ended = True
                block, self._carry = self._carry, b""
            else:
                block = self._up_to_the_last_line(chunk)
            if block:
                self._add(block)
                return True
        return False

    def _up_to_the_last_line(self, chunk: bytes) -> bytes:
        """The whole lines of what was carried and the chunk; the rest is carried."""
        read = self._carry + chunk
        end = read.rfind(b"\n") + 1
        if not end and len(read) > MAXIMUM_RECORD_BYTES:
            end = read.rfind(b"\r", 0, -1) + 1  # a file with CR alone; a CR at the very end may be half of a CRLF
        if end:
            self._carry = read[end:]
            return read[:end]
        self._carry = read[:MAXIMUM_RECORD_BYTES]
        if len(read) > MAXIMUM_RECORD_BYTES and read.endswith(b"\r"):
            self._carry += b"\r"
        self._dropped += len(read) - len(self._carry)
        return b""

    def _add(self, block: bytes) -> None:
        for kept in (self._texts, self._raws, self._sizes, self._irregular):
            del kept[: self._mark]
        self._next -= self._mark
        self._mark = 0
        raws = block.splitlines(keepends=True)
        sizes = list(map(len, raws))
        irregular = [size > MAXIMUM_RECORD_BYTES for size in sizes]
        if self._dropped:
            sizes[0] += self._dropped
            irregular[0], self._dropped = True, 0
        raws = [raw[:MAXIMUM_RECORD_BYTES] for raw in raws] if any(irregular) else raws
        try:
            texts = [raw.decode("utf-8") for raw in raws]
        except UnicodeDecodeError:
            texts = [raw.decode("utf-8", "surrogateescape") for raw in raws]
            irregular = [
                known or (not text.isascii() and not _is_utf8(text))
                for known, text in zip(irregular, texts, strict=True)
            ]
        if self._begins_file:
            texts[0], self._begins_file = texts[0].removeprefix(_BYTE_ORDER_MARK), False
        self._texts += texts
        self._raws += raws
        self._sizes += sizes
        self._irregular += irregular


def _is_utf8(text: str) -> bool:
    return not any("\udc80" <= letter <= "\udcff" for letter in text)
