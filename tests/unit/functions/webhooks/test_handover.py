"""One event at a time, and a fault at each place where the validator can meet one (WHK-12)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import pytest

from functions.common.errors import TransientError
from functions.webhooks.aws.event_table import EventTable
from functions.webhooks.logic.handover import (
    CLOCK_SKEW_MS,
    PATIENCE_MS,
    RETENTION_S,
    HandOver,
    HandOvers,
    Outcome,
    Receipt,
    Record,
    Status,
)
from tests.unit.functions.webhooks.fakes import Died, Fate, Fates, GatedRouter, GatedStore, MemoryTable, webhook

LIFETIME_MS = 30_000


@dataclass
class Validator:
    """The validator's side of the world: one call of `deliver` is one invocation."""

    store: EventTable = field(default_factory=lambda: EventTable(MemoryTable()))
    routed: list[HandOver] = field(default_factory=list)
    now_s: float = 1_772_359_200.0
    slept_s: float = 0.0
    deliveries: int = 0

    def deliver(
        self, *, lifetime_ms: int = LIFETIME_MS, fates: Mapping[str, Fate] = MappingProxyType({}), amount: int = 10
    ) -> Receipt:
        self.deliveries += 1
        gate = Fates(dict(fates))
        hand_overs = HandOvers(
            GatedStore(self.store, gate), GatedRouter(self.routed.append, gate), lambda: self.now_s, self._sleep
        )
        number = self.deliveries
        receipt = hand_overs.receive(webhook(amount=amount), f"delivery-{number}", f"request-{number}", lifetime_ms)
        assert not gate.planned, "the fault was planned for a call that was not made"
        return receipt

    def _sleep(self, seconds: float) -> None:
        self.now_s += seconds
        self.slept_s += seconds

    def record(self) -> Record:
        record = self.store.read("evt-1")
        assert record is not None
        return record

    def outlive_leases(self) -> None:
        self.now_s += (LIFETIME_MS + CLOCK_SKEW_MS) / 1000


@pytest.fixture
def validator() -> Validator:
    return Validator()


@pytest.mark.requirement("WHK-10", "WHK-12")
def test_a_new_event_is_recorded_and_handed_over_once(validator: Validator) -> None:
    assert validator.deliver().outcome is Outcome.ACCEPTED

    (hand_over,) = validator.routed
    record = validator.record()
    assert record.status is Status.HANDED_OVER
    assert record.handed_over_at == "2026-03-01T10:00:00.000Z"
    assert (hand_over.payload, hand_over.correlation_id) == (webhook(amount=10).payload, "request-1")


@pytest.mark.requirement("WHK-10", "WHK-20")
def test_a_record_expires_after_thirty_days(validator: Validator) -> None:
    validator.deliver()

    assert validator.record().expires_at == validator.now_s + RETENTION_S == validator.now_s + 2_592_000


@pytest.mark.requirement("WHK-04")
def test_a_repeat_of_an_event_that_was_handed_over_is_a_duplicate(validator: Validator) -> None:
    validator.deliver()

    assert validator.deliver().outcome is Outcome.DUPLICATE
    assert len(validator.routed) == 1


def test_a_repeat_with_another_body_is_a_duplicate_and_is_told_apart(validator: Validator) -> None:
    validator.deliver(amount=10)

    assert not validator.deliver(amount=10).body_differs
    assert validator.deliver(amount=11).body_differs
    assert [json.loads(hand_over.payload)["amount"] for hand_over in validator.routed] == [10]


