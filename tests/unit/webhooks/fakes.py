"""A table and a router in memory, and what can happen to a call of either."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Protocol, TypeVar

import msgspec

from functions.common.errors import TransientError
from functions.webhooks.logic.events import WebhookEvent, read_event
from functions.webhooks.logic.handover import HandOver, Lease, Record, Status

T = TypeVar("T")


class Died(BaseException):
    """The function's process is gone: no handler of `Exception` in the code under test sees it."""


class Fate(Enum):
    """What happens to a call, and to the function that makes it."""

    FINE = auto()
    FAILS_BEFORE = auto()  # a throttle: nothing was carried out
    FAILS_AFTER = auto()  # carried out, and the answer lost
    DIES_BEFORE = auto()
    DIES_AFTER = auto()

    def befall(self, operation: Callable[[], T]) -> T:
        if self is Fate.DIES_BEFORE:
            raise Died
        if self is Fate.FAILS_BEFORE:
            raise TransientError("throttled")
        result = operation()
        if self is Fate.DIES_AFTER:
            raise Died
        if self is Fate.FAILS_AFTER:
            raise TransientError("no answer")
        return result


class Gate(Protocol):
    """Every call passes it, under the call's name."""

    def __call__(self, call: str, operation: Callable[[], T], /) -> T: ...


@dataclass
class Fates:
    """A gate with a fate for the next call of some names; it is used up by it."""

    planned: dict[str, Fate] = field(default_factory=dict)

    def __call__(self, call: str, operation: Callable[[], T], /) -> T:
        return self.planned.pop(call, Fate.FINE).befall(operation)


class MemoryStore:
    """`functions.webhooks.logic.handover.Store` with the conditions of the real one."""

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}

    def record(self, new: Record) -> Record:
        return self.records.setdefault(new.event_id, new)

    def read(self, event_id: str) -> Record | None:
        return self.records.get(event_id)

    def take(self, seen: Record, lease: Lease) -> Record | None:
        self._change(
            seen.event_id,
            lambda record: (record.lease_holder, record.lease_until) == (seen.lease_holder, seen.lease_until),
            lease_holder=lease.holder,
            lease_until=lease.until,
        )
        return self.records.get(seen.event_id)

    def release(self, event_id: str, lease: Lease) -> None:
        self._change(event_id, lambda record: record.lease_holder == lease.holder, lease_until=0)

    def complete(self, event_id: str, at: str) -> None:
        self._change(event_id, lambda _: True, status=Status.HANDED_OVER, handed_over_at=at)

    def _change(self, event_id: str, condition: Callable[[Record], bool], **changes: Any) -> None:
        record = self.records.get(event_id)
        if record is not None and record.status is Status.RECEIVED and condition(record):
            self.records[event_id] = msgspec.structs.replace(record, **changes)


class GatedStore:
    def __init__(self, store: MemoryStore, gate: Gate) -> None:
        self._store = store
        self._gate = gate

    def record(self, new: Record) -> Record:
        return self._gate("record", lambda: self._store.record(new))

    def read(self, event_id: str) -> Record | None:
        return self._gate("read", lambda: self._store.read(event_id))

    def take(self, seen: Record, lease: Lease) -> Record | None:
        return self._gate("take", lambda: self._store.take(seen, lease))

    def release(self, event_id: str, lease: Lease) -> None:
        self._gate("release", lambda: self._store.release(event_id, lease))

    def complete(self, event_id: str, at: str) -> None:
        self._gate("complete", lambda: self._store.complete(event_id, at))


class GatedRouter:
    def __init__(self, invoke: Callable[[HandOver], None], gate: Gate) -> None:
        self._invoke = invoke
        self._gate = gate

    def invoke(self, hand_over: HandOver) -> None:
        self._gate("invoke", lambda: self._invoke(hand_over))


def payload(event_id: str = "evt-1", **changes: object) -> str:
    """A valid body; a field that is set to `...` is left out."""
    fields = {"event_id": event_id, "transaction_type": "payment", "amount": 10.25, "timestamp": "2026-03-01T10:15:30Z"}
    return json.dumps({name: value for name, value in (fields | changes).items() if value is not ...})


def webhook(event_id: str = "evt-1", **changes: object) -> WebhookEvent:
    return read_event(payload(event_id, **changes).encode())
