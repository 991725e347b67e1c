"""A form for an upload may be signed with the credentials of a role, as every function does.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html (`x-amz-security-token`)

The request itself is not signed, so ministack takes the account of a form from its access key. It knows the accounts of
users' keys only, and refuses a role's form as one of a stranger.
"""

from __future__ import annotations

from typing import Any, Final

from ministack.core.responses import _account_from_sts_session
from ministack.services import s3

from tools.emulator import places

RESTORES: Final = "S3: a form for an upload may be signed with the credentials of a role"


def apply() -> None:
    account_of = places.take(s3, "_account_from_access_key", "e83ef5db7d3d")

    def account_of_any(access_key: str) -> Any:
        return _account_from_sts_session(access_key) or account_of(access_key)

    places.put(s3, "_account_from_access_key", account_of_any)
