"""`$context.error.validationErrorString`: what is wrong with a request's body, for a gateway response.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gateway-response-definition.html

API Gateway puts the messages of its JSON schema validator there, in brackets:
`[object has missing required properties (["amount"])]`. They name the fields that are missing; of a wrong type they say
what was expected, not in which field. ministack leaves the variable in the answer as it stands in the template. Here
`required` and `type` are explained, at every depth; of other keywords, and of a body that is not JSON, nothing is said.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from ministack.services import apigateway_v1

from tools.emulator import places

RESTORES: Final = "API Gateway: `$context.error.validationErrorString` in gateway responses"

_VARIABLE: Final = b"$context.error.validationErrorString"


def apply() -> None:
    check = places.take(apigateway_v1, "_check_request_validation", "9605a07a083f")
    render = places.take(apigateway_v1, "_gateway_error_response", "c0a3f091df36")

    def check_and_explain(
        method: dict[str, Any], api_id: str, request: Any, headers: Any, body: Any, *rest: Any
    ) -> Any:
        error = check(method, api_id, request, headers, body, *rest)
        if error is not None and error.response_type == "BAD_REQUEST_BODY":
            error.explanation = _explain(api_id, (method.get("requestModels") or {}).values(), body)
        return error

    def render_with_explanation(error: Any, request: Any) -> Any:
        status, headers, body = render(error, request)
        text = json.dumps(getattr(error, "explanation", ""))[1:-1]
        return status, headers, body.replace(_VARIABLE, text.encode())

    places.put(apigateway_v1, "_check_request_validation", check_and_explain)
    places.put(apigateway_v1, "_gateway_error_response", render_with_explanation)


def _explain(api_id: str, models: Any, body: Any) -> str:
    try:
        document = json.loads(body)
    except (TypeError, ValueError, RecursionError):
        return ""
    schemas = [apigateway_v1._model_schema(api_id, name) for name in models]
    return f"[{', '.join(line for schema in schemas for line in _faults(schema or {}, document))}]"


def _faults(schema: dict[str, Any], value: Any) -> Iterator[str]:
    """The validator's words, which quote its lists as JSON without spaces."""
    is_type = apigateway_v1._JSON_TYPES
    wanted = str(schema.get("type"))
    if wanted in is_type and not is_type[wanted](value):
        found = next(name for name in ("integer", *is_type) if is_type[name](value))
        allowed = _list(["integer", "number"] if wanted == "number" else [wanted])
        yield f"instance type ({found}) does not match any allowed primitive type (allowed: {allowed})"
    if isinstance(value, dict):
        if missing := sorted(set(schema.get("required") or []) - set(value)):
            yield f"object has missing required properties ({_list(missing)})"
        for name, part in (schema.get("properties") or {}).items():
            if name in value:
                yield from _faults(part, value[name])


def _list(names: list[str]) -> str:
    return json.dumps(names, separators=(",", ":"))
