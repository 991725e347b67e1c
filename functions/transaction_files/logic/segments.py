"""The segment, the one unit of work: a file that arrives, a part of a large one, the rest when the time is up."""

from __future__ import annotations

from typing import Final

import msgspec

from functions.common.records.batches import Position
from functions.common.records.formats import Opening

# What a large file is cut into: work for some seconds, so that a hundred functions share a file of a gigabyte or two.
SEGMENT_BYTES: Final = 16 * 1024 * 1024


class Source(msgspec.Struct, frozen=True):
    """One version of an object. `size` is in bytes as stored, which for gzip is compressed."""

    bucket: str
    key: str
    version_id: str
    size: int
    gzip: bool = False

    @property
    def file(self) -> str:
        """What names it in reports and in the table of files."""
        return f"{self.bucket}/{self.key}@{self.version_id}"


class Segment(msgspec.Struct, frozen=True):
    """The records of a file of which the first byte lies in [`start.offset`, `end`); without an end, all from `start`.

    Offsets are bytes of the decompressed stream.
    """

    source: Source
    opening: Opening
    start: Position
    end: int | None = None

    def rest(self, start: Position) -> Segment:
        """What is left of the segment from a position on."""
        return msgspec.structs.replace(self, start=start)
