"""The status of DEFAULT_4XX and DEFAULT_5XX is the status of every gateway response of theirs that has none of its own.

https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html

"Changing the status code of this fallback gateway response changes the status codes of all other 5XX responses to the
new value." ministack hands on the headers and templates of the fallback, and leaves the type its own status.
"""

from __future__ import annotations

from typing import Any, Final

from ministack.services import apigateway_v1

from tools.emulator import places

RESTORES: Final = "API Gateway: the status of `DEFAULT_4XX` and `DEFAULT_5XX` also applies to the types without one"


def apply() -> None:
    find = places.take(apigateway_v1, "_gateway_response_for_type", "59b513061dd5")

    def find_with_status(customized: dict[str, Any], response_type: str) -> dict[str, Any]:
        response: dict[str, Any] = find(customized, response_type)
        fallback = customized.get(apigateway_v1._gateway_response_family(response_type)) or {}
        if response_type not in customized and fallback.get("statusCode"):
            return {**response, "statusCode": fallback["statusCode"]}
        return response

    places.put(apigateway_v1, "_gateway_response_for_type", find_with_status)
