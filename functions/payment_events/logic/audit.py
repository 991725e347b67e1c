"""The audit trail: for each event one item a stage, written once (EVT-24).

The first delivery of an event owns its items, and a repeat of that delivery leaves them as they are. Only an item with
the status REJECTED or FAILED is replaced, by a success. The outcome of a later delivery of the event is written under
its own key, `delivery:<correlation id>`.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol

import msgspec

from functions.common import timestamps
from functions.common.errors import ItemTooLargeError
from functions.common.faults import Fault
from functions.common.status_shards import status_shard
from functions.payment_events.logic.errors import InvalidEvent, told


class Stage(StrEnum):
    TRIGGER = "event-trigger"
    VALIDATOR = "event-validator"
    PROCESSOR = "event-processor"
    ENRICHER = "event-enricher"


class Status(StrEnum):
    FORWARDED = "FORWARDED"
    ACCEPTED = "ACCEPTED"
    DUPLICATE = "DUPLICATE"
    REJECTED = "REJECTED"
    PROCESSED = "PROCESSED"
    ENRICHED = "ENRICHED"
    FAILED = "FAILED"


# The parts that are left out of an item that is too large for the table.
_DETAILS = frozenset({"duplicate_of", "error", "output"})

_GIVES_WAY = frozenset({Status.FAILED, Status.REJECTED})


class AuditError(msgspec.Struct, frozen=True, omit_defaults=True):
    """`name` is the error's class, as Step Functions and dead letters name it. `more_faults` is the number of faults
    that are left out of a long list.
    """

    name: str
    message: str
    faults: Sequence[Fault] = ()
    more_faults: int = 0


def audit_error(name: str, message: str, faults: Sequence[Fault] = ()) -> AuditError:
    return AuditError(name, message, *told(faults))


def unidentified_key(correlation_id: str) -> str:
    """The key that is used where a notification has no event id that can be read."""
    return f"unidentified:{correlation_id}"


class AuditTable(Protocol):
    """A table keyed by `event_id` and `stage`, such as `functions.common.aws.item_table.ItemTable`."""

    name: str

    def put_new(
        self, item: Mapping[str, Any], replaceable: Mapping[str, Collection[str]] | None = None
    ) -> dict[str, Any] | None:
        """Write the item unless its key has one that is not replaceable. Returns that one, else None.

        Raises TransientError, and ItemTooLargeError.
        """


class AuditTrail:
    """One stage's part of the trail. `release` says which build of the function writes."""

    def __init__(
        self,
        table: AuditTable,
        stage: Stage,
        release: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.table = table
        self.stage = stage
        self.release = release
        self.now = now

    def begin(self, correlation_id: str, payload: str) -> StageRun:
        """Start the stage's work on one delivery of a notification: durations count from here."""
        return StageRun(self, correlation_id, hashlib.sha256(payload.encode()).hexdigest())


class StageRun:
    """The outcome of one stage for one delivery."""

    def __init__(self, trail: AuditTrail, correlation_id: str, payload_digest: str) -> None:
        self._trail = trail
        self._started = time.perf_counter()
        self.correlation_id = correlation_id
        self.payload_digest = payload_digest

    @property
    def unidentified_key(self) -> str:
        return unidentified_key(self.correlation_id)

    @property
    def delivery_key(self) -> str:
        return f"delivery:{self.correlation_id}"

    def record(self, event_id: str, status: Status, **attributes: Any) -> bool:
        """Write the outcome of the event. Returns whether its item belongs to this delivery.

        False: another delivery owns the event, and nothing was written. `attributes` are `output` or `error` (and a
        `payload`), None for those that do not apply. Raises TransientError.
        """
        replaceable = None if status in _GIVES_WAY else {"status": sorted(_GIVES_WAY)}
        standing = self._put(self._item(event_id, status, attributes), replaceable)
        return standing is None or standing["correlation_id"] == self.correlation_id

    def record_delivery(self, status: Status, duplicate_of: Sequence[str], **attributes: Any) -> None:
        """Write the outcome of a delivery whose events belong to another one. Raises TransientError."""
        self._put(self._item(self.delivery_key, status, {"duplicate_of": list(duplicate_of), **attributes}))

    @contextmanager
    def failure_recorded(self, event_id: str) -> Iterator[None]:
        """Write FAILED for the event when the work on it raises, and raise again. The work calls no service."""
        try:
            yield
        except Exception as error:
            # The text of an unforeseen error may hold a value of the event.
            message = "not a valid payment event" if isinstance(error, InvalidEvent) else "see the function's log"
            faults = error.faults if isinstance(error, InvalidEvent) else ()
            self.record(event_id, Status.FAILED, error=audit_error(type(error).__name__, message, faults))
            raise

    def _put(
        self, item: dict[str, Any], replaceable: Mapping[str, Collection[str]] | None = None
    ) -> dict[str, Any] | None:
        """Write the item, or, where it is too large for the table, the outcome without its details.

        A payload is no detail: where it cannot be kept, ItemTooLargeError is raised.
        """
        try:
            return self._trail.table.put_new(item, replaceable)
        except ItemTooLargeError:
            if "payload" in item:
                raise
            left_out = sorted(_DETAILS & item.keys())
            kept = {name: value for name, value in item.items() if name not in _DETAILS}
            return self._trail.table.put_new(kept | {"left_out": left_out}, replaceable)

    def _item(self, key: str, status: Status, attributes: Mapping[str, Any]) -> dict[str, Any]:
        item: dict[str, Any] = {
            "event_id": key,
            "stage": self._trail.stage.value,
            "status": status.value,
            "status_shard": status_shard(status.value, key),
            "at": timestamps.to_text(self._trail.now()),
            "duration_ms": round((time.perf_counter() - self._started) * 1000),
            "function_version": self._trail.release,
            "input_digest": self.payload_digest,
            "correlation_id": self.correlation_id,
        }
        given = {name: value for name, value in attributes.items() if value is not None}
        item |= msgspec.to_builtins(given, builtin_types=(bytes,))
        return item
