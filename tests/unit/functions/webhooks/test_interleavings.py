"""However deliveries, deaths, throttles and repeats come together, nothing is lost, and nothing is routed twice
without a reason (WHK-12).

Each delivery runs in a thread of its own that stops before every call to the outside, so that the machine decides which
goes on, what becomes of its call, and how time passes. One thread runs at a time: a run is repeatable.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from functions.common.errors import TransientError
from functions.webhooks.aws.event_table import EventTable
from functions.webhooks.logic.events import TransactionType
from functions.webhooks.logic.handover import CLOCK_SKEW_MS, HandOver, HandOvers, Outcome, Receipt
from functions.webhooks.logic.routing import route
from tests.unit.functions.webhooks.fakes import Died, Fate, GatedRouter, GatedStore, MemoryTable, webhook

T = TypeVar("T")

LIFETIME_MS = 30_000
ATTEMPTS_OF_THE_ROUTER = 3  # Lambda's own two retries of an asynchronous invocation


class Delivery:
    """One invocation of the validator: `step` lets it make its next call."""

    def __init__(self, dies_at: int, receive: Callable[[Delivery], Receipt]) -> None:
        self.dies_at = dies_at
        self.result: Receipt | TransientError | Died | None = None
        self.unmarked = False
        self._go_on = threading.Semaphore(0)
        self._stopped = threading.Semaphore(0)
        self._fate = Fate.FINE
        threading.Thread(target=self._run, args=(receive,), daemon=True).start()
        self._stopped.acquire()

    def step(self, fate: Fate) -> None:
        self._fate = fate
        self._go_on.release()
        self._stopped.acquire()

    def gate(self, call: str, operation: Callable[[], T], /) -> T:
        self._stopped.release()
        self._go_on.acquire()
        fate = self._fate
        try:
            return fate.befall(operation)
        finally:
            if call == "invoke" and fate not in (Fate.DIES_BEFORE, Fate.FAILS_BEFORE):
                self.unmarked = fate is not Fate.FINE
            # What died or failed after the invocation and before the mark is the one reason for a second routing.
            if call == "complete" and fate in (Fate.DIES_BEFORE, Fate.FAILS_BEFORE):
                self.unmarked = True

    def _run(self, receive: Callable[[Delivery], Receipt]) -> None:
        try:
            self.result = receive(self)
        except (TransientError, Died) as end:
            self.result = end
        finally:
            self._stopped.release()


@dataclass
class Consumer:
    """What arrives in a queue."""

    fate: Fate = Fate.FINE
    messages: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    def send(self, body: str, attributes: Mapping[str, str]) -> None:
        self.fate.befall(lambda: self.messages.append((body, attributes)))


class Deliveries(RuleBasedStateMachine):
    """Of one event, as those of different events never touch the same record."""

    def __init__(self) -> None:
        super().__init__()
        self.now_ms = 1_772_359_200_000
        self.table = MemoryTable()
        self.started = 0
        self.running: list[Delivery] = []
        self.invokers: list[Delivery] = []
        self.pending: list[tuple[HandOver, int]] = []
        self.dead_letters: list[HandOver] = []
        self.consumer = Consumer()

    @precondition(lambda self: len(self.running) < 3)
    @rule(amount=st.integers(1, 2), skew_ms=st.sampled_from([-400, 400]), calls=st.integers(1, 4))
    def a_delivery_arrives(self, amount: int, skew_ms: int, calls: int) -> None:
        self._go_on(self._start(amount, skew_ms), calls)

    @precondition(lambda self: self.running)
    @rule(choice=st.integers(0, 2), calls=st.integers(1, 4))
    def a_delivery_goes_on(self, choice: int, calls: int) -> None:
        self._go_on(self.running[choice % len(self.running)], calls)

    @precondition(lambda self: self.running)
    @rule(choice=st.integers(0, 2), fate=st.sampled_from(Fate))
    def a_delivery_meets_its_fate(self, choice: int, fate: Fate) -> None:
        self._step(self.running[choice % len(self.running)], fate)

    # Just before a lease ends, and just after, is where two deliveries could both believe that it is theirs.
    @rule(milliseconds=st.sampled_from([6_000, LIFETIME_MS - 100, LIFETIME_MS + 2 * CLOCK_SKEW_MS]))
    def time_passes(self, milliseconds: int) -> None:
        self.now_ms += milliseconds
        self._end_overdue()

    @precondition(lambda self: self.pending)
    @rule(fate=st.sampled_from(Fate))
    def the_router_runs(self, fate: Fate) -> None:
        self._route(fate)

    @invariant()
    def a_second_routing_has_its_reason(self) -> None:
        assert all(earlier.unmarked for earlier in self.invokers[:-1])

    def teardown(self) -> None:
        while self.running:
            self._step(self.running[0], Fate.DIES_BEFORE)
        if not self.started:
            return
        self.now_ms += LIFETIME_MS + 2 * CLOCK_SKEW_MS
        assert self._deliver_undisturbed() is not Outcome.BUSY
        assert self._deliver_undisturbed() is Outcome.DUPLICATE
        while self.pending:
            self._route(Fate.FINE)

        assert self.consumer.messages or self.dead_letters
        recorded = self.table.items["evt-1"]["event"]
        for body, attributes in self.consumer.messages:
            assert (body, attributes["event_id"]) == (recorded, "evt-1")

    def _deliver_undisturbed(self) -> Outcome:
        delivery = self._start(amount=3, skew_ms=0)
        self._go_on(delivery, calls=1_000)
        assert isinstance(delivery.result, Receipt)
        return delivery.result.outcome

    def _start(self, amount: int, skew_ms: int) -> Delivery:
        def receive(delivery: Delivery) -> Receipt:
            hand_overs = HandOvers(
                GatedStore(EventTable(self.table), delivery.gate),
                GatedRouter(lambda hand_over: self._invoke(delivery, hand_over), delivery.gate),
                clock=lambda: (self.now_ms + skew_ms) / 1000,
                sleep=lambda seconds: self._sleep(delivery, seconds),
            )
            return hand_overs.receive(webhook(amount=amount), name, name, LIFETIME_MS)

        self.started += 1
        name = f"delivery-{self.started}"
        delivery = Delivery(self.now_ms + LIFETIME_MS, receive)
        self.running.append(delivery)
        return delivery

    def _go_on(self, delivery: Delivery, calls: int) -> None:
        while delivery in self.running and calls:
            self._step(delivery, Fate.FINE)
            calls -= 1

    def _step(self, delivery: Delivery, fate: Fate) -> None:
        delivery.step(fate)
        if delivery.result is not None:
            self.running.remove(delivery)
            if isinstance(delivery.result, Receipt) and delivery.result.outcome is not Outcome.BUSY:
                assert self.invokers, "accepted, or a duplicate, and not on its way"
        self._end_overdue()

    def _end_overdue(self) -> None:
        """Lambda ends a function that has outlived its timeout."""
        for delivery in [delivery for delivery in self.running if delivery.dies_at <= self.now_ms]:
            delivery.step(Fate.DIES_BEFORE)
            self.running.remove(delivery)

    def _sleep(self, delivery: Delivery, seconds: float) -> None:
        until = self.now_ms + int(seconds * 1000)

        def wake() -> None:
            self.now_ms = max(self.now_ms, until)

        delivery.gate("sleep", wake)

    def _invoke(self, delivery: Delivery, hand_over: HandOver) -> None:
        self.invokers.append(delivery)
        self.pending.append((hand_over, 1))

    def _route(self, fate: Fate) -> None:
        hand_over, attempt = self.pending.pop(0)
        self.consumer.fate = fate
        try:
            route(hand_over, dict.fromkeys(TransactionType, self.consumer))
        except (TransientError, Died):
            if attempt < ATTEMPTS_OF_THE_ROUTER:
                self.pending.append((hand_over, attempt + 1))
            else:
                self.dead_letters.append(hand_over)


@pytest.mark.requirement("WHK-12")
def test_nothing_is_lost_and_nothing_is_routed_twice_without_a_reason() -> None:
    run_state_machine_as_test(Deliveries, settings=settings(max_examples=400, stateful_step_count=20, deadline=None))
