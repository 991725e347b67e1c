from __future__ import annotations

import socket

import pytest

from tools.emulator import control

REQUEST = b"GET /_ministack/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def test_headers_and_body_of_an_answer_arrive_together(emulator: control.Emulator | None) -> None:
    if emulator is None:
        pytest.skip("how the emulator behaves is no question to a real account")
    with socket.create_connection((control.HOST, emulator.port), timeout=10) as connection:
        for _ in range(50):
            connection.sendall(REQUEST)
            headers, _, body = connection.recv(2**16).partition(b"\r\n\r\n")
            fields = dict(line.lower().split(b": ", 1) for line in headers.splitlines()[1:])
            assert headers.startswith(b"HTTP/1.1 200 ")
            assert len(body) == int(fields[b"content-length"]) > 0


def test_an_answer_is_dated_once_and_names_no_server(emulator: control.Emulator | None) -> None:
    if emulator is None:
        pytest.skip("how the emulator behaves is no question to a real account")
    with socket.create_connection((control.HOST, emulator.port), timeout=10) as connection:
        connection.sendall(REQUEST)
        headers = connection.recv(2**16).partition(b"\r\n\r\n")[0].lower()
    names = [line.partition(b":")[0] for line in headers.splitlines()[1:]]
    assert names.count(b"date") == 1
    assert b"server" not in names
