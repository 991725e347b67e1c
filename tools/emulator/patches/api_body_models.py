"""A body is judged by the model of its content type, or that of `$default`, or by none.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html

"If no matching content type is found, request validation is not performed." A request without a content type counts as
`application/json`. ministack judges a body of any content type by the model of `application/json`. And it refuses an
integer of more than 4,300 digits, which Python does not convert: here it is judged by its first digits.
"""

from __future__ import annotations

import re
from typing import Any, Final

from ministack.services import apigateway_v1

from tools.emulator import places

RESTORES: Final = "API Gateway: a body is validated by the model of its content type or of `$default`, if there is one"

_JSON: Final = "application/json"
_LONG_INTEGER: Final = re.compile(rb"[0-9]{4000,}")


def apply() -> None:
    check = places.take(apigateway_v1, "_check_request_validation", "9605a07a083f")

    def check_by_content_type(
        method: dict[str, Any], api_id: str, request: Any, headers: Any, body: bytes, *rest: Any
    ) -> Any:
        models = method.get("requestModels") or {}
        content_type = (apigateway_v1._header_ci(headers, "content-type") or _JSON).split(";")[0].strip().lower()
        model = models.get(content_type) or models.get("$default")
        judged = _LONG_INTEGER.sub(lambda digits: digits[0][:4000], body or b"")
        models = {_JSON: model} if model else {}
        return check({**method, "requestModels": models}, api_id, request, headers, judged, *rest)

    places.put(apigateway_v1, "_check_request_validation", check_by_content_type)
