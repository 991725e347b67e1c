"""The bucket of uploads: files, and the rows of them that cannot be used."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

import msgspec

from functions.common.aws.clients import transient_errors
from functions.common.aws.objects import ObjectReader
from functions.csv_upload.logic.api import MEDIA_TYPE
from functions.csv_upload.logic.processing import FaultyRow
from functions.csv_upload.logic.uploads import Upload, rejected_key

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# More than that of rejected rows is in a file until it is sent.
_IN_MEMORY_BYTES: Final = 1024 * 1024


class UploadBucket:
    """What the API writes (functions.csv_upload.logic.api.Bucket). `key_arn` is of the bucket's key."""

    def __init__(self, client: S3Client, name: str, key_arn: str) -> None:
        self._client = client
        self._name = name
        self._key_arn = key_arn

    def put(self, key: str, body: bytes) -> None:
        with transient_errors(f"writing to {self._name}"):
            self._client.put_object(Bucket=self._name, Key=key, Body=body, ContentType=MEDIA_TYPE)

    def presign(self, key: str, maximum_bytes: int, seconds: int) -> tuple[str, dict[str, str]]:
        fields = {
            "Content-Type": MEDIA_TYPE,
            "x-amz-server-side-encryption": "aws:kms",
            "x-amz-server-side-encryption-aws-kms-key-id": self._key_arn,
        }
        form = self._client.generate_presigned_post(
            self._name,
            key,
            Fields=fields,
            Conditions=[["content-length-range", 1, maximum_bytes], *({name: text} for name, text in fields.items())],
            ExpiresIn=seconds,
        )
        return form["url"], form["fields"]


class UploadFiles:
    """What the workflow reads and writes (functions.csv_upload.logic.processing.Files)."""

    def __init__(self, client: S3Client) -> None:
        self._client = client
        self._reader = ObjectReader(client)

    def chunks(self, upload: Upload) -> Iterator[bytes]:
        return self._reader.read(upload.bucket, upload.key, upload.version_id, 0, upload.size)

    def put_rejected(self, upload: Upload, rows: Iterable[FaultyRow]) -> None:
        with tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as file:
            for row in rows:
                file.write(msgspec.json.encode(row) + b"\n")
            file.seek(0)
            with transient_errors(f"writing to {upload.bucket}"):
                self._client.put_object(
                    Bucket=upload.bucket,
                    Key=rejected_key(upload.upload_id),
                    Body=file,
                    ContentType="application/x-ndjson",
                )
