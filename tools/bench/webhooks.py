"""How fast webhooks are taken, beside empty functions behind the same API in the same run.

A figure by itself tells of the machine; the ratio tells what our function adds to what every request costs.
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

from tools.demo.account import percentile
from tools.demo.progress import CONCURRENCY, GIVE_UP_AFTER_S, say
from tools.errors import Failure
from tools.operations.webhooks import Webhooks

# Short rounds in turn: what else the machine does in the meantime meets both.
ROUNDS: Final = 8
REQUESTS_PER_ROUND: Final = 50
WARM_UP: Final = 4 * CONCURRENCY
SHARES: Final = {"p50": 0.5, "p99": 0.99}


@dataclass
class Measured:
    """What one API did: how long each round and each request took, in seconds."""

    rounds: list[float] = field(default_factory=list)
    requests: list[float] = field(default_factory=list)

    def report(self) -> dict[str, Any]:
        milliseconds = [1000 * seconds for seconds in self.requests]
        return {
            "requests": len(self.requests),
            "requests_per_second": round(len(self.requests) / sum(self.rounds), 1),
            "latency_ms": {name: round(percentile(milliseconds, share), 1) for name, share in SHARES.items()},
        }

    def ratio_to(self, other: Measured) -> float:
        """Throughput as a share of the other's in the same round: the median of all rounds."""
        return statistics.median(theirs / ours for ours, theirs in zip(self.rounds, other.rounds, strict=True))


class WebhooksBenchmark:
    """Posts to the webhooks' API and to each baseline in turns; every event has to arrive, or nothing is reported."""

    def __init__(self, system: Webhooks, baselines: Mapping[str, Webhooks]) -> None:
        self._system = system
        self._baselines = baselines
        self._secret = system.current_secret() or system.rotate_secret()
        self._answered: dict[str, float] = {}

    def run(self) -> dict[str, Any]:
        """Returns {"webhooks": {...}, "baselines": {name: {..., "ratio": x}}, "answer_to_queue_ms": {...}, ...}.

        `ratio` is the webhooks' requests a second over the baseline's, the median of the rounds. `answer_to_queue_ms`
        is from the answer 200 to the message in the queue, negative where the message was there first.

        Raises Failure when a request is not answered 200, or an event does not arrive.
        """
        say(f"warming up: {WARM_UP} requests to each")
        for api in (*self._baselines.values(), self._system):
            self._round(api, Measured(), WARM_UP)
        self._arrivals()
        webhooks, baselines = Measured(), {name: Measured() for name in self._baselines}
        arrivals: list[float] = []
        for number in range(1, ROUNDS + 1):
            for name, api in self._baselines.items():
                self._round(api, baselines[name], REQUESTS_PER_ROUND)
            self._round(self._system, webhooks, REQUESTS_PER_ROUND)
            # The router works on after the answers: it must be done before a baseline has its turn again.
            arrivals += self._arrivals()
            say(f"round {number} of {ROUNDS}: {REQUESTS_PER_ROUND} requests to each")
        return {
            "concurrency": CONCURRENCY,
            "webhooks": webhooks.report(),
            "baselines": {
                name: measured.report() | {"ratio": round(webhooks.ratio_to(measured), 3)}
                for name, measured in baselines.items()
            },
            "answer_to_queue_ms": {
                name: round(1000 * percentile(arrivals, share), 1) for name, share in SHARES.items()
            },
        }

    def _round(self, system: Webhooks, measured: Measured, number: int) -> None:
        def timed(event_id: str) -> float:
            body = _event(event_id)
            started = time.perf_counter()
            answer = system.post_signed(body, self._secret)
            took = time.perf_counter() - started
            if answer.status != 200:
                raise Failure(
                    f"a request was answered {answer.status}: {answer.body}",
                    where=system.url,
                    do="read the logs of the function, then `make bench` again",
                )
            if system is self._system:
                self._answered[event_id] = time.time()
            return took

        ids = [f"bench-{uuid.uuid4().hex}" for _ in range(number)]
        with ThreadPoolExecutor(CONCURRENCY) as pool:
            list(pool.map(lambda _: None, range(CONCURRENCY)))  # the threads start before the clock does
            started = time.perf_counter()
            measured.requests += pool.map(timed, ids)
            measured.rounds.append(time.perf_counter() - started)

    def _arrivals(self) -> list[float]:
        """Seconds from the answer 200 to the message in the queue (negative: before it), for each event since the last
        call; takes the messages.
        """
        sqs, url = self._system.target.client("sqs"), self._system.service["payments_queue_url"]
        waits: list[float] = []
        deadline = time.monotonic() + GIVE_UP_AFTER_S
        while self._answered:
            if time.monotonic() > deadline:
                raise Failure(
                    f"{len(self._answered)} events did not arrive within {GIVE_UP_AFTER_S:.0f} s",
                    where=url,
                    do="look for them in the router's dead-letter queue",
                )
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
