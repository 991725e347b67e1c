"""An object version is read as a stream, from where the connection broke, and decompressed if it is gzip."""

from __future__ import annotations

import gzip
import io
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError, IncompleteReadError, ReadTimeoutError, ResponseStreamingError

from functions.common.aws.attempts import ATTEMPTS
from functions.common.aws.objects import CHUNK_BYTES
from functions.common.errors import TransientError
from functions.transaction_files.aws.object_store import ObjectStore
from functions.transaction_files.logic.arrivals import Arrival
from functions.transaction_files.logic.segments import Source

ARRIVAL = Arrival("uploads", "a.csv", "v1", "2026-03-01T10:15:30.000Z")


@dataclass
class S3:
    """`breaks` are the errors with which the next bodies end, after one chunk each."""

    data: bytes
    breaks: list[Exception] = field(default_factory=list)
    properties: dict[str, Any] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    open_bodies: int = 0

    def get_object(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        first, _, last = asked["Range"].removeprefix("bytes=").partition("-")
        self.open_bodies += 1
        return {
            "Body": Body(self, self.data[int(first) : int(last) + 1], self.breaks.pop(0) if self.breaks else None),
        }

    def head_object(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        return {
            "ContentLength": len(self.data),
            "LastModified": datetime(2026, 3, 1, 10, 15, 30, tzinfo=UTC),
            "Metadata": {},
        } | self.properties


class Body:
    def __init__(self, s3: S3, data: bytes, breaks: Exception | None) -> None:
        self._s3, self._data, self._breaks, self._given = s3, io.BytesIO(data), breaks, 0

    def read(self, size: int) -> bytes:
        if self._breaks and self._given:
            raise self._breaks
        self._given += 1
        return self._data.read(size)

    def close(self) -> None:
        self._s3.open_bodies -= 1


def store(s3: S3) -> ObjectStore:
    return ObjectStore(s3, pause=lambda _: None)  # type: ignore[arg-type]


def source(s3: S3) -> Source:
    found = store(s3).source(ARRIVAL)
    assert found is not None
    return found


DATA = bytes(range(256)) * 5 * 1024


@pytest.mark.requirement("TXF-12")
def test_the_version_that_arrived_is_read() -> None:
    s3 = S3(DATA)
    found = source(s3)
    assert (found.file, found.size, found.uploaded_at) == ("uploads/a.csv@v1", len(DATA), 1_772_360_130_000)
    assert b"".join(store(s3).chunks(found, 0, None)) == DATA
    assert {(asked["Bucket"], asked["Key"], asked["VersionId"]) for asked in s3.asked} == {("uploads", "a.csv", "v1")}
    assert s3.open_bodies == 0


@pytest.mark.requirement("TXF-12")
def test_a_part_is_asked_for_as_a_range() -> None:
    s3 = S3(DATA)
    assert b"".join(store(s3).chunks(source(s3), 1000, 3000)) == DATA[1000:3000]
    assert s3.asked[-1]["Range"] == "bytes=1000-2999"


@pytest.mark.requirement("TXF-12")
def test_nothing_is_asked_for_of_an_empty_object() -> None:
    s3 = S3(b"")
    assert list(store(s3).chunks(source(s3), 0, None)) == []
    assert len(s3.asked) == 1


@pytest.mark.requirement("TXF-12")
@pytest.mark.parametrize(
    "error",
    [ReadTimeoutError(endpoint_url="x"), ResponseStreamingError(error="x"),
     IncompleteReadError(actual_bytes=1, expected_bytes=2)],
)  # fmt: skip
@pytest.mark.parametrize("compressed", [False, True])
def test_a_connection_that_breaks_is_taken_up_where_it_broke(error: Exception, compressed: bool) -> None:
    s3 = S3(gzip.compress(DATA, 0) if compressed else DATA)
    found = source(s3)
    s3.breaks += [error] * (2 * ATTEMPTS)
    assert b"".join(store(s3).chunks(found, 0, None)) == DATA
    assert s3.open_bodies == 0


@pytest.mark.requirement("TXF-12")
def test_a_service_that_gives_nothing_is_given_up_on() -> None:
    s3 = S3(DATA)
    found = source(s3)

    def refuse(**_: Any) -> Any:
        refused.append(1)
        raise ClientError({"Error": {"Code": "SlowDown"}, "ResponseMetadata": {"HTTPStatusCode": 503}}, "GetObject")  # type: ignore[typeddict-item]

    refused: list[int] = []
    s3.get_object = refuse  # type: ignore[method-assign]
    with pytest.raises(TransientError, match="reading from uploads: SlowDown"):
        list(store(s3).chunks(found, 0, None))
    assert len(refused) == ATTEMPTS


@pytest.mark.requirement("TXF-12")
def test_a_reader_that_stops_leaves_no_connection_open() -> None:
    s3 = S3(DATA)
    chunks = store(s3).chunks(source(s3), 0, None)
    assert len(next(chunks)) == CHUNK_BYTES
    chunks.close()  # type: ignore[attr-defined]
    assert s3.open_bodies == 0


@pytest.mark.requirement("TXF-11")
@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "aws-chunked, gzip", "", "br"])
def test_gzip_is_told_by_its_beginning(encoding: str) -> None:
    s3 = S3(gzip.compress(DATA), properties={"ContentEncoding": encoding})
    found = source(s3)
    assert found.is_gzip
    assert b"".join(store(s3).chunks(found, 5000, None)) == DATA[5000:]


@pytest.mark.requirement("TXF-11")
@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("gzip", ""),
        ("aws-chunked", ""),
        ("identity", ""),
        ("br", "br"),
        ("zstd,aws-chunked", "zstd"),
        ("br, gzip", "br"),
    ],
)
def test_other_encodings_are_named(encoding: str, expected: str) -> None:
    assert source(S3(DATA, properties={"ContentEncoding": encoding})).encoding == expected


@pytest.mark.requirement("TXF-61")
def test_what_an_erasure_wrote_is_not_worked_off() -> None:
    assert store(S3(DATA, properties={"Metadata": {"erasure": "1"}})).source(ARRIVAL) is None
