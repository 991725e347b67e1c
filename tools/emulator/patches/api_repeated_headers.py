"""Of a header that is sent several times, a function gets the last value in `headers`, all in `multiValueHeaders`.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html (input format)

ministack joins the values by commas before it makes the event, so that both hold one value with all of them.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, Final

from ministack import app
from ministack.core.sigv4 import decode_header_value
from ministack.services import apigateway_v1

from tools.emulator import places

RESTORES: Final = "API Gateway: `multiValueHeaders` has all values of a repeated header, `headers` has the last"

_sent: ContextVar[list[tuple[bytes, bytes]]] = ContextVar("sent")


def apply() -> None:
    serve = places.take(app, "app", "ab1297bd6cd5")
    build = places.take(apigateway_v1, "_build_lambda_event_v1", "c7ac97b91f6e")

    async def serve_remembering(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            _sent.set(scope["headers"])
        await serve(scope, receive, send)

    def build_with_every_value(*arguments: Any, **named: Any) -> dict[str, Any]:
        event: dict[str, Any] = build(*arguments, **named)
        for name in event["headers"]:
            values = [
                decode_header_value(value) for sent, value in _sent.get() if sent.decode("latin-1").lower() == name
            ]
            if len(values) > 1:
                event["headers"][name] = values[-1]
                event["multiValueHeaders"][name] = values
        return event

    places.put(app, "app", serve_remembering)
    places.put(apigateway_v1, "_build_lambda_event_v1", build_with_every_value)
