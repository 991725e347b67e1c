"""A body is judged by the model of its content type, or that of `$default`, or by none.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html

"If no matching content type is found, request validation is not performed." A request without a content type counts as
`application/json`. ministack judges a body of any content type by the model of `application/json`.
"""

from __future__ import annotations

from typing import Any, Final

from ministack.services import apigateway_v1

from tools.emulator import places

RESTORES: Final = "API Gateway: a body is judged by the model of its content type or of `$default`, else not at all"

_JSON: Final = "application/json"


def apply() -> None:
    check = places.take(apigateway_v1, "_check_request_validation", "9605a07a083f")

    def check_by_content_type(method: dict[str, Any], api_id: str, request: Any, headers: Any, *rest: Any) -> Any:
        models = method.get("requestModels") or {}
        content_type = (apigateway_v1._header_ci(headers, "content-type") or _JSON).split(";")[0].strip().lower()
        model = models.get(content_type) or models.get("$default")
        return check({**method, "requestModels": {_JSON: model} if model else {}}, api_id, request, headers, *rest)

    places.put(apigateway_v1, "_check_request_validation", check_by_content_type)
