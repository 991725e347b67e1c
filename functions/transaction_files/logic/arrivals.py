"""Which object versions S3 says have arrived."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

import msgspec


class _Object(msgspec.Struct):
    key: str
    version_id: str = msgspec.field(name="versionId")


class _Bucket(msgspec.Struct):
    name: str


class _Content(msgspec.Struct):
    bucket: _Bucket
    object: _Object


class _Record(msgspec.Struct):
    event_time: str = msgspec.field(name="eventTime")
    s3: _Content


class _Event(msgspec.Struct):
    records: list[_Record] = msgspec.field(name="Records")


class Arrival(msgspec.Struct, frozen=True):
    """One version of an object, and when S3 took it (ISO 8601)."""

    bucket: str
    key: str
    version_id: str
    at: str

    @property
    def file(self) -> str:
        return f"{self.bucket}/{self.key}@{self.version_id}"


def read_arrivals(event: Mapping[str, Any]) -> list[Arrival]:
    """What an event of S3 tells of. Raises ValueError for any other, and for a bucket without versions.

    Keys are encoded as in a form, with a plus for a blank
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html).
    """
    return [
        Arrival(
            record.s3.bucket.name, unquote_plus(record.s3.object.key), record.s3.object.version_id, record.event_time
        )
        for record in msgspec.convert(event, _Event).records
    ]
