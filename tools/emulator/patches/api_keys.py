"""An API key that is created with an empty value gets one, and its value is told only to who asks for it.

https://docs.aws.amazon.com/apigateway/latest/api/API_CreateApiKey.html (`value`)
https://docs.aws.amazon.com/apigateway/latest/api/API_GetApiKey.html (`includeValue`)
https://docs.aws.amazon.com/apigateway/latest/api/API_GetApiKeys.html (`includeValues`)

Terraform sends an empty value where none is set; ministack refuses it as too short. And it tells every value to
everyone who may look at keys.
"""

from __future__ import annotations

import json
from typing import Any, Final

from ministack.services import apigateway_v1

from tools.emulator import places

RESTORES: Final = "API Gateway: an API key without a value is given one; values are told only on request"


def apply() -> None:
    create = places.take(apigateway_v1, "_create_api_key", "754711bfbaf5")
    handle = places.take(apigateway_v1, "handle_request", "5c8aba9f1a88")

    def create_with_value(data: dict[str, Any]) -> Any:
        return create({name: value for name, value in data.items() if name != "value" or value})

    async def handle_without_values(method: str, path: str, headers: Any, body: Any, query_params: Any) -> Any:
        status, fields, answer = await handle(method, path, headers, body, query_params)
        looks = method == "GET" and path.strip("/").split("/")[0] == "apikeys" and status == 200
        asked = [apigateway_v1._qp(query_params, name) for name in ("includeValue", "includeValues")]
        if looks and "true" not in asked:
            answer = json.dumps(_without_values(json.loads(answer)))
        return status, fields, answer

    places.put(apigateway_v1, "_create_api_key", create_with_value)
    places.put(apigateway_v1, "handle_request", handle_without_values)


def _without_values(document: dict[str, Any]) -> dict[str, Any]:
    """A key, or a list of keys, without what opens the API."""
    told = {name: value for name, value in document.items() if name != "value"}
    return told | {"item": [_without_values(key) for key in told["item"]]} if "item" in told else told
