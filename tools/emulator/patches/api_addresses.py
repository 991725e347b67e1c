"""The address of a REST API names the API, and with it the account, for every caller.

https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-call-api.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html

ministack looks for an API in the account of the caller's credentials. So an unsigned request finds only the APIs of the
default account, and no webhook could be posted to an environment's API. It also reads every `Authorization` header as
such credentials. API Gateway does so only for a method with IAM authorisation; for others it is a header like any.
"""

from __future__ import annotations

from typing import Any, Final

from ministack import app
from ministack.core.responses import request_scope
from ministack.services import apigateway_v1

from tools.emulator import places

RESTORES: Final = (
    "API Gateway: a request finds the API that its address names, in any account; its `Authorization` header counts "
    "for methods with IAM authorisation only"
)


def apply() -> None:
    handle = places.take(app, "_handle_execute_api_request", "77a20f6d604b")

    async def handle_in_its_account(
        host: str, path: str, method: str, headers: dict[str, str], *rest: Any, **options: Any
    ) -> Any:
        named = app._parse_execute_api_url(host, path)
        owner = _owner(named[0]) if named else None
        signed = headers.get("authorization", "").startswith("AWS4-HMAC-SHA256")
        if owner is None or (signed and _reads_credentials(owner, method, *named)):
            return await handle(host, path, method, headers, *rest, **options)
        with request_scope(*owner):
            return await handle(host, path, method, headers, *rest, **options)

    places.put(app, "_handle_execute_api_request", handle_in_its_account)


def _owner(api_id: str) -> tuple[str, str] | None:
    """The account and the region of a REST API."""
    return next(
        (
            (account, region)
            for (account, region, stored), _ in apigateway_v1._rest_apis.all_items()
            if stored == api_id
        ),
        None,
    )


def _reads_credentials(owner: tuple[str, str], method: str, api_id: str, stage: str, path: str) -> bool:
    with request_scope(*owner):
        return bool(apigateway_v1.method_authorization_type(api_id, stage, method, path) == "AWS_IAM")
