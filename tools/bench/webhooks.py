"""What a webhook costs, beside other functions behind the same API in the same run.

A figure by itself shows how fast the machine is; a ratio shows what our function adds to the cost of every request. The
ratio that counts is that of processor time: the throughput of both includes how long the emulator waits for a function,
which says nothing about ours.
"""

from __future__ import annotations

import json
import statistics
import time
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from tools.bench.baseline import Contestant
from tools.demo.progress import CONCURRENCY, say
from tools.emulator.control import Emulator
from tools.errors import Failure
from tools.measures import percentiles
from tools.operations.webhooks import Webhooks
from tools.waiting import GIVE_UP_AFTER_S, until

OURS: Final = "webhook-validator"
# Short rounds in turn: what else the machine does in the meantime meets all.
ROUNDS: Final = 8
REQUESTS_PER_ROUND: Final = 50
WARM_UP: Final = 4 * CONCURRENCY


@dataclass
class Measured:
    """What one function did: how long each round and each request took, and how much of the processor each round, in
    seconds. A round in which the emulator started a worker has no processor time: most of it would be imports.
    """

    rounds: list[float] = field(default_factory=list)
    requests: list[float] = field(default_factory=list)
    processor: list[float | None] = field(default_factory=list)

    def report(self) -> dict[str, Any]:
        milliseconds = [1000 * seconds for seconds in self.requests]
        return {
            "requests": len(self.requests),
            "requests_per_second": round(len(self.requests) / sum(self.rounds), 1),
            "latency_ms": percentiles(milliseconds, 1),
            "processor_ms": round(1000 * statistics.median(self._settled(self.processor)) / REQUESTS_PER_ROUND, 3),
        }

    def processor_ratio_to(self, other: Measured) -> float:
        """Processor time as a multiple of the other's in the same round: the median of all rounds that have both."""
        both = zip(self.processor, other.processor, strict=True)
        return statistics.median(self._settled([a and b and a / b for a, b in both]))

    @staticmethod
    def _settled(values: list[float | None]) -> list[float]:
        settled = [value for value in values if value is not None]
        if not settled:
            raise Failure(
                "the emulator started a worker in every round, so no round shows what a request costs",
                where="pipelines project bench",
                do="run `make bench` on a machine with less load",
            )
        return settled


class WebhooksBenchmark:
    """Posts to the webhooks' API and to each other one in turns; every event has to arrive, or nothing is reported."""

    def __init__(self, system: Webhooks, emulator: Emulator, others: Mapping[str, Contestant]) -> None:
        name = system.service["functions"][OURS]["name"]
        self._contestants = {**others, OURS: Contestant(system, name, routes=True)}
        self._system = system
        self._emulator = emulator
        self._secret = system.current_secret() or system.rotate_secret()
        self._answered: dict[str, float] = {}

    def run(self) -> dict[str, Any]:
        """Returns {"functions": {name: {..., "processor_ms": x, "processor_ratio": y}}, "answer_to_queue_ms": {...}}.

        `processor_ms` is the function's processor time for a request, `processor_ratio` the validator's as a multiple
        of it: the median of the rounds. `answer_to_queue_ms` is from the answer 200 to the message in the queue,
        negative where the message was there first.

        Raises Failure when a request is not answered 200, or an event does not arrive.
        """
        say(f"warming up: {WARM_UP} requests to each")
        measured = {name: Measured() for name in self._contestants}
        for contestant in self._contestants.values():
            self._round(contestant, Measured(), WARM_UP)
            self._arrivals()
        arrivals: list[float] = []
        for number in range(1, ROUNDS + 1):
            for name, contestant in self._contestants.items():
                self._round(contestant, measured[name], REQUESTS_PER_ROUND)
                # The router still works after the responses: it must be done before the next one starts.
                waits = self._arrivals()
                if name == OURS:
                    arrivals += waits
            say(f"round {number} of {ROUNDS}: {REQUESTS_PER_ROUND} requests to each")
        ours = measured[OURS]
        return {
            "concurrency": CONCURRENCY,
            "functions": {
                name: each.report() | {"processor_ratio": round(ours.processor_ratio_to(each), 2)}
                for name, each in measured.items()
            },
            "answer_to_queue_ms": percentiles([1000 * seconds for seconds in arrivals], 1),
        }

    def _round(self, contestant: Contestant, measured: Measured, number: int) -> None:
        def timed(event_id: str) -> float:
            body = _event(event_id)
            started = time.perf_counter()
            answer = contestant.system.post_signed(body, self._secret)
            took = time.perf_counter() - started
            if answer.status != 200:
                raise Failure(
                    f"a request got {answer.status}: {answer.body}",
                    where=contestant.system.url,
                    do="read the logs of the function, then run `make bench` again",
                )
            if contestant.routes:
                self._answered[event_id] = time.time()
            return took

        ids = [f"bench-{uuid.uuid4().hex}" for _ in range(number)]
        with ThreadPoolExecutor(CONCURRENCY) as pool:
            list(pool.map(lambda _: None, range(CONCURRENCY)))  # the threads start before the clock does
            before = self._emulator.processor_seconds(contestant.function)
            started = time.perf_counter()
            measured.requests += pool.map(timed, ids)
            measured.rounds.append(time.perf_counter() - started)
            after = self._emulator.processor_seconds(contestant.function)
        same = before.keys() == after.keys()
        measured.processor.append(sum(after.values()) - sum(before.values()) if same else None)

    def _arrivals(self) -> list[float]:
        """Seconds from the answer 200 to the message in the queue (negative: before it), for each event since the last
        call; takes the messages.
        """
        sqs, url = self._system.client("sqs"), self._system.service["payments_queue_url"]
        waits: list[float] = []

        def all_are_there() -> bool:
            answer = sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=10,
                WaitTimeSeconds=1,
                MessageAttributeNames=["event_id"],
                MessageSystemAttributeNames=["SentTimestamp"],
            )
            for message in answer.get("Messages", []):
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                event_id = message["MessageAttributes"]["event_id"]["StringValue"]
                if event_id in self._answered:
                    sent = int(message["Attributes"]["SentTimestamp"]) / 1000
                    waits.append(sent - self._answered.pop(event_id))
            return not self._answered

        # Each look waits in the queue by itself.
        if self._answered and not until(all_are_there, every_s=0):
            raise Failure(
                f"{len(self._answered)} events did not arrive within {GIVE_UP_AFTER_S:.0f} s",
                where=url,
                do="look for them in the router's dead-letter queue",
            )
        return waits


def _event(event_id: str) -> bytes:
    return json.dumps(
        {
            "event_id": event_id,
            "transaction_type": "payment",
            "amount": 149.9,
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }
    ).encode()
