"""Forms with which a browser puts an object: ministack takes and refuses them as AWS does.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
"""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
import urllib3

from tests.emulator.fidelity.account import Account, statement

KEY = "incoming/a.csv"


def form(s3: Any, bucket: str, *, expires_in_s: int = 60, **encryption: str) -> dict[str, Any]:
    """A form for one object of 2 to 5 bytes."""
    conditions = [["content-length-range", 2, 5], *({name: value} for name, value in encryption.items())]
    made: dict[str, Any] = s3.generate_presigned_post(
        bucket, KEY, Fields=dict(encryption), Conditions=conditions, ExpiresIn=expires_in_s
    )
    return made


def post(form: dict[str, Any], body: bytes, **changed: str) -> urllib3.BaseHTTPResponse:
    fields = [*(form["fields"] | changed).items(), ("file", ("a.csv", body, "text/csv"))]
    return urllib3.request("POST", form["url"], fields=fields, retries=False)


def code(answer: urllib3.BaseHTTPResponse) -> tuple[int, str]:
    found = re.search(rb"<Code>(\w+)</Code>", answer.data)
    return answer.status, found[1].decode() if found else ""


@pytest.fixture
def bucket(account: Account) -> str:
    name = f"files-{account.id}"
    account.client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def signer(account: Account, bucket: str) -> Any:
    """A client of a user who may put objects into the bucket."""
    return account.user_client("s3", statement("s3:PutObject", f"arn:aws:s3:::{bucket}/*"))


def test_who_has_the_form_may_put_the_object(account: Account, bucket: str, signer: Any) -> None:
    assert post(form(signer, bucket), b"12345").status == 204
    assert account.client("s3").get_object(Bucket=bucket, Key=KEY)["Body"].read() == b"12345"


def test_s3_refuses_what_does_not_fit_the_form(account: Account, bucket: str, signer: Any) -> None:
    made = form(signer, bucket)
    assert code(post(made, b"123456")) == (400, "EntityTooLarge")
    assert code(post(made, b"1")) == (400, "EntityTooSmall")
    assert code(post(made, b"12345", key="incoming/b.csv")) == (403, "AccessDenied")
    assert code(post(made, b"12345", **{"x-amz-meta-more": "x"})) == (403, "AccessDenied")
    assert account.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_form_expires(bucket: str, signer: Any) -> None:
    made = form(signer, bucket, expires_in_s=1)
    time.sleep(1.5)  # until its expiry, which nothing else announces
    assert code(post(made, b"12345")) == (403, "AccessDenied")


def test_an_object_of_a_form_is_encrypted_as_the_form_says(account: Account, bucket: str, signer: Any) -> None:
    key = account.client("kms").create_key()["KeyMetadata"]["Arn"]
    encryption = {"x-amz-server-side-encryption": "aws:kms", "x-amz-server-side-encryption-aws-kms-key-id": key}
    made = form(signer, bucket, **encryption)
    assert code(post(made, b"12345", **{"x-amz-server-side-encryption": "AES256"})) == (403, "AccessDenied")
    assert post(made, b"12345").status == 204
    stored = account.client("s3").head_object(Bucket=bucket, Key=KEY)
    assert (stored["ServerSideEncryption"], stored["SSEKMSKeyId"]) == ("aws:kms", key)


def test_a_form_is_worth_what_its_signer_may_do(account: Account, bucket: str) -> None:
    may = account.user_client("s3", statement("s3:PutObject", f"arn:aws:s3:::{bucket}/incoming/*"))
    may_not = account.user_client("s3", statement("s3:PutObject", f"arn:aws:s3:::{bucket}/validated/*"))
    assert post(form(may, bucket), b"12345").status == 204
    assert code(post(form(may_not, bucket), b"12345")) == (403, "AccessDenied")


def test_a_form_that_somebody_changed_is_refused(bucket: str, signer: Any) -> None:
    signature = {"x-amz-signature": "0" * 64}
    assert code(post(form(signer, bucket), b"12345", **signature)) == (403, "SignatureDoesNotMatch")
