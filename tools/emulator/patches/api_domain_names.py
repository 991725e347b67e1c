"""The event of a request of a REST API names the host that it was sent to.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html (the function's
event, `requestContext.domainName` and `domainPrefix`)

ministack leaves both out, so a function cannot say under which URL its API goes on.
"""

from __future__ import annotations

from typing import Any, Final

from ministack.core.responses import get_region
from ministack.services import apigateway_v1

from tools.emulator import places

RESTORES: Final = "API Gateway: a function is told the host name of its API"


def apply() -> None:
    build = places.take(apigateway_v1, "_build_lambda_event_v1", "c7ac97b91f6e")

    def build_with_the_host(*arguments: Any, **named: Any) -> Any:
        event = build(*arguments, **named)
        api_id = event["requestContext"]["apiId"]
        event["requestContext"] |= {
            "domainName": f"{api_id}.execute-api.{get_region()}.amazonaws.com",
            "domainPrefix": api_id,
        }
        return event

    places.put(apigateway_v1, "_build_lambda_event_v1", build_with_the_host)
