"""A request of a REST API has one id: in the function's event, in the access log, and in the answer.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
(`$context.requestId`)
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html (the function's
event, `requestContext.requestId`)

ministack makes three, so that nothing leads from a sender's answer, or from a line of the access log, to what the
function logged of the request.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, Final

from ministack.services import apigateway_v1

from tools.emulator import places

RESTORES: Final = "API Gateway: a request has one id, in the function's event, the access log and `x-amzn-requestid`"

_request_id: ContextVar[str] = ContextVar("request_id")


def apply() -> None:
    execute = places.take(apigateway_v1, "_execute_in_scope", "2ae72b7d5eb6")
    build = places.take(apigateway_v1, "_build_lambda_event_v1", "c7ac97b91f6e")

    async def execute_under_one_id(request: dict[str, Any], *rest: Any) -> Any:
        _request_id.set(request["request_id"])
        answer = await execute(request, *rest)
        if isinstance(answer, tuple):
            answer[1]["x-amzn-requestid"] = request["request_id"]
        return answer

    def build_with_that_id(*arguments: Any, **named: Any) -> Any:
        event = build(*arguments, **named)
        event["requestContext"] |= {"requestId": _request_id.get(), "extendedRequestId": _request_id.get()}
        return event

    places.put(apigateway_v1, "_execute_in_scope", execute_under_one_id)
    places.put(apigateway_v1, "_build_lambda_event_v1", build_with_that_id)
