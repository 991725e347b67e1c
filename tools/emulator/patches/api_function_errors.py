"""A function that fails, or cannot be invoked, behind a REST API (Lambda proxy integration) is a 5xx that says nothing.

https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway-errors.html (500 where Lambda rejects the invocation)
https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html (DEFAULT_5XX)

A function that fails is answered with the gateway response DEFAULT_5XX, under the status 502 where that response names
none; here a 500 counts as none. The invocation of a throttled function is rejected: that is a 500, which the execution
log calls a configuration error ("Lambda invocation failed with status: 429", "Execution failed due to configuration
error: Rate Exceeded."), and here the gateway response API_CONFIGURATION_ERROR; AWS does not document its type.
ministack hands both errors on to the caller: the function's with its stack trace, Lambda's with the function's name.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, Final

from ministack.services import apigateway_v1

from tools.emulator import places

RESTORES: Final = (
    "API Gateway: a function that fails gives 502 with the gateway response `DEFAULT_5XX`, a throttled one gives 500 "
    "with `API_CONFIGURATION_ERROR`; neither says what happened"
)

_failed: ContextVar[bool] = ContextVar("failed")
_throttled: ContextVar[bool] = ContextVar("throttled")


def apply() -> None:
    shape = places.take(apigateway_v1, "_lambda_proxy_response", "3a5b91b76870")
    invoke = places.take(apigateway_v1, "_invoke_lambda_proxy_v1", "5651a96fa7ba")
    render = places.take(apigateway_v1, "_gateway_error_response", "c0a3f091df36")

    def shape_and_notice(result: Any) -> Any:
        response, error = shape(result)
        _failed.set(error is not None)
        _throttled.set(bool(result.get("throttle")))
        return response, error

    async def invoke_and_hide(*arguments: Any, **named: Any) -> Any:
        _failed.set(False)
        _throttled.set(False)
        answer = await invoke(*arguments, **named)
        if _throttled.get():
            return apigateway_v1._gw_error("API_CONFIGURATION_ERROR", "Internal server error")
        if not _failed.get():
            return answer
        error = apigateway_v1._gw_error("DEFAULT_5XX", "Internal server error")
        error.is_of_function = True
        return error

    def render_as_bad_gateway(error: Any, request: Any) -> Any:
        status, headers, body = render(error, request)
        return 502 if status == 500 and hasattr(error, "is_of_function") else status, headers, body

    places.put(apigateway_v1, "_lambda_proxy_response", shape_and_notice)
    places.put(apigateway_v1, "_invoke_lambda_proxy_v1", invoke_and_hide)
    places.put(apigateway_v1, "_gateway_error_response", render_as_bad_gateway)
