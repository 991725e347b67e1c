"""How fast payment-events' chain is, beside the same chain with empty functions in the same run."""

from __future__ import annotations

import statistics
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from tools.bench.baseline import package
from tools.demo.notifications import Notifications
from tools.demo.progress import CONCURRENCY, say
from tools.emulator.control import Emulator
from tools.errors import Failure
from tools.operations.payment_events import PaymentEvents
from tools.waiting import until

# In order: the first is invoked by the topic, the others by the workflow.
FUNCTIONS: Final = ("event-trigger", "event-validator", "event-processor", "event-enricher")
ROUNDS: Final = 4
NOTIFICATIONS_PER_ROUND: Final = 60
WARM_UP: Final = 4 * CONCURRENCY
POLL_EVERY_S: Final = 0.05


class PaymentEventsBenchmark:
    """Publishes to the topic, and waits until the last function of the chain was invoked for each notification.

    A round with our functions follows one with empty functions in their place: topic, bus, rule, workflow and roles are
    the same. Before each the chain is warmed up, as new code means new workers.
    """

    def __init__(self, system: PaymentEvents, emulator: Emulator) -> None:
        self._system = system
        self._emulator = emulator
        self._make = Notifications(uuid.uuid4().hex[:8], datetime.now(UTC))
        self._names = {name: str(system.service["functions"][name]["name"]) for name in FUNCTIONS}

    def run(self) -> dict[str, Any]:
        """Returns {"ours": {"notifications_per_second": x, "processor_ms": {function: x}}, "empty": {...},
        "throughput_ratio": y}: the ratio is the median of the rounds.

        Raises Failure when a notification does not come to the end of the chain.
        """
        rates: dict[str, list[float]] = {"ours": [], "empty": []}
        processor: dict[str, list[dict[str, float]]] = {"ours": [], "empty": []}
        for number in range(1, ROUNDS + 1):
            for chain in rates:
                rate, used = self._round() if chain == "ours" else self._empty_round()
                rates[chain].append(rate)
                processor[chain].append(used)
            say(f"round {number} of {ROUNDS}: {NOTIFICATIONS_PER_ROUND} notifications through each chain")
        ratios = [ours / empty for ours, empty in zip(rates["ours"], rates["empty"], strict=True)]
        return {
            "concurrency": CONCURRENCY,
            **{
                chain: {
                    "notifications_per_second": round(statistics.median(rates[chain]), 1),
                    "processor_ms": {
                        name: round(statistics.median(used[name] for used in processor[chain]), 2) for name in FUNCTIONS
                    },
                }
                for chain in rates
            },
            "throughput_ratio": round(statistics.median(ratios), 3),
        }

    def _empty_round(self) -> tuple[float, dict[str, float]]:
        with self._empty_functions():
            return self._round()

    def _round(self) -> tuple[float, dict[str, float]]:
        """Notifications a second, and each function's processor milliseconds for one."""
        self._publish(WARM_UP)
        before = self._used()
        started = time.perf_counter()
        self._publish(NOTIFICATIONS_PER_ROUND)
        took = time.perf_counter() - started
        after = self._used()
        used = {name: 1000 * (after[name] - before[name]) / NOTIFICATIONS_PER_ROUND for name in FUNCTIONS}
        return NOTIFICATIONS_PER_ROUND / took, used

    def _used(self) -> dict[str, float]:
        return {name: sum(self._emulator.processor_seconds(self._names[name]).values()) for name in FUNCTIONS}

    def _publish(self, number: int) -> None:
        """Send notifications, and wait until all are through."""
        done = self._invocations() + number
        with ThreadPoolExecutor(CONCURRENCY) as pool:
            list(pool.map(lambda each: self._system.publish(each.text), self._make.valid(number)))
        if not until(lambda: self._invocations() >= done, every_s=POLL_EVERY_S):
            raise Failure(
                f"{done - self._invocations()} of {number} notifications did not reach {FUNCTIONS[-1]}",
                where="payment-events",
                do="read the logs of its functions and of its workflow, then run `make bench` again",
            )

    def _invocations(self) -> int:
        """How often the last function of the chain has been invoked."""
        points = self._system.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName="Invocations",
            Dimensions=[{"Name": "FunctionName", "Value": self._names[FUNCTIONS[-1]]}],
            StartTime=datetime.fromtimestamp(0, UTC),
            EndTime=datetime.now(UTC),
            Period=86_400,
            Statistics=["Sum"],
        )["Datapoints"]
        return int(sum(point["Sum"] for point in points))

    @contextmanager
    def _empty_functions(self) -> Iterator[None]:
        """Empty code in the place of each function's, until the block ends."""
        functions = self._system.client("lambda")
        bucket = self._system.outputs("data", "foundation")["artifacts"]["bucket"]
        try:
            for name, function in self._names.items():
                handler = "empty_trigger" if name == FUNCTIONS[0] else "empty_step"
                at = functions.get_function_configuration(FunctionName=function)["Handler"]
                path = at.rpartition(".")[0].replace(".", "/") + ".py"
                functions.update_function_code(FunctionName=function, ZipFile=package(handler, path))
            yield
        finally:
            for name, function in self._names.items():
                release = functions.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
                key = f"{self._system.name}/{name}/{release['RELEASE']}.zip"
                functions.update_function_code(FunctionName=function, S3Bucket=bucket, S3Key=key)
