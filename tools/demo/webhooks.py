"""Signed webhooks: valid, repeated, faulty in every way, forged, and a burst."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from functions.webhooks.logic.events import TransactionType
from tools.demo.account import Latency, Outcome, totals
from tools.demo.progress import CONCURRENCY, say
from tools.operations.webhooks import Webhooks
from tools.waiting import until_settled

ALONE: Final = 5
BURST: Final = 200
TYPES: Final = tuple(TransactionType)
REJECTIONS: Final = frozenset({400, 401, 413})
FORGED_SECRET: Final = "forged" * 8
STALE_S: Final = 3600


@dataclass(frozen=True)
class Posted:
    """One request: the event in it (None where it has no identity), the status of the answer, and how long it took."""

    event_id: str | None
    status: int
    took_ms: float


@dataclass
class Back:
    """The back of the system: event ids in the table, and how often each came out of a queue or is a dead letter."""

    recorded: set[str] = field(default_factory=set)
    routed: Counter[str] = field(default_factory=Counter)
    dead: Counter[str] = field(default_factory=Counter)

    def outcome(self, posted: Posted) -> Outcome:
        """A response counts only if the back end of the system confirms it."""
        event_id = posted.event_id or ""
        if posted.status in REJECTIONS:
            return Outcome.UNACCOUNTED if event_id in self.recorded else Outcome.REJECTED
        if posted.status == 409:
            return Outcome.DUPLICATE if self.routed[event_id] or self.dead[event_id] else Outcome.UNACCOUNTED
        if posted.status == 200 and self.routed[event_id]:
            return Outcome.PROCESSED
        if posted.status == 200 and self.dead[event_id]:
            return Outcome.DEAD_LETTERED
        return Outcome.UNACCOUNTED


class WebhooksDemonstration:
    """Posts everything, and compares the responses with the table and the queues."""

    def __init__(self, system: Webhooks) -> None:
        self._system = system
        self._run = f"{int(time.time()):x}"
        self._count = 0
        self._posted: list[Posted] = []
        self._routed: Counter[str] = Counter()

    def run(self) -> dict[str, Any]:
        """Post everything. Returns {"sent": n, "processed": n, ..., "latency_ms": {"alone_p50": x, ...}}."""
        say("setting a signing secret")
        secret = self._system.rotate_secret()
        say("warming up: one webhook of each type")
        for kind in TYPES:
            self._post(self._event(kind), secret)
        say(f"{ALONE} webhooks one by one")
        alone = [self._post(self._event(TYPES[0]), secret).took_ms for _ in range(ALONE)]
        say(f"a burst of {BURST} valid webhooks, {CONCURRENCY} at a time")
        burst = [self._event(TYPES[number % len(TYPES)]) for number in range(BURST)]
        with ThreadPoolExecutor(CONCURRENCY) as pool:
            timed = list(pool.map(lambda event: self._post(event, secret), burst))
        say("12 of them a second time")
        for event in burst[:12]:
            self._post(event, secret)
        say("each fault that is refused: missing and wrong fields, not JSON, too large")
        for body in self._faulty():
            self._post(body, secret)
        say("a forged signature, a stale one, and none")
        self._post(self._event("payment"), FORGED_SECRET)
        self._post(self._event("payment"), secret, at=time.time() - STALE_S)
        self._post(self._event("payment"), None)
        say("waiting until every event is accounted for")
        back = until_settled(
            self._look,
            lambda back: not self._totals(back)[Outcome.UNACCOUNTED],
            lambda back: len(back.routed) + len(back.dead),
        )
        return {
            "sent": len(self._posted),
            **{outcome.value: number for outcome, number in self._totals(back).items()},
            "latency_ms": Latency(alone, [posted.took_ms for posted in timed]).report(),
        }

    def unaccounted(self) -> list[str]:
        """The requests whose response the back end of the system does not confirm, a line each."""
        back = self._look()
        return [
            f"{posted.event_id or 'a request without an event'}, answered {posted.status}"
            for posted in self._posted
            if back.outcome(posted) is Outcome.UNACCOUNTED
        ]

    def _totals(self, back: Back) -> dict[Outcome, int]:
        return totals(map(back.outcome, self._posted))

    def _event(self, kind: str, **changes: Any) -> dict[str, Any]:
        self._count += 1
        return {
            "event_id": f"webhook-{self._run}-{self._count:06d}",
            "transaction_type": kind,
            "amount": 100 + self._count,
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
        } | changes

    def _faulty(self) -> Iterable[dict[str, Any] | bytes]:
        for field_name in ("event_id", "transaction_type", "amount", "timestamp"):
            event = self._event("payment")
            del event[field_name]
            yield event
        yield self._event("chargeback")
        yield self._event("payment", amount="12")
        yield self._event("payment", amount=-1)
        yield self._event("payment", timestamp="yesterday")
        yield self._event("payment", event_id=17)
        yield json.dumps(self._event("payment", amount=float("inf"))).encode()
        yield b"this is no JSON"
        yield b"[]"
        yield b""
        yield self._event("payment", filler="x" * 200_000)

    def _post(self, event: dict[str, Any] | bytes, secret: str | None, at: float | None = None) -> Posted:
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        event_id = event.get("event_id") if isinstance(event, dict) else None
        started = time.perf_counter()
        answer = self._system.post(body) if secret is None else self._system.post_signed(body, secret, at)
        posted = Posted(
            event_id if isinstance(event_id, str) else None, answer.status, (time.perf_counter() - started) * 1000
        )
        self._posted.append(posted)
        return posted

    def _look(self) -> Back:
        self._routed.update(message.attributes.get("event_id", "") for message in self._system.consume())
        return Back(
            {str(item["event_id"]) for item in self._system.items()},
            self._routed,
            Counter(letter.event_id for letter in self._system.letters()),
        )
