"""Whether an object is missing is told only to those who may list its bucket.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html (without `s3:ListBucket` the answer about an object
that does not exist is 403 Access Denied, not 404)

ministack tells everyone who may read it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ministack.core import iam_evaluator
from ministack.core.responses import get_region
from ministack.core.router import extract_access_key_id
from ministack.services import s3

from tools.emulator import places

RESTORES: Final = "S3: without `s3:ListBucket` a missing object or version is `AccessDenied`"


def apply() -> None:
    for name, fingerprint in (("_get_object", "64ad7071ef0e"), ("_head_object", "369c3a8482ea")):
        places.put(s3, name, _hiding(places.take(s3, name, fingerprint)))


def _hiding(read: Callable[..., Any]) -> Callable[..., Any]:
    def read_or_hide(
        bucket: str, key: str, headers: dict[str, str] | None = None, query: dict[str, Any] | None = None
    ) -> Any:
        answer = read(bucket, key, headers or {}, query)
        access_key = extract_access_key_id(headers or {}, query)
        if answer[0] != 404 or bucket not in s3._buckets or not access_key:
            return answer
        if iam_evaluator.enforce(access_key, "s3:ListBucket", "s3", get_region(), f"arn:aws:s3:::{bucket}") is None:
            return answer
        return s3._error("AccessDenied", "Access Denied", 403, f"/{bucket}/{key}")

    return read_or_hide
