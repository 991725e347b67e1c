"""A write to DynamoDB whose answer was lost is not carried out again when the SDK repeats it.

https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html (an SDK repeats a request whose answer did
not come; every attempt carries the same `amz-sdk-invocation-id`, and its number in `amz-sdk-request`)

Under load, a few of a thousand requests of Terraform to the emulator lose their connection before the answer is read;
why is not known. For a conditional write that was carried out, the repeat then collides with the write itself:
Terraform fails on its own state lock, and leaves it behind. The repeat gets the first attempt's answer instead.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import Any, Final

from ministack.core.responses import get_account_id
from ministack.services import dynamodb

from tools.emulator import places

RESTORES: Final = (
    "DynamoDB: an SDK's repeat of a write whose answer was lost gets that answer (else Terraform collides with its own "
    "state lock)"
)

_WRITES: Final = ("DeleteItem", "PutItem", "TransactWriteItems", "UpdateItem")
_REMEMBERED: Final = 1000
_ATTEMPT: Final = re.compile(r"attempt=(\d+)")


def apply() -> None:
    handle = places.take(dynamodb, "handle_request", "1201f2ac993c")
    answers: OrderedDict[tuple[str, str], Any] = OrderedDict()

    async def handle_once(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Any:
        invocation = headers.get("amz-sdk-invocation-id")
        if not invocation or not headers.get("x-amz-target", "").endswith(_WRITES):
            return await handle(method, path, headers, body, query)
        key = (get_account_id(), invocation)
        attempt = _ATTEMPT.search(headers.get("amz-sdk-request", ""))
        if attempt and int(attempt[1]) > 1 and key in answers:
            status, fields, content = answers[key]
            dynamodb.logger.info("answered a repeated %s as before", headers["x-amz-target"])
            return status, dict(fields), content
        answer = await handle(method, path, headers, body, query)
        if answer[0] == 200:
            answers[key] = (answer[0], dict(answer[1]), answer[2])
            while len(answers) > _REMEMBERED:
                answers.popitem(last=False)
        return answer

    places.put(dynamodb, "handle_request", handle_once)
