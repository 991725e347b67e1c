"""Decompressing a stream of gzip (RFC 1952), whatever it decompresses to, in bounded memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Final

from functions.common.faults import Fault
from functions.common.records.batches import NotReadable

_GZIP: Final = 16 + zlib.MAX_WBITS
_BLOCK_BYTES: Final = 256 * 1024

_DAMAGED: Final = Fault("$", "damaged_gzip", "is not gzip from here on, and the rest of the file is not read")
_TRUNCATED: Final = Fault("$", "truncated_gzip", "ends in the middle of the gzip stream")


def decompress(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """What all members of a gzip stream decompress to. Raises NotReadable where it is damaged or breaks off."""
    member = zlib.decompressobj(_GZIP)
    begun = False
    for chunk in chunks:
        rest = chunk if begun else chunk.lstrip(b"\0")
        while rest:
            try:
                block = member.decompress(rest, _BLOCK_BYTES)
            except zlib.error as error:
                raise NotReadable(_DAMAGED) from error
            if block:
                yield block
            begun = not member.eof
            # Zeros behind the last member are padding, as for the program gzip.
            rest = member.unused_data.lstrip(b"\0") if member.eof else member.unconsumed_tail
            if member.eof:
                member = zlib.decompressobj(_GZIP)
    if begun:
        raise NotReadable(_TRUNCATED)
