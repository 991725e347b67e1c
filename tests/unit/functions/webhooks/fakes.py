"""A table and a router in memory, and what can happen to a call of either."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, auto
from typing import Any, Protocol, TypeVar

from functions.common.aws.item_table import ItemTable
from functions.common.errors import TransientError
from functions.webhooks.logic.events import WebhookEvent, read_event
from functions.webhooks.logic.handover import HandOver, Lease, Record, Store

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


class MemoryTable(ItemTable):
    """A table in memory with the conditions of the real one. Numbers read as Decimal, as DynamoDB's do."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}

    def put_new(
        self, item: Mapping[str, Any], replaceable: Mapping[str, Collection[str]] | None = None
    ) -> dict[str, Any] | None:
        assert replaceable is None
        if standing := self.get(item["event_id"]):
            return standing
        self.items[item["event_id"]] = dict(item)
        return None

    def get(self, key: str) -> dict[str, Any] | None:
        if (item := self.items.get(key)) is None:
            return None
        return {name: Decimal(value) if isinstance(value, int) else value for name, value in item.items()}

    def update(self, key: str, changes: Mapping[str, Any], expected: Mapping[str, Any]) -> dict[str, Any] | None:
        item = self.items.get(key, {})
        if item and all(item.get(name) == value for name, value in expected.items()):
            item.update(changes)
        return self.get(key)


class GatedStore:
    def __init__(self, store: Store, gate: Gate) -> None:
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


def payload(**changes: object) -> str:
    """A valid body; a field that is set to `...` is left out."""
    fields = {"event_id": "evt-1", "transaction_type": "payment", "amount": 10.25, "timestamp": "2026-03-01T10:15:30Z"}
    return json.dumps({name: value for name, value in (fields | changes).items() if value is not ...})


def webhook(**changes: object) -> WebhookEvent:
    return read_event(payload(**changes).encode())