@pytest.mark.requirement("WHK-12")
@pytest.mark.parametrize(
    ("fates", "times_routed"),
    [
        ({"record": Fate.DIES_BEFORE}, 1),
        ({"record": Fate.DIES_AFTER}, 1),
        ({"invoke": Fate.DIES_BEFORE}, 1),
        ({"invoke": Fate.DIES_AFTER}, 2),
        ({"complete": Fate.DIES_BEFORE}, 2),
        ({"complete": Fate.DIES_AFTER}, 1),
    ],
    ids=str,
)
def test_wherever_the_validator_dies_the_next_attempt_brings_the_event_to_the_router(
    validator: Validator, fates: dict[str, Fate], times_routed: int
) -> None:
    with pytest.raises(Died):
        validator.deliver(fates=fates)
    validator.outlive_leases()
    validator.deliver()

    assert len(validator.routed) == times_routed
    assert {hand_over.event_id for hand_over in validator.routed} == {"evt-1"}
    assert validator.deliver().outcome is Outcome.DUPLICATE


@pytest.mark.requirement("WHK-12")
@pytest.mark.parametrize(("fate", "times_routed"), [(Fate.FAILS_BEFORE, 1), (Fate.FAILS_AFTER, 2)])
def test_when_the_router_cannot_be_invoked_the_next_attempt_completes_the_hand_over_at_once(
    validator: Validator, fate: Fate, times_routed: int
) -> None:
    with pytest.raises(TransientError):
        validator.deliver(fates={"invoke": fate})

    assert validator.deliver().outcome is Outcome.COMPLETED
    assert len(validator.routed) == times_routed
    assert validator.slept_s == 0


@pytest.mark.requirement("WHK-12")
def test_when_the_lease_cannot_be_released_either_it_runs_out(validator: Validator) -> None:
    with pytest.raises(TransientError):
        validator.deliver(fates={"invoke": Fate.FAILS_BEFORE, "release": Fate.FAILS_BEFORE})

    assert validator.deliver().outcome is Outcome.BUSY
    validator.outlive_leases()
    assert validator.deliver().outcome is Outcome.COMPLETED
    assert len(validator.routed) == 1


@pytest.mark.requirement("WHK-12")
@pytest.mark.parametrize("fate", [Fate.FAILS_BEFORE, Fate.FAILS_AFTER])
def test_when_the_event_cannot_be_recorded_it_is_not_routed_and_the_next_attempt_is(
    validator: Validator, fate: Fate
) -> None:
    with pytest.raises(TransientError):
        validator.deliver(fates={"record": fate})
    assert validator.routed == []

    validator.outlive_leases()
    validator.deliver()
    assert len(validator.routed) == 1


def test_an_event_on_its_way_is_accepted_although_the_record_could_not_be_marked(validator: Validator) -> None:
    receipt = validator.deliver(fates={"complete": Fate.FAILS_BEFORE})

    assert (receipt.outcome, receipt.marked) == (Outcome.ACCEPTED, False)


@pytest.mark.requirement("WHK-12")
def test_a_repeat_waits_for_the_delivery_that_is_at_it_and_then_gives_way(validator: Validator) -> None:
    with pytest.raises(Died):
        validator.deliver(fates={"invoke": Fate.DIES_BEFORE})

    receipt = validator.deliver()

    assert receipt.outcome is Outcome.BUSY
    assert validator.slept_s == pytest.approx(PATIENCE_MS / 1000)
    assert receipt.standing.lease_until / 1000 > validator.now_s
    assert validator.routed == []


@pytest.mark.requirement("WHK-12")
def test_a_completed_hand_over_is_that_of_the_recorded_body(validator: Validator) -> None:
    with pytest.raises(Died):
        validator.deliver(amount=10, fates={"invoke": Fate.DIES_BEFORE})
    validator.outlive_leases()

    receipt = validator.deliver(amount=11)

    assert (receipt.outcome, receipt.body_differs) == (Outcome.COMPLETED, True)
    assert [json.loads(hand_over.payload)["amount"] for hand_over in validator.routed] == [10]


def test_a_lease_lasts_as_long_as_its_holder_can_live_and_a_second(validator: Validator) -> None:
    with pytest.raises(Died):
        validator.deliver(lifetime_ms=7_000, fates={"invoke": Fate.DIES_BEFORE})

    assert validator.record().lease_until == (validator.now_s + 8) * 1000
