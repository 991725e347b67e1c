"""`aws:SecureTransport` is true for a request over TLS, so that a policy can deny the others.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-securetransport

The emulator listens without TLS on the loopback address only. ministack reads the scheme from `X-Forwarded-Proto`, so
that a TLS-only policy would lock out every client. Here a request from the loopback address without that header counts
as TLS; with `X-Forwarded-Proto: http` it does not, which is how a test sees such a policy refuse. A service that calls
another one (a topic that delivers to a queue) always does so over TLS.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from ipaddress import ip_address
from typing import Any, Final

from ministack import app
from ministack.core import iam_evaluator
from ministack.services import sns, sqs

from tools.emulator import places

RESTORES: Final = "`aws:SecureTransport`: true on this machine, false for a request with `X-Forwarded-Proto: http`"

_scheme_named: ContextVar[bool] = ContextVar("scheme_named", default=False)


def apply() -> None:
    serve = places.take(app, "app", "ab1297bd6cd5")
    pin = places.take(iam_evaluator, "pin_request_origin", "de819c1bd9ac")

    async def serve_remembering(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            _scheme_named.set(any(name.lower() == b"x-forwarded-proto" for name, _ in scope["headers"]))
        await serve(scope, receive, send)

    def pin_origin(source_ip: str, secure_transport: bool) -> None:
        local = not _scheme_named.get() and ip_address(source_ip).is_loopback
        pin(source_ip, secure_transport or local)

    places.put(app, "app", serve_remembering)
    places.put(iam_evaluator, "pin_request_origin", pin_origin)
    places.put(sqs, "queue_policy_allows", _over_tls(places.take(sqs, "queue_policy_allows", "5de01aa09a4c")))
    places.put(sns, "topic_policy_allows", _over_tls(places.take(sns, "topic_policy_allows", "2c5001e5af7e")))


def _over_tls(policy_allows: Callable[..., bool]) -> Callable[..., bool]:
    def allows(*arguments: Any) -> bool:
        source_ip, _ = iam_evaluator._request_origin.get()
        before = iam_evaluator._request_origin.set((source_ip, True))
        try:
            return policy_allows(*arguments)
        finally:
            iam_evaluator._request_origin.reset(before)

    return allows
