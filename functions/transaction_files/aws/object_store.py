"""Transaction files in S3, as streams of what is in them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

import msgspec

from functions.common.aws.clients import transient_errors
from functions.common.aws.objects import ObjectReader
from functions.common.records.gzip_streams import decompress
from functions.transaction_files.logic.arrivals import Arrival
from functions.transaction_files.logic.segments import ERASURE_METADATA, GZIP, Source

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# RFC 1952: the two bytes with which gzip begins, and no text in UTF-8.
_GZIP_BEGINNING: Final = b"\x1f\x8b"


class ObjectStore:
    """Where files are (functions.transaction_files.logic.processing.Files)."""

    def __init__(self, client: S3Client, pause: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._reader = ObjectReader(client, pause)

    def source(self, arrival: Arrival) -> Source | None:
        """What is known of an object version before its records are read; None if an erasure wrote it.

        Gzip is told by its beginning, whatever the object's metadata says of it. Raises TransientError.
        """
        with transient_errors(f"reading from {arrival.bucket}"):
            found = self._client.head_object(Bucket=arrival.bucket, Key=arrival.key, VersionId=arrival.version_id)
        if ERASURE_METADATA in found["Metadata"]:
            return None
        uploaded_at = int(found["LastModified"].timestamp() * 1000)
        source = Source(arrival.bucket, arrival.key, arrival.version_id, found["ContentLength"], uploaded_at)
        beginning = b"".join(self._bytes(source, 0, min(source.size, len(_GZIP_BEGINNING))))
        # S3 keeps `aws-chunked`, which says how an SDK sent the object, and not what is in it.
        encodings = {part.strip() for part in found.get("ContentEncoding", "").lower().split(",")}
        others = encodings - {"", "identity", "aws-chunked", GZIP}
        encoding = GZIP if beginning == _GZIP_BEGINNING else ", ".join(sorted(others))
        return msgspec.structs.replace(source, encoding=encoding)

    def chunks(self, source: Source, start: int, end: int | None) -> Iterator[bytes]:
        if not source.is_gzip:
            return self._bytes(source, start, source.size if end is None else end)
        return _from(decompress(self._bytes(source, 0, source.size)), start)

    def _bytes(self, source: Source, start: int, end: int) -> Iterator[bytes]:
        return self._reader.read(source.bucket, source.key, source.version_id, start, end)


def _from(stream: Iterator[bytes], start: int) -> Iterator[bytes]:
    left = start
    for piece in stream:
        if left < len(piece):
            yield piece[left:]
        left = max(0, left - len(piece))
