"""The HTTP server of the emulator: uvicorn, which parses in C, around ministack's application.

What ministack sets of Hypercorn, its own server, is set here as well: no `Server` header, and `Date` its own.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

import uvicorn
from ministack.app import app
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tools.emulator.processes import allow_open_files

# Longer than any client keeps an idle connection (Terraform's, 90 s): of the two, the client has to close it, because a
# request that crosses the server's close is lost.
_KEEP_ALIVE_S: Final = 3600
_PIECE: Final = 2**18  # bytes


class _OneWrite:
    """A transport that sends at once what is written in one turn of the event loop: headers and body of a response.

    If the headers come alone, before the client has finished its own request, an AWS SDK for Go (Terraform's) takes the
    response, closes the request, and with it the connection that the body is still to come on: "use of closed network
    connection". Three of a thousand requests failed in this way. AWS's machines are too far away for that.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._written: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not self._written:
            self._loop.call_soon(self._send)
        self._written.append(data)

    def close(self) -> None:
        self._send()
        self._transport.close()

    def _send(self) -> None:
        if self._written:
            self._transport.write(b"".join(self._written))
            self._written.clear()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class _Protocol(HttpToolsProtocol):  # type: ignore[misc]  # uvicorn is installed beside the emulator only
    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(_OneWrite(transport, self.loop))


def _in_pieces(application: Any) -> Any:
    """The application, whose long responses are sent as fast as the client reads them.

    ministack hands over an object of any size at once. Without pieces all of it would be copied for each client that
    reads it, also for one that leaves after the first lines.
    """

    async def serve_in_pieces(scope: Any, receive: Any, send: Any) -> None:
        async def send_in_pieces(message: dict[str, Any]) -> None:
            body = memoryview(message.get("body", b""))
            if len(body) <= _PIECE:
                await send(message)
                return
            for start in range(0, len(body), _PIECE):
                end = start + _PIECE
                more = end < len(body) or message.get("more_body", False)
                await send({**message, "body": bytes(body[start:end]), "more_body": more})
                await asyncio.sleep(0)  # the transport takes the piece, and says when it has enough

        await application(scope, receive, send_in_pieces)

    return serve_in_pieces


def serve(port: int) -> None:
    """Serve on 127.0.0.1 until SIGTERM or SIGINT, whose handlers are called at the end."""
    allow_open_files()
    uvicorn.run(
        _in_pieces(app),
        host="127.0.0.1",
        port=port,
        http=_Protocol,
        loop="asyncio",
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=1,
    )
