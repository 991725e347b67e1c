"""`pipelines emulator start|stop|status`."""

from __future__ import annotations

import argparse

from tools.arguments import Parser
from tools.emulator import control


def emulator_start(parser: Parser) -> None:
    parser.set_defaults(run=_start)


def emulator_stop(parser: Parser) -> None:
    parser.set_defaults(run=_stop)


def emulator_status(parser: Parser) -> None:
    parser.set_defaults(run=_status)


def _start(_: argparse.Namespace) -> int:
    running = control.find_running()
    if running is not None:
        print(f"emulator: already runs at {running.endpoint} (process {running.pid})")
        return 0
    emulator = control.start()
    print(f"emulator: runs at {emulator.endpoint} (process {emulator.pid}); log {emulator.log}")
    return 0


def _stop(_: argparse.Namespace) -> int:
    port = control.port_from_environment()
    cleaned = list(control.clean_up(port))
    for line in cleaned or [f"none runs on port {port}"]:
        print(f"emulator: {line}")
    return 0


def _status(_: argparse.Namespace) -> int:
    running = control.find_running()
    if running is None:
        print(f"emulator: none runs on port {control.port_from_environment()}")
        return 1
    print(f"emulator: runs at {running.endpoint} since {running.started} (process {running.pid}); log {running.log}")
    return 0
