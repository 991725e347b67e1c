"""`pipelines bench`: throughput and latency, each beside a baseline of the same run."""

from __future__ import annotations

import argparse
import json
from contextlib import nullcontext
from typing import Any, Final

from tools.bench.baseline import empty_function
from tools.bench.webhooks import WebhooksBenchmark
from tools.demo.apply import apply
from tools.deploy.target import Target
from tools.emulator import control
from tools.errors import FAILED
from tools.operations.webhooks import Webhooks
from tools.toolchain import BUILD, ROOT

FOLDER: Final = BUILD / "bench"
REPORT: Final = FOLDER / "report.json"

# The throughput of webhooks as a share of an empty function's behind the same API.
GOAL: Final = 0.7


def add_commands(commands: argparse._SubParsersAction[Any]) -> None:
    parser = commands.add_parser("bench", help="measure throughput and latency on an emulator, beside a baseline")
    parser.set_defaults(run=_bench)


def _bench(_: argparse.Namespace) -> int:
    running = control.find_running()
    print("0. emulator: " + (f"the one that runs at {running.endpoint}" if running else "starting one"), flush=True)
    emulator = running or control.start()
    with nullcontext() if running else emulator:
        target = Target("dev", emulator)
        log = FOLDER / "apply.log"
        print(f"1. apply live/dev (log: {log.relative_to(ROOT)})")
        apply(target, log)
        system = Webhooks(target)
        print("2. webhooks, beside an empty function behind the same API", flush=True)
        with empty_function(system, logs=False) as empty, empty_function(system, logs=True) as logging:
            result = WebhooksBenchmark(system, {"empty": empty, "empty-that-logs": logging}).run()
    ratio = result["baselines"]["empty"]["ratio"]
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps({"webhooks": result | {"goal": GOAL}}, indent=2) + "\n")
    _print(result)
    print(f"\nof the empty function's throughput: {ratio} (goal {GOAL}: {'reached' if ratio >= GOAL else 'MISSED'})")
    print(f"the same as data: {REPORT.relative_to(ROOT)}")
    return 0 if ratio >= GOAL else FAILED


def _print(result: dict[str, Any]) -> None:
    print(f"\n{'':<18}{'requests/s':>12}{'p50':>12}{'p99':>12}{'ratio':>8}")
    for name, measured in {"webhooks": result["webhooks"], **result["baselines"]}.items():
        line = f"{name:<18}{measured['requests_per_second']:>12}{_latency(measured['latency_ms'])}"
        print(line + (f"{measured['ratio']:>8}" if "ratio" in measured else ""))
    print(
        f"{'answer to queue':<18}{'':>12}{_latency(result['answer_to_queue_ms'])}  (negative: in the queue before it)"
    )
    print("a function that prints nothing is held 50 ms by the emulator: `empty-that-logs` is free of that")


def _latency(milliseconds: dict[str, float]) -> str:
    return "".join(f"{milliseconds[share]:>9} ms" for share in ("p50", "p99"))
