"""A change whose response was lost is not carried out again when the SDK repeats the request.

https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html (an SDK repeats a request without a
response; every attempt carries the same `amz-sdk-invocation-id`, and its number in `amz-sdk-request`)

On a busy machine a response comes too late for its client, or is lost as `tools/emulator/server.py` describes (only one
of more than 4 KiB still can be). If the request was carried out, its repeat collides with it: Terraform
fails on its own state lock (and leaves it behind), or on a web ACL that it has just made. The repeat gets the first
attempt's response instead. A request that failed is carried out again.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import Any, Final

from ministack import app
from ministack.core.responses import get_account_id

from tools.emulator import places

RESTORES: Final = (
    "every service: when an SDK repeats a change whose response was lost, it gets that response (else Terraform "
    "collides with its own state lock)"
)

_CHANGING: Final = frozenset({"DELETE", "PATCH", "POST", "PUT"})
_REMEMBERED: Final = 1000
_ATTEMPT: Final = re.compile(r"attempt=(\d+)")


def apply() -> None:
    dispatch = places.take(app, "_dispatch_service_request", "17e5ef6dcfa0")
    answers: OrderedDict[tuple[str, str], tuple[int, dict[str, str], str | bytes]] = OrderedDict()

    async def dispatch_once(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any], request_id: str
    ) -> tuple[int, dict[str, str], Any]:
        invocation = headers.get("amz-sdk-invocation-id")
        if not invocation or method not in _CHANGING:
            return await dispatch(method, path, headers, body, query, request_id)  # type: ignore[no-any-return]
        key = (get_account_id(), invocation)
        attempt = _ATTEMPT.search(headers.get("amz-sdk-request", ""))
        if attempt and int(attempt[1]) > 1 and key in answers:
            status, fields, content = answers[key]
            app.logger.info("answered a repeated request as before: %s %s", method, headers.get("x-amz-target", path))
            return status, dict(fields), content
        status, fields, content = await dispatch(method, path, headers, body, query, request_id)
        if status < 300 and isinstance(content, str | bytes):
            answers[key] = (status, dict(fields), content)
            while len(answers) > _REMEMBERED:
                answers.popitem(last=False)
        return status, fields, content

    places.put(app, "_dispatch_service_request", dispatch_once)
