"""A web ACL keeps its logging configuration, until that or the web ACL is deleted.

https://docs.aws.amazon.com/waf/latest/APIReference/API_PutLoggingConfiguration.html

ministack does not know the three calls. Requests are not inspected here, so that nothing is logged.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from ministack.core.responses import AccountRegionScopedDict, json_response
from ministack.services import waf

from tools.emulator import places

RESTORES: Final = "WAF: the logging configuration of a web ACL (else the apply fails)"

_configurations = AccountRegionScopedDict()


def apply() -> None:
    handle = places.take(waf, "handle_request", "1c2516f53378")
    delete = places.take(waf, "_delete_web_acl", "d8595f67ec79")

    async def handle_with_logging(method: str, path: str, headers: Any, body: bytes, query_params: Any) -> Any:
        call = _CALLS.get(headers.get("x-amz-target", "").rpartition(".")[2])
        return call(json.loads(body)) if call else await handle(method, path, headers, body, query_params)

    def delete_with_configuration(data: dict[str, Any]) -> Any:
        web_acl = waf._web_acls.get(data.get("Id", ""), {})
        answer = delete(data)
        if answer[0] == 200:
            _configurations.pop(web_acl.get("ARN"), None)
        return answer

    places.put(waf, "handle_request", handle_with_logging)
    places.put(waf, "_delete_web_acl", delete_with_configuration)


def _put(data: dict[str, Any]) -> Any:
    configuration = data["LoggingConfiguration"]
    web_acl, error = waf._resolve_local_web_acl(configuration["ResourceArn"])
    if error:
        return error
    for destination in configuration["LogDestinationConfigs"]:
        # https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
        if ":log-group:aws-waf-logs-" not in destination:
            return waf._waf_err("WAFInvalidParameterException", f"{destination} is no log group aws-waf-logs-*")
    _configurations[web_acl["ARN"]] = {**configuration, "ManagedByFirewallManager": False}
    return json_response({"LoggingConfiguration": _configurations[web_acl["ARN"]]})


def _get(data: dict[str, Any]) -> Any:
    configuration = _configurations.get(data["ResourceArn"])
    return _unknown(data) if configuration is None else json_response({"LoggingConfiguration": configuration})


def _delete(data: dict[str, Any]) -> Any:
    return _unknown(data) if _configurations.pop(data["ResourceArn"], None) is None else json_response({})


def _unknown(data: dict[str, Any]) -> Any:
    return waf._waf_err("WAFNonexistentItemException", f"{data['ResourceArn']} has no logging configuration")


_CALLS: Final[dict[str, Callable[[dict[str, Any]], Any]]] = {
    "DeleteLoggingConfiguration": _delete,
    "GetLoggingConfiguration": _get,
    "PutLoggingConfiguration": _put,
}
