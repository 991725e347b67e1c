"""A bucket policy can ask with which key an upload is encrypted.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html (the condition key
`s3:x-amz-server-side-encryption-aws-kms-key-id`, whose value is the ARN of a key)

ministack does not have the condition key, so that a policy which admits one key refuses every upload. As on AWS, an
upload that names no key has no such condition key, whatever the bucket encrypts it with.
"""

from __future__ import annotations

from typing import Any, Final

from ministack.core import iam_actions
from ministack.core.responses import get_account_id, get_region
from ministack.services import s3

from tools.emulator import places

RESTORES: Final = "S3: the condition key of a policy for the key that an upload is encrypted with"

_HEADER: Final = "x-amz-server-side-encryption-aws-kms-key-id"


def apply() -> None:
    context_of = places.take(iam_actions, "_s3_object_context", "3a43e6ca9f51")

    def context_with_key(action: str, query: dict[str, Any], path: str, headers: dict[str, str]) -> dict[str, Any]:
        context: dict[str, Any] = context_of(action, query, path, headers)
        upload = s3._multipart_uploads.get(iam_actions._query_param(query, "uploadId"))
        named = s3._stored_sse_headers(upload) if upload and upload["requested_sse"] else headers
        if action == "s3:PutObject" and named.get(_HEADER):
            context[f"s3:{_HEADER}"] = _arn(named[_HEADER])
        return context

    places.put(iam_actions, "_s3_object_context", context_with_key)


def _arn(key: str) -> str:
    """The ARN of a key that is named by its ARN or its id."""
    return key if key.startswith("arn:") else f"arn:aws:kms:{get_region()}:{get_account_id()}:key/{key}"
