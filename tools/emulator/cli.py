"""`pipelines emulator start|stop|status`."""

from __future__ import annotations

import argparse
from typing import Any

from tools.emulator import control


def add_commands(commands: argparse._SubParsersAction[Any]) -> None:
    parser = commands.add_parser("emulator", help="the AWS emulator on this machine: start, stop, status")
    actions = parser.add_subparsers(dest="action", required=True, metavar="action")
    actions.add_parser("start", help="start it; it keeps running (EMULATOR_PORT names the port)").set_defaults(
        run=_start
    )
    actions.add_parser("stop", help="stop it; everything on it is gone").set_defaults(run=_stop)
    actions.add_parser("status", help="say whether it runs, and where (exit status 1 when it does not)").set_defaults(
        run=_status
    )


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
