"""An API key that is created with an empty value gets one.

https://docs.aws.amazon.com/apigateway/latest/api/API_CreateApiKey.html (`value`)

Terraform sends an empty value where none is set; ministack refuses it as too short.
"""

from __future__ import annotations

from typing import Any, Final

from ministack.services import apigateway_v1

from tools.emulator import places

RESTORES: Final = "API Gateway: an API key without a value is given one"


def apply() -> None:
    create = places.take(apigateway_v1, "_create_api_key", "754711bfbaf5")

    def create_with_value(data: dict[str, Any]) -> Any:
        return create({name: value for name, value in data.items() if name != "value" or value})

    places.put(apigateway_v1, "_create_api_key", create_with_value)
