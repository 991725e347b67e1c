"""`pipelines project demo`: apply live/dev on an emulator, send real input through it, account for all of it."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from typing import Any, Protocol

from tools.arguments import Parser
from tools.demo.apply import apply
from tools.demo.payment_events import PaymentEventsDemonstration
from tools.demo.progress import CONCURRENCY
from tools.demo.webhooks import WebhooksDemonstration
from tools.deploy import terragrunt
from tools.deploy.leftovers import clean_up
from tools.deploy.target import Target
from tools.emulator import control
from tools.errors import FAILED
from tools.operations.payment_events import PaymentEvents
from tools.operations.webhooks import Webhooks
from tools.project import BUILD, display

REPORT = BUILD / "demo" / "report.json"
COLUMNS = ("sent", "processed", "rejected", "duplicate", "dead_lettered", "unaccounted")


class Demonstration(Protocol):
    """One system's part: sends everything, tells from the back what became of it, names what is nowhere."""

    def run(self) -> dict[str, Any]: ...

    def unaccounted(self) -> list[str]: ...


def project_demo(parser: Parser) -> None:
    parser.add_argument("--keep", action="store_true", help="leave the environment running at the end")
    parser.add_argument("--started", type=float, help="when set-up began, in seconds since the epoch")
    parser.set_defaults(run=_demo)


def _demo(arguments: argparse.Namespace) -> int:
    began = time.time()
    setup = began - (arguments.started or began)
    running = control.find_running()
    print("0. emulator: " + (f"the one that runs at {running.endpoint}" if running else "starting one"), flush=True)
    keep = arguments.keep or running is not None
    emulator = running or control.start(ends_with_caller=not keep)
    with nullcontext() if keep else emulator:
        target = Target("dev", emulator)
        for line in clean_up(target):
            print(f"  cleaned up: {line}", flush=True)
        print(f"1. apply live/dev (log: build/demo/apply.log), with {terragrunt.find().name}")
        apply(target)
        applied = time.time()
        demonstrations: dict[str, Demonstration] = {
            PaymentEvents.name: PaymentEventsDemonstration(PaymentEvents(target)),
            Webhooks.name: WebhooksDemonstration(Webhooks(target)),
        }
        results = {}
        for system, demonstration in demonstrations.items():
            print(f"2. send: {system}", flush=True)
            results[system] = demonstration.run()
        sent = time.time()
        report = {
            "systems": results,
            "seconds": {
                "setup": round(setup, 1),
                "apply": round(applied - began, 1),
                "send": round(sent - applied, 1),
                "total": round(sent - began + setup, 1),
            },
        }
        REPORT.parent.mkdir(parents=True, exist_ok=True)
        REPORT.write_text(json.dumps(report, indent=2) + "\n")
        _print(report)
        missing = [
            f"unaccounted in {system}: {line}"
            for system, demonstration in demonstrations.items()
            if results[system]["unaccounted"]
            for line in demonstration.unaccounted()
        ]
        print("\n".join(missing))
    _print_where_next(emulator, keep)
    return FAILED if any(result["unaccounted"] for result in results.values()) else 0


def _print(report: dict[str, Any]) -> None:
    print("3. what became of every event, told from the tables and the queues\n")
    print("\n".join(table(report["systems"])))
    seconds = report["seconds"]
    print(
        f"\nset-up {seconds['setup']} s, apply {seconds['apply']} s, send {seconds['send']} s, all {seconds['total']} s"
    )
    print(f"the same as data: {display(REPORT)}")


def table(systems: Mapping[str, dict[str, Any]]) -> Iterator[str]:
    """What became of the events of each system, and how long they took: a column a system."""
    widths = {system: len(system) + 2 for system in systems}
    times = {"one event alone, p50": "alone_p50", "in a burst, p50": "burst_p50", "in a burst, p99": "burst_p99"}
    yield " " * 22 + "".join(f"{system:>{width}}" for system, width in widths.items())
    for outcome in COLUMNS:
        numbers = (f"{systems[system][outcome]:>{width}}" for system, width in widths.items())
        yield f"{outcome.replace('_', '-'):<22}" + "".join(numbers)
    for name, key in times.items():
        took = (f"{_duration(systems[system]['latency_ms'][key]):>{width}}" for system, width in widths.items())
        yield f"{name:<22}" + "".join(took)
    bursts = " or ".join(sorted({str(result["latency_ms"]["burst"]) for result in systems.values()}))
    yield f"(a burst is {bursts} events, {CONCURRENCY} at a time: each waits for those before it)"


def _duration(milliseconds: int | None) -> str:
    if milliseconds is None:
        return "-"
    return f"{milliseconds} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"


def _print_where_next(emulator: control.Emulator, kept: bool) -> None:
    if kept:
        print(
            f"\nlive/dev keeps running on {emulator.endpoint}; look on:\n"
            "  tools/pipelines env outputs                              where everything is\n"
            "  tools/pipelines system send webhooks --type payment      send one event, and follow it (trace)\n"
            "  tools/pipelines system status                            how many events are in which state\n"
            "  tools/pipelines system redrive payment-events --dry-run  which dead letters could be sent again\n"
            "  make plan                                                no changes; edit live/dev and see them\n"
            f"  {display(emulator.log):<56} what the emulator did\n"
            "  make down                                                stop it"
        )
    else:
        print("\nthe emulator is stopped and gone; `make demo KEEP=1` leaves it running to look around in")
