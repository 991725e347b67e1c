"""The HTTP request as API Gateway passes it on, and the response to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from functions.common.api_requests import body_of, headers_of
from functions.common.errors import PermanentError

# The message in SQS (256 KiB with its attributes) and the record in DynamoDB (400 KB) hold the whole body.
MAXIMUM_BODY_BYTES = 192 * 1024

# The router gets the body as text in JSON, where each quote takes two bytes. An asynchronous invocation accepts 1 MB.
# But an event that the router fails on goes to its dead-letter queue in this form, with the reason: 256 KiB at most.
MAXIMUM_ENCODED_BYTES = 240 * 1024


class Rejected(PermanentError):
    """The request gets this status and error. Sending it again unchanged gives the same result.

    `codes` name the faults for the log, without a value of the request.
    """

    def __init__(self, status: int, error: str, codes: tuple[str, ...]) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.codes = codes


class Request(msgspec.Struct, frozen=True):
    """`body` is what was sent, byte for byte, and `id` is API Gateway's. Names of `headers` are in lower case."""

    id: str
    headers: dict[str, str]
    body: bytes


def read_request(event: Mapping[str, Any]) -> Request:
    """Read an event of API Gateway's Lambda proxy integration (payload format 1.0).

    Raises Rejected for a body above MAXIMUM_BODY_BYTES (WHK-06).
    """
    try:
        body = body_of(event)
    except ValueError as error:
        raise Rejected(400, "Request body is not base64", ("$:not_base64",)) from error
    if len(body) > MAXIMUM_BODY_BYTES:
        raise too_large()
    return Request(event["requestContext"]["requestId"], headers_of(event), body)


def too_large() -> Rejected:
    return Rejected(
        413,
        f"Request body is too large: at most {MAXIMUM_BODY_BYTES} bytes, and {MAXIMUM_ENCODED_BYTES} as a JSON string",
        ("$:too_large",),
    )
