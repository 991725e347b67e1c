"""`pipelines project bench`: what our functions cost, each beside others of the same run."""

from __future__ import annotations

import argparse
import json
from contextlib import nullcontext
from typing import Any, Final

from tools.arguments import Parser
from tools.bench.baseline import beside
from tools.bench.payment_events import FUNCTIONS, PaymentEventsBenchmark
from tools.bench.webhooks import OURS, WebhooksBenchmark
from tools.demo.apply import apply
from tools.deploy.target import Target
from tools.emulator import control
from tools.errors import FAILED
from tools.operations.payment_events import PaymentEvents
from tools.operations.webhooks import Webhooks
from tools.project import BUILD, display

FOLDER: Final = BUILD / "bench"
REPORT: Final = FOLDER / "report.json"

EMPTY: Final = "empty function"
CALLS: Final = "three AWS calls"
# The validator's processor time at most as a multiple of an empty function's, and the chain's throughput at least as a
# share of an empty chain's. docs/decisions/2026-11-28-benchmarks-count-processor-time.md says what stands in the way of
# the first.
PROCESSOR_GOAL: Final = 2.0
CHAIN_GOAL: Final = 0.8


def project_bench(parser: Parser) -> None:
    parser.set_defaults(run=_bench)


def _bench(_: argparse.Namespace) -> int:
    running = control.find_running()
    print("0. emulator: " + (f"the one that runs at {running.endpoint}" if running else "starting one"), flush=True)
    emulator = running or control.start()
    with nullcontext() if running else emulator:
        target = Target("dev", emulator)
        log = FOLDER / "apply.log"
        print(f"1. apply live/dev (log: {display(log)})")
        apply(target, log)
        print("2. webhooks, beside other functions behind the same API", flush=True)
        system = Webhooks(target)
        with (
            beside(system, "empty_webhook", routes=False) as empty,
            beside(system, "webhook_calls", routes=True) as calls,
        ):
            webhooks = WebhooksBenchmark(system, emulator, {EMPTY: empty, CALLS: calls}).run()
        print("3. payment-events, beside the same chain with empty functions", flush=True)
        payment_events = PaymentEventsBenchmark(PaymentEvents(target), emulator).run()
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    report = {"webhooks": webhooks, "payment-events": payment_events}
    REPORT.write_text(json.dumps(report, indent=2) + "\n")
    _print_webhooks(webhooks)
    _print_payment_events(payment_events)
    cost = webhooks["functions"][EMPTY]["processor_ratio"]
    share = payment_events["throughput_ratio"]
    reached = [
        _goal(f"{OURS}: {cost} times the processor time of the {EMPTY}", cost <= PROCESSOR_GOAL, PROCESSOR_GOAL),
        _goal(f"payment-events: {share} of the empty chain's throughput", share >= CHAIN_GOAL, CHAIN_GOAL),
    ]
    print(f"the same as data: {display(REPORT)}")
    return 0 if all(reached) else FAILED


def _goal(measured: str, reached: bool, goal: float) -> bool:
    print(f"{measured} (goal {goal}: {'reached' if reached else 'MISSED'})")
    return reached


def _print_webhooks(result: dict[str, Any]) -> None:
    print(f"\n{'behind the API':<18}{'CPU a request':>15}{'ratio':>8}{'requests/s':>12}{'p50':>11}{'p99':>11}")
    for name, measured in result["functions"].items():
        print(
            f"{name:<18}{measured['processor_ms']:>12} ms{measured['processor_ratio']:>8}"
            f"{measured['requests_per_second']:>12}{_latency(measured['latency_ms'])}"
        )
    print(f"{'answer to queue':<18}{'':>35}{_latency(result['answer_to_queue_ms'])}")
    print("ratio: the validator's CPU as a multiple; an answer to queue below 0: in the queue before the answer")


def _print_payment_events(result: dict[str, Any]) -> None:
    print(f"\n{'CPU a notification':<20}{'ours':>12}{'empty':>12}")
    for name in FUNCTIONS:
        ours, empty = (result[chain]["processor_ms"][name] for chain in ("ours", "empty"))
        print(f"{name:<20}{ours:>9} ms{empty:>9} ms")
    ours, empty = (result[chain]["notifications_per_second"] for chain in ("ours", "empty"))
    print(f"{'notifications/s':<20}{ours:>9}   {empty:>9}")


def _latency(milliseconds: dict[str, float]) -> str:
    return "".join(f"{milliseconds[share]:>8} ms" for share in ("p50", "p99"))
