"""The registry takes and gives images only with a token of GetAuthorizationToken, for the registry of that token.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html (user `AWS`, password from the token)
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html (valid for 12 hours)

ministack asks nobody who they are. It finds an account's registry by the host name, which on one machine is the same
for all, and then takes the account that it was started for.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import secrets
import time
from typing import Any, Final

from ministack.core.responses import get_account_id, get_region, json_response, request_scope
from ministack.services import ecr

from tools.emulator import places

RESTORES: Final = "ECR: the registry needs a token, which says whose registry it is; its address is the emulator's"

_VALID_S: Final = 12 * 3600
# Token -> (account, region, until when).
_issued: dict[str, tuple[str, str, float]] = {}


def apply() -> None:
    places.take(ecr, "_get_authorization_token", "92111f2ea183")
    handle = places.take(ecr, "handle_registry_request", "8d092cb90854")

    def issue_token(_: dict[str, Any]) -> Any:
        now = time.time()
        token = new_token(get_account_id(), get_region())
        return json_response(
            {
                "authorizationData": [
                    {
                        "authorizationToken": base64.b64encode(f"AWS:{token}".encode()).decode(),
                        "expiresAt": now + _VALID_S,
                        "proxyEndpoint": f"http://{address()}",
                    }
                ]
            }
        )

    async def handle_with_token(method: str, path: str, headers: dict[str, str], body: bytes, query: Any) -> Any:
        given = {name.lower(): value for name, value in headers.items()}.get("authorization", "")
        account, region, until = _issued.get(_token(given), ("", "", 0.0))
        if until < time.time():
            return _unauthorized()
        with request_scope(account, region):
            return await handle(method, path, headers, body, query)

    places.put(ecr, "_get_authorization_token", issue_token)
    places.put(ecr, "handle_registry_request", handle_with_token)


def address() -> str:
    """Where the registry is. Container engines take a registry of this machine without TLS."""
    return f"127.0.0.1:{os.environ['GATEWAY_PORT']}"


def new_token(account: str, region: str) -> str:
    """A token for a registry, the password of the user `AWS`."""
    token = secrets.token_urlsafe(32)
    _issued[token] = (account, region, time.time() + _VALID_S)
    return token


def _token(authorization: str) -> str:
    kind, _, encoded = authorization.partition(" ")
    try:
        user, _, token = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return ""
    return token if (kind.lower(), user) == ("basic", "AWS") else ""


def _unauthorized() -> tuple[int, dict[str, str], bytes]:
    fault = {"code": "DENIED", "message": "Your authorization token has expired. Reauthenticate and try again."}
    headers = {
        "Content-Type": "application/json",
        "Docker-Distribution-Api-Version": "registry/2.0",
        "Www-Authenticate": f'Basic realm="http://{address()}/",service="ecr.amazonaws.com"',
    }
    return 401, headers, json.dumps({"errors": [fault]}).encode()
