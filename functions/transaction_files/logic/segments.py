"""The segment, the one unit of work: a file that arrives, a part of a large one, the rest when the time is up."""

from __future__ import annotations

from typing import Final

import msgspec

from functions.common.records.batches import Position
from functions.common.records.formats import Opening

# What a large file is cut into: work for some seconds, so that a hundred functions share a file of a gigabyte or two.
SEGMENT_BYTES: Final = 16 * 1024 * 1024


# Metadata of an object that an erasure wrote: it repeats what was worked off before, without one account's records.
ERASURE_METADATA: Final = "erasure"


GZIP: Final = "gzip"


class Source(msgspec.Struct, frozen=True, omit_defaults=True):
    """One version of an object. `size` is in bytes as stored, which for gzip is compressed; `uploaded_at` is in
    milliseconds since 1970 (UTC); `encoding` is empty, GZIP, or another content encoding, which nobody here reads.
    """

    bucket: str
    key: str
    version_id: str
    size: int
    uploaded_at: int
    encoding: str = ""

    @property
    def file(self) -> str:
        """What names it in reports and in the table of files."""
        return f"{self.bucket}/{self.key}@{self.version_id}"

    @property
    def is_gzip(self) -> bool:
        return self.encoding == GZIP


class Segment(msgspec.Struct, frozen=True, tag="segment", tag_field="kind"):
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
