"""A request as API Gateway's Lambda proxy integration passes it on (payload format 1.0), and the response to it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any


def headers_of(event: Mapping[str, Any]) -> dict[str, str]:
    """Names are in lower case. A header that was sent several times has all its values, separated by commas (RFC 9110,
    section 5.2). From `multiValueHeaders`: `headers` has only the last value.
    """
    several = event.get("multiValueHeaders") or {name: [value] for name, value in (event.get("headers") or {}).items()}
    values: dict[str, list[str]] = {}
    for name, sent in several.items():
        values.setdefault(name.lower(), []).extend(sent)
    return {name: ", ".join(sent) for name, sent in values.items()}


def body_of(event: Mapping[str, Any]) -> bytes:
    """What was sent, byte for byte. Raises ValueError for a body that is said to be base64 and is not."""
    text = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        # Nobody can send a lone surrogate as text: it is replaced by what no signature matches.
        return str(text).encode("utf-8", errors="replace")
    return base64.b64decode(text, validate=True)


def answer(status: int, content: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A response in the shape that the proxy integration accepts."""
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json", **(headers or {})},
        "body": json.dumps(content),
        "isBase64Encoded": False,
    }
