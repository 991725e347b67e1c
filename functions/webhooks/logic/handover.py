"""The hand-over that loses no event (WHK-12): who may invoke the router for it, and what a repeat gets.

The record of an event is a state machine that only conditional writes move:

    (none) --record--> RECEIVED --router invoked--> HANDED_OVER

A record that is RECEIVED belongs to the delivery that holds its lease. A lease lasts as long as its holder can run. So
when it has expired its holder has ended, and only the delivery that takes the lease next hands the event over.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from enum import Enum, StrEnum, auto
from typing import Protocol, assert_never

import msgspec

from functions.common.errors import TransientError
from functions.common.timestamps import to_text
from functions.webhooks.logic.events import WebhookEvent

RETENTION_S = 30 * 24 * 60 * 60  # WHK-10

# How long a delivery waits for the one that holds the lease. The holder needs a few calls, usually well below a second,
# and the waiting delivery occupies one of the function's reserved instances.
PATIENCE_MS = 3_000
POLL_INTERVAL_MS = 200

# For the difference between the clocks of two instances, and for a call that was on its way when its sender ended.
CLOCK_SKEW_MS = 1_000


class Status(StrEnum):
    RECEIVED = "RECEIVED"
    HANDED_OVER = "HANDED_OVER"


class Lease(msgspec.Struct, frozen=True):
    """`holder` is the id of one invocation of the validator, `until` is in epoch milliseconds."""

    holder: str
    until: int


class HandOver(msgspec.Struct, frozen=True):
    """What the router is invoked with."""

    event_id: str
    transaction_type: str
    timestamp: str
    correlation_id: str
    payload: str

    def encode(self) -> bytes:
        return msgspec.json.encode(self)


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """The item of an event, attribute by attribute.

    `event` is the body as first received, `body_digest` its SHA-256. `expires_at` is in epoch seconds,
    `lease_until` in epoch milliseconds; the other times are ISO 8601 text.
    """

    event_id: str
    transaction_type: str
    timestamp: str
    correlation_id: str
    event: str
    body_digest: str
    status: Status
    received_at: str
    expires_at: int
    lease_holder: str
    lease_until: int
    handed_over_at: str | None = None

    def hand_over(self) -> HandOver:
        return HandOver(self.event_id, self.transaction_type, self.timestamp, self.correlation_id, self.event)


class Store(Protocol):
    """The table. Each write is one conditional call, and returns the record as it is afterwards, written or not.

    The lease in it shows the caller whose record it is. All raise TransientError, and may have written all the same.
    """

    def record(self, new: Record, /) -> Record:
        """Write it unless the event has a record."""

    def read(self, event_id: str, /) -> Record | None:
        """The record after every write that has returned before."""

    def take(self, seen: Record, lease: Lease, /) -> Record | None:
        """Give a RECEIVED record a new lease, if it still has the one that was seen."""

    def release(self, event_id: str, lease: Lease, /) -> None:
        """End the lease of a RECEIVED record, if it has this one."""

    def complete(self, event_id: str, at: str, /) -> None:
        """Make a RECEIVED record HANDED_OVER."""


class Router(Protocol):
    def invoke(self, hand_over: HandOver, /) -> None:
        """Returns once the invocation is accepted. Raises TransientError; it may have been accepted all the same."""


class Step(Enum):
    """What a delivery has to do next, given the record."""

    HAND_OVER = auto()
    TAKE_LEASE = auto()
    WAIT = auto()
    NOTHING = auto()


def next_step(standing: Record, lease: Lease, now_ms: int) -> Step:
    if standing.status is Status.HANDED_OVER:
        return Step.NOTHING
    if standing.lease_holder == lease.holder:
        return Step.HAND_OVER
    return Step.WAIT if now_ms < standing.lease_until else Step.TAKE_LEASE


class Outcome(Enum):
    """How a delivery ended. Only BUSY needs a repeat."""

    ACCEPTED = auto()
    COMPLETED = auto()  # an earlier delivery had recorded the event, this one handed it over
    DUPLICATE = auto()
    BUSY = auto()  # another delivery is handing it over: the sender has to send it again


class Receipt(msgspec.Struct, frozen=True):
    """`standing` is the record as it was last read, and `body_differs` says whether the delivery has another body.

    `marked` is False where the router was invoked but the record could not be made HANDED_OVER. A repeat is then routed
    again.
    """

    outcome: Outcome
    standing: Record
    body_differs: bool
    marked: bool = True


class HandOvers:
    """`clock` returns epoch seconds, `sleep` takes seconds."""

    def __init__(
        self,
        store: Store,
        router: Router,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._router = router
        self._clock = clock
        self._sleep = sleep

    def receive(self, event: WebhookEvent, delivery_id: str, correlation_id: str, lifetime_ms: int) -> Receipt:
        """Hand an event to the router once, however often it arrives, and by however many deliveries at a time.

        `delivery_id` identifies this invocation, and `lifetime_ms` is how long it can still run. Raises TransientError,
        and whatever else the store and the router raise, when it is not certain that the event was handed over. A
        repeat then completes the hand-over.
        """
        lease = Lease(delivery_id, self._now_ms() + lifetime_ms + CLOCK_SKEW_MS)
        new = self._new_record(event, correlation_id, lease)
        patient_until = self._now_ms() + PATIENCE_MS
        outcome = Outcome.ACCEPTED
        standing = self._store.record(new)
        while True:
            step = next_step(standing, lease, self._now_ms())
            differs = standing.body_digest != new.body_digest
            match step:
                case Step.NOTHING:
                    return Receipt(Outcome.DUPLICATE, standing, differs)
                case Step.HAND_OVER:
                    return Receipt(outcome, standing, differs, marked=self._hand_over(standing, lease))
                case Step.TAKE_LEASE:
                    outcome = Outcome.COMPLETED
                    standing = self._store.take(standing, lease) or self._store.record(new)
                case Step.WAIT if self._now_ms() >= patient_until:
                    return Receipt(Outcome.BUSY, standing, differs)
                case Step.WAIT:
                    self._sleep(POLL_INTERVAL_MS / 1000)
                    standing = self._store.read(event.event_id) or self._store.record(new)
                case _:
                    assert_never(step)

    def _hand_over(self, standing: Record, lease: Lease) -> bool:
        try:
            self._router.invoke(standing.hand_over())
        except Exception:
            # So that the repeat need not wait for the lease to expire. It expires by itself when this call fails too.
            with suppress(TransientError):
                self._store.release(standing.event_id, lease)
            raise
        try:
            self._store.complete(standing.event_id, to_text(self._now()))
        except TransientError:
            # The event is on its way: an error now would ask for a repeat, which would be routed a second time.
            return False
        return True

    def _new_record(self, event: WebhookEvent, correlation_id: str, lease: Lease) -> Record:
        now = self._now()
        return Record(
            event_id=event.event_id,
            transaction_type=event.transaction_type,
            timestamp=event.timestamp,
            correlation_id=correlation_id,
            event=event.payload,
            body_digest=hashlib.sha256(event.payload.encode()).hexdigest(),
            status=Status.RECEIVED,
            received_at=to_text(now),
            expires_at=int(now.timestamp()) + RETENTION_S,
            lease_holder=lease.holder,
            lease_until=lease.until,
        )

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)

    def _now_ms(self) -> int:
        return int(self._clock() * 1000)
