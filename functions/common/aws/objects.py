"""Object versions in S3, as streams that outlive a broken connection."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import IncompleteReadError

from functions.common.aws.attempts import Attempts
from functions.common.aws.clients import transient_errors
from functions.common.errors import TransientError

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

CHUNK_BYTES: Final = 256 * 1024


class ObjectReader:
    def __init__(self, client: S3Client, pause: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._pause = pause

    def read(self, bucket: str, key: str, version_id: str, start: int, end: int) -> Iterator[bytes]:
        """The object's bytes between two offsets. Where the connection breaks, another one goes on.

        Raises TransientError.
        """
        attempts = Attempts(self._pause)
        while start < end:
            try:
                with (
                    transient_errors(f"reading from {bucket}"),
                    closing(self._open(bucket, key, version_id, start, end)) as body,
                ):
                    while chunk := body.read(CHUNK_BYTES):
                        start += len(chunk)
                        attempts.succeeded()
                        yield chunk
            except TransientError as error:
                attempts.failed(str(error))
            except IncompleteReadError as error:
                attempts.failed(f"reading from {bucket}: {type(error).__name__}")

    def _open(self, bucket: str, key: str, version_id: str, start: int, end: int) -> Any:
        return self._client.get_object(Bucket=bucket, Key=key, VersionId=version_id, Range=f"bytes={start}-{end - 1}")[
            "Body"
        ]
