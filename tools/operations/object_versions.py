"""The versions of objects in a bucket: listing them, reading each as the functions do, and writing one again."""

from __future__ import annotations

import gzip
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, Final

from botocore.exceptions import ClientError

from functions.transaction_files.aws.object_store import ObjectStore
from functions.transaction_files.logic.segments import GZIP, Source

_GZIP_BEGINNING: Final = b"\x1f\x8b"

# S3 takes up to 10,000 parts of an object, and all of them but the last have to be of 5 MiB at least.
PART_BYTES: Final = 64 * 1024 * 1024


class ArchivedError(Exception):
    """The version is in an archive, and cannot be read before it is restored."""


class GoneError(Exception):
    """The version was deleted meanwhile."""


@dataclass(frozen=True)
class Version:
    """A version of an object, or a delete marker."""

    bucket: str
    key: str
    id: str
    at: datetime
    size: int = 0
    is_latest: bool = False
    is_marker: bool = False

    @property
    def file(self) -> str:
        """What names it in reports and in the table of files."""
        return f"{self.bucket}/{self.key}@{self.id}"


@dataclass(frozen=True)
class Stored:
    """What a version has beside its bytes. `encoding` is GZIP where it begins as gzip does."""

    metadata: Mapping[str, str]
    content_type: str
    content_encoding: str
    encoding: str

    @property
    def headers(self) -> dict[str, str]:
        """What a version that is written in its place gets, as PutObject takes it."""
        return {"ContentType": self.content_type} | (
            {"ContentEncoding": self.content_encoding} if self.content_encoding else {}
        )


class Versions:
    """The versions in one bucket. What is written is encrypted with the bucket's key."""

    def __init__(self, client: Any, bucket: str, kms_key_arn: str) -> None:
        self.bucket = bucket
        self._client = client
        self._objects = ObjectStore(client)
        self._encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key_arn}

    def by_key(self, prefix: str = "") -> dict[str, list[Version]]:
        """All versions and delete markers, the oldest first.

        S3 lists the newest first, and tells times by the second. Of a version and a marker of the same second, the
        marker is taken as the later one, unless the version is the latest of all.
        """
        found: dict[str, list[Version]] = defaultdict(list)
        pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix=prefix)
        for page in pages:
            for kind in ("DeleteMarkers", "Versions"):
                for listed in page.get(kind, []):
                    found[listed["Key"]].append(_version(self.bucket, listed, is_marker=kind == "DeleteMarkers"))
        for versions in found.values():
            versions.reverse()
            versions.sort(key=lambda version: (version.at.replace(microsecond=0), version.is_latest))
        return dict(found)

    def of_key(self, key: str) -> list[Version]:
        """The versions of one key, the oldest first; none where there is no such key."""
        return self.by_key(key).get(key, [])

    def stored(self, version: Version) -> Stored:
        """Raises ArchivedError, and GoneError."""
        target = {"Bucket": self.bucket, "Key": version.key, "VersionId": version.id}
        with _told():
            found = self._client.head_object(**target)
            beginning = b""
            if version.size >= len(_GZIP_BEGINNING):
                with closing(self._client.get_object(**target, Range="bytes=0-1")["Body"]) as body:
                    beginning = body.read()
        return Stored(
            found["Metadata"],
            found["ContentType"],
            found.get("ContentEncoding", ""),
            GZIP if beginning == _GZIP_BEGINNING else "",
        )

    def content(self, version: Version, encoding: str) -> Callable[[int], Iterator[bytes]]:
        """The version's stream from any offset on, decompressed where the encoding is GZIP."""
        source = Source(self.bucket, version.key, version.id, version.size, 0, encoding)
        return lambda start: self._objects.chunks(source, start, None)

    def write(self, key: str, chunks: Iterable[bytes], more: Mapping[str, Any]) -> str:
        """Write a new version, in parts where it is large. `more` is what PutObject takes beside. Returns its id."""
        target = {"Bucket": self.bucket, "Key": key}
        parts = _parts(chunks)
        first, second = next(parts, b""), next(parts, None)
        if second is None:
            return str(self._client.put_object(**target, Body=first, **more, **self._encrypted)["VersionId"])
        upload = target | {
            "UploadId": self._client.create_multipart_upload(**target, **more, **self._encrypted)["UploadId"]
        }
        try:
            uploaded = []
            for number, part in enumerate(chain([first, second], parts), start=1):
                answer = self._client.upload_part(**upload, PartNumber=number, Body=part)
                uploaded.append({"ETag": answer["ETag"], "PartNumber": number})
        except BaseException:
            self._client.abort_multipart_upload(**upload)
            raise
        done = self._client.complete_multipart_upload(**upload, MultipartUpload={"Parts": uploaded})
        return str(done["VersionId"])

    def mark_deleted(self, key: str) -> str:
        """Write a delete marker. Returns its id."""
        return str(self._client.delete_object(Bucket=self.bucket, Key=key)["VersionId"])

    def remove(self, version: Version) -> None:
        """Delete a version, or a delete marker, for good."""
        self._client.delete_object(Bucket=self.bucket, Key=version.key, VersionId=version.id)


def compressed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """A stream as gzip."""
    written = io.BytesIO()
    with gzip.GzipFile(fileobj=written, mode="wb", mtime=0) as file:
        for chunk in chunks:
            file.write(chunk)
            yield _taken(written)
    yield _taken(written)


def _parts(chunks: Iterable[bytes]) -> Iterator[bytes]:
    part = bytearray()
    for chunk in chunks:
        part += chunk
        while len(part) >= PART_BYTES:
            yield bytes(part[:PART_BYTES])
            del part[:PART_BYTES]
    if part:
        yield bytes(part)


def _version(bucket: str, listed: Mapping[str, Any], *, is_marker: bool) -> Version:
    return Version(
        bucket,
        listed["Key"],
        listed["VersionId"],
        listed["LastModified"],
        listed.get("Size", 0),
        listed["IsLatest"],
        is_marker,
    )


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "InvalidObjectState":
            raise ArchivedError from error
        if code in {"404", "NoSuchKey", "NoSuchVersion"}:
            raise GoneError from error
        raise


def _taken(written: io.BytesIO) -> bytes:
    block = written.getvalue()
    written.seek(0)
    written.truncate()
    return block
