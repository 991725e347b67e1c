from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.emulator.fidelity.account import Account
from tools.emulator import control

REQUEST = b"GET /_ministack/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.fixture
def connection(emulator: control.Emulator | None) -> Iterator[socket.socket]:
    if emulator is None:
        pytest.skip("how the emulator behaves is no question to a real account")
    with socket.create_connection((control.HOST, emulator.port), timeout=10) as opened:
        yield opened


def test_headers_and_body_of_an_answer_arrive_together(connection: socket.socket) -> None:
    for _ in range(50):
        connection.sendall(REQUEST)
        headers, _, body = connection.recv(2**16).partition(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in headers.splitlines()[1:])
        assert headers.startswith(b"HTTP/1.1 200 ")
        assert len(body) == int(fields[b"content-length"]) > 0


def test_an_answer_is_dated_once_and_names_no_server(connection: socket.socket) -> None:
    connection.sendall(REQUEST)
    headers = connection.recv(2**16).partition(b"\r\n\r\n")[0].lower()
    names = [line.partition(b":")[0] for line in headers.splitlines()[1:]]
    assert names.count(b"date") == 1
    assert b"server" not in names


def _memory(process: int) -> int:
    """The bytes of memory that a process uses."""
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines())
    return int(fields["VmRSS"].split()[0]) * 1024


def test_an_object_takes_no_memory_for_each_client_that_reads_it(
    emulator: control.Emulator | None, account: Account
) -> None:
    if emulator is None or not Path("/proc/self/status").exists():
        pytest.skip("the memory of the emulator's process cannot be read here")
    s3, names = account.client("s3"), {"Bucket": f"files-{account.id}", "Key": "large"}
    size = 2**25
    s3.create_bucket(Bucket=names["Bucket"])
    s3.put_object(**names, Body=bytes(size))
    with ExitStack() as stack:
        s3.get_object(**names)["Body"].read()
        before = _memory(emulator.pid)
        for _ in range(8):
            body = stack.enter_context(s3.get_object(**names)["Body"])
            assert body.read(2**10) == bytes(2**10)
        assert _memory(emulator.pid) - before < size
