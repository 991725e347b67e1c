"""A REST API's stage writes a line for each request to the log group of its `accessLogSettings`, in the account's role.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html

ministack keeps the settings and writes nothing. A variable without a value is `-`, as on AWS; here that is also what
the integration, the trace and the web ACL would say. Without the role, or its permission, nothing is written (AWS
refuses a stage that logs as long as the account has no role).
"""

from __future__ import annotations

import re
import time
from contextvars import ContextVar
from typing import Any, Final

from ministack.services import apigateway_v1

from tools.emulator import deliveries, places

RESTORES: Final = "API Gateway: access logs of REST APIs, written in the account's role"

_SERVICE: Final = "apigateway.amazonaws.com"
_VARIABLE: Final = re.compile(r"\$context\.[A-Za-z.]*[A-Za-z]")

_outcome: ContextVar[tuple[dict[str, Any], Any]] = ContextVar("outcome")


def apply() -> None:
    execute = places.take(apigateway_v1, "_execute_in_scope", "2ae72b7d5eb6")
    handle = places.take(apigateway_v1, "_handle_execute_in_scope", "60ed5805557f")

    async def execute_and_remember(request: dict[str, Any], *rest: Any) -> Any:
        answer = await execute(request, *rest)
        _outcome.set((request, answer))
        return answer

    async def handle_and_log(api_id: str, stage_name: str, method: str, *rest: Any) -> Any:
        started = time.time()
        answer = await handle(api_id, stage_name, method, *rest)
        request, outcome = _outcome.get()
        settings = (request["stage"] or {}).get("accessLogSettings") or {}
        if settings.get("destinationArn") and settings.get("format"):
            values = {
                "error.responseType": getattr(outcome, "response_type", "-"),
                "httpMethod": method,
                "requestId": request["request_id"],
                "requestTimeEpoch": int(started * 1000),
                "resourcePath": request["resource_path"] or "-",
                "responseLatency": round((time.time() - started) * 1000),
                "responseLength": len(answer[2] or b""),
                "stage": stage_name,
                "status": answer[0],
            }
            _write(settings, {f"$context.{name}": str(value) for name, value in values.items()}, api_id)
        return answer

    places.put(apigateway_v1, "_execute_in_scope", execute_and_remember)
    places.put(apigateway_v1, "_handle_execute_in_scope", handle_and_log)


def _write(settings: dict[str, str], values: dict[str, str], api_id: str) -> None:
    group_arn = settings["destinationArn"].removesuffix(":*")
    role = (apigateway_v1._account_settings.get("settings") or {}).get("cloudwatchRoleArn") or ""
    source = f"arn:aws:execute-api:{':'.join(group_arn.split(':')[3:5])}:{api_id}"
    if not deliveries.assumed_role_allows(
        _SERVICE, role, "logs:PutLogEvents", f"{group_arn}:log-stream:{api_id}", source
    ):
        apigateway_v1.logger.warning("access log of %s: the account's role does not allow it", api_id)
        return
    line = _VARIABLE.sub(lambda found: values.get(found[0], "-"), settings["format"])
    try:
        deliveries.write_to_log_group(deliveries.log_group_of(group_arn), api_id, [line])
    except deliveries.UndeliveredError as error:
        apigateway_v1.logger.warning("access log of %s: %s", api_id, error)
