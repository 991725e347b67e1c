"""`pipelines project demo`: apply live/dev on an emulator, send real input through it, account for all of it."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Protocol

from tools import measures
from tools.arguments import DEFAULT_ENVIRONMENT, Parser
from tools.demo.account import Outcome
from tools.demo.csv_upload import CsvUploadDemonstration
from tools.demo.payment_events import PaymentEventsDemonstration
from tools.demo.progress import CONCURRENCY
from tools.demo.transaction_files import TransactionFilesDemonstration
from tools.demo.webhooks import WebhooksDemonstration
from tools.deploy.on_emulator import Applied, applied
from tools.deploy.target import Target
from tools.errors import FAILED
from tools.operations.csv_upload import CsvUpload
from tools.operations.payment_events import PaymentEvents
from tools.operations.transaction_files import TransactionFiles
from tools.operations.webhooks import Webhooks
from tools.project import BUILD, display

FOLDER = BUILD / "demo"
REPORT = FOLDER / "report.json"
COLUMNS = ("sent", *Outcome)


class Demonstration(Protocol):
    """One system's part: sends everything, finds out from the back end what became of it, names what is lost."""

    def run(self) -> dict[str, Any]: ...

    def unaccounted(self) -> list[str]: ...


# The part of each system, in the order in which they run.
DEMONSTRATIONS: Final[Mapping[str, Callable[[Target], Demonstration]]] = {
    PaymentEvents.name: lambda target: PaymentEventsDemonstration(PaymentEvents(target)),
    Webhooks.name: lambda target: WebhooksDemonstration(Webhooks(target)),
    TransactionFiles.name: lambda target: TransactionFilesDemonstration(TransactionFiles(target), FOLDER / "files"),
    CsvUpload.name: lambda target: CsvUploadDemonstration(CsvUpload(target)),
}


def project_demo(parser: Parser) -> None:
    parser.add_argument("--keep", action="store_true", help="leave the environment running at the end")
    parser.add_argument("--started", type=float, help="when set-up began, in seconds since the epoch")
    parser.set_defaults(run=_demo)


def _demo(arguments: argparse.Namespace) -> int:
    began = time.time()
    setup = began - (arguments.started or began)
    with applied(DEFAULT_ENVIRONMENT, FOLDER / "apply.log", keep=arguments.keep) as dev:
        ready = time.time()
        parts = {system: make(dev.target) for system, make in DEMONSTRATIONS.items()}
        results = {}
        for system, demonstration in parts.items():
            print(f"send: {system}", flush=True)
            results[system] = demonstration.run()
        sent = time.time()
        report = {
            "systems": results,
            "seconds": {
                "setup": round(setup, 1),
                "apply": round(ready - began, 1),
                "send": round(sent - ready, 1),
                "total": round(sent - began + setup, 1),
            },
        }
        REPORT.parent.mkdir(parents=True, exist_ok=True)
        REPORT.write_text(json.dumps(report, indent=2) + "\n")
        _print(report)
        missing = [
            f"unaccounted in {system}: {line}"
            for system, demonstration in parts.items()
            if results[system]["unaccounted"]
            for line in demonstration.unaccounted()
        ]
        print("\n".join(missing))
    _print_where_next(dev)
    return FAILED if any(result["unaccounted"] for result in results.values()) else 0


def _print(report: dict[str, Any]) -> None:
    print("what became of every event and every row, by the tables and the queues\n")
    print("\n".join(table(report["systems"])))
    seconds = report["seconds"]
    print(
        f"\nset-up {seconds['setup']} s, apply {seconds['apply']} s, send {seconds['send']} s, all {seconds['total']} s"
    )
    print(f"the same as data: {display(REPORT)}")


def table(systems: Mapping[str, dict[str, Any]]) -> Iterator[str]:
    """What became of the events of each system, and how long they took: a column a system."""
    times = {"one event alone, p50": "alone_p50", "in a burst, p50": "burst_p50", "in a burst, p99": "burst_p99"}
    rows: list[list[object]] = [["", *systems]]
    rows += [[outcome.replace("_", "-"), *(result[outcome] for result in systems.values())] for outcome in COLUMNS]
    rows += [
        [name, *(_duration(result["latency_ms"][key]) for result in systems.values())] for name, key in times.items()
    ]
    yield from measures.table(rows)
    bursts = " or ".join(
        sorted({str(burst) for result in systems.values() if (burst := result["latency_ms"]["burst"])})
    )
    yield f"(a burst is {bursts} events, {CONCURRENCY} at a time: each waits for those before it)"
    for name, result in systems.items():
        if large := result.get("large_file"):
            yield f"(of {name}, events are rows; {large['rows']:,} in one file took {large['seconds']} s)"


def _duration(milliseconds: int | None) -> str:
    if milliseconds is None:
        return "-"
    return f"{milliseconds} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"


def _print_where_next(dev: Applied) -> None:
    if dev.stays:
        print(
            f"\nlive/dev keeps running on {dev.emulator.endpoint}; go on with:\n"
            "  tools/pipelines env outputs                              where everything is\n"
            "  tools/pipelines system send webhooks --type payment      send one event, and follow it (trace)\n"
            "  tools/pipelines system status                            how many events are in which state\n"
            "  tools/pipelines system redrive payment-events --dry-run  which dead letters could be sent again\n"
            "  make plan                                                no changes; edit live/dev and see them\n"
            f"  {display(dev.emulator.log):<56} what the emulator did\n"
            "  make down                                                stop it"
        )
    else:
        print("\nthe emulator is stopped; `make demo KEEP=1` leaves it running, to look around")
