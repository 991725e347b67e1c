"""A patch operation of API Gateway changes the value that it names, in that value's type.

https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html

Values of patch operations travel as text. ministack keeps the text, so that a number read back is none and the second
plan fails; it also stores a usage plan's stages and an API's binary media types, which are added and removed one by
one, under invented names.
"""

from __future__ import annotations

from typing import Any, Final

from ministack.services import apigateway_v1

from tools.emulator import places

RESTORES: Final = "API Gateway: patched numbers and truth values keep their type; usage-plan stages, binary media types"

_INTEGERS: Final = {
    "authorizerResultTtlInSeconds",
    "burstLimit",
    "limit",
    "minimumCompressionSize",
    "offset",
    "timeoutInMillis",
}
_NUMBERS: Final = {"percentTraffic", "rateLimit"}
_BOOLEANS: Final = {
    "apiKeyRequired",
    "cacheClusterEnabled",
    "disableExecuteApiEndpoint",
    "enabled",
    "tracingEnabled",
    "useStageCache",
    "validateRequestBody",
    "validateRequestParameters",
}


def apply() -> None:
    apply_patch = places.take(apigateway_v1, "_apply_patch", "b56afc4bae09")

    def apply_typed_patch(thing: dict[str, Any], operations: list[dict[str, Any]]) -> Any:
        rest = [each for each in operations if not _changes_list(thing, each)]
        return apply_patch(thing, [{**each, "value": _typed(each)} if "value" in each else each for each in rest])

    places.put(apigateway_v1, "_apply_patch", apply_typed_patch)


def _path(operation: dict[str, Any]) -> list[str]:
    parts = str(operation.get("path", "")).strip("/").split("/")
    return [part.replace("~1", "/").replace("~0", "~") for part in parts]


def _typed(operation: dict[str, Any]) -> Any:
    name, value = _path(operation)[-1], operation["value"]
    if not isinstance(value, str):
        return value
    if name in _INTEGERS:
        return int(value)
    if name in _NUMBERS:
        return float(value)
    return value == "true" if name in _BOOLEANS else value


def _changes_list(thing: dict[str, Any], operation: dict[str, Any]) -> bool:
    """Carry out an operation on an entry of a list; False for every other operation."""
    path = _path(operation)
    entry: Any
    if path[0] == "binaryMediaTypes" and len(path) == 2:
        name, entry = path[0], path[1]
    elif path == ["apiStages"] and isinstance(operation.get("value"), str):
        api, stage = operation["value"].split(":", 1)
        name, entry = path[0], {"apiId": api, "stage": stage}
    else:
        return False
    entries: list[Any] = thing.setdefault(name, [])
    if entry in entries:
        entries.remove(entry)
    if operation.get("op") != "remove":
        entries.append(entry)
    return True
