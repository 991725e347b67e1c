"""From SNS to the bus: a notification is forwarded, or dead-lettered, or the invocation fails (EVT-02)."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

import msgspec

from functions.common.dead_letters import DeadLetter
from functions.common.errors import TransientError
from functions.payment_events.logic.audit import AuditError, AuditTrail, StageRun, Status
from functions.payment_events.logic.notifications import read_notification
from functions.payment_events.logic.workflow import DETAIL_TYPE, EVENT_SOURCE, Notification, write_state

# An Express workflow's state is limited to 256 KiB, and holds the payload beside what was made of it.
MAXIMUM_ENTRY_BYTES = 128 * 1024

# What PutEvents takes in one call.
MAXIMUM_BATCH_ENTRIES = 10
MAXIMUM_BATCH_BYTES = 256 * 1024

# Pauses before refused entries are put again; then the invocation fails, and Lambda runs it again.
PAUSES_SECONDS = (0.1, 0.4, 1.6)

TOO_LARGE = "NotificationTooLarge"


class BusEntry(msgspec.Struct, frozen=True):
    notification: Notification
    detail: str

    def size(self) -> int:
        """Bytes as EventBridge counts them: source, detail type and detail (we set no time and no resources)."""
        return len(EVENT_SOURCE) + len(DETAIL_TYPE) + len(self.detail.encode())


class Bus(Protocol):
    def put(self, details: Sequence[str]) -> list[str | None]:
        """Put events with these details; answer for each the code by which it was refused, or None. One call.

        Raises TransientError when the whole call failed.
        """


class Forwarded(msgspec.Struct, frozen=True):
    """How many notifications went to the bus, and how many were too large for it."""

    forwarded: int
    too_large: int


class Forwarder:
    def __init__(
        self,
        bus: Bus,
        audit: AuditTrail,
        send_dead_letter: Callable[[DeadLetter], None],
        pause: Callable[[float], None],
    ) -> None:
        self._bus = bus
        self._audit = audit
        self._send_dead_letter = send_dead_letter
        self._pause = pause

    def forward(self, notifications: Iterable[Notification]) -> Forwarded:
        """Raises TransientError when the bus has not taken all; those that it took are recorded by then.

        A second run forwards them again, under the same correlation ids, which changes nothing downstream.
        """
        entries, too_large, refused = [], 0, 0
        runs: dict[str, StageRun] = {}
        for notification in notifications:
            run = self._audit.begin(notification.correlation_id, notification.payload)
            entry = make_entry(notification)
            if entry.size() > MAXIMUM_ENTRY_BYTES:
                self._turn_away(notification, run, entry.size())
                too_large += 1
            else:
                runs[notification.correlation_id] = run
                entries.append(entry)
        for batch in batches(entries):
            taken = self._put(batch)
            refused += len(batch) - len(taken)
            for entry in taken:
                _record_forwarded(runs[entry.notification.correlation_id], entry.notification)
        if refused:
            raise TransientError(f"the event bus refused {refused} of {len(entries)} notifications")
        return Forwarded(len(entries), too_large)

    def _put(self, batch: list[BusEntry]) -> list[BusEntry]:
        """Put the batch, put again what is refused, and answer what was taken in the end."""
        taken: list[BusEntry] = []
        waiting = batch
        for pause in (*PAUSES_SECONDS, None):
            try:
                refusals = self._bus.put([entry.detail for entry in waiting])
            except TransientError:
                refusals = ["" for _ in waiting]
            outcomes = list(zip(waiting, refusals, strict=True))
            taken += [entry for entry, refusal in outcomes if refusal is None]
            waiting = [entry for entry, refusal in outcomes if refusal is not None]
            if not waiting or pause is None:
                break
            self._pause(pause)
        return taken

    def _turn_away(self, notification: Notification, run: StageRun, size: int) -> None:
        """Record a notification that the workflow cannot hold, and dead-letter it.

        The payload goes into the letter, or, where it does not fit one, into the audit item.
        """
        message = f"its entry on the bus has {size} bytes, {MAXIMUM_ENTRY_BYTES} is the limit"
        letter = DeadLetter(
            step=self._audit.stage.value,
            error=TOO_LARGE,
            cause=message,
            correlation_id=notification.correlation_id,
            input=write_state(notification),
        )
        error = AuditError(TOO_LARGE, message)
        payload = None if letter.fits() else gzip.compress(notification.payload.encode(), mtime=0)
        key = _event_ids(notification, run)[0]
        if not run.record(key, Status.REJECTED, error=error, payload=payload):
            run.record_delivery(Status.REJECTED, [key], error=error, payload=payload)
            key = run.delivery_key
        if payload is not None:
            without_payload = {name: value for name, value in letter.input.items() if name != "payload"}
            place = {"table": self._audit.table.name, "event_id": key, "stage": self._audit.stage.value}
            letter = msgspec.structs.replace(letter, input=without_payload, payload_stored_in=place)
        self._send_dead_letter(letter)


def make_entry(notification: Notification) -> BusEntry:
    return BusEntry(notification, msgspec.json.encode(notification).decode())


def batches(entries: Iterable[BusEntry]) -> Iterator[list[BusEntry]]:
    """Group the entries, in their order, into as many as one call of PutEvents takes."""
    batch: list[BusEntry] = []
    size = 0
    for entry in entries:
        if batch and (len(batch) == MAXIMUM_BATCH_ENTRIES or size + entry.size() > MAXIMUM_BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += entry.size()
    if batch:
        yield batch


def _record_forwarded(run: StageRun, notification: Notification) -> None:
    owned_by_another = [
        event_id for event_id in _event_ids(notification, run) if not run.record(event_id, Status.FORWARDED)
    ]
    if owned_by_another:
        run.record_delivery(Status.FORWARDED, owned_by_another)


def _event_ids(notification: Notification, run: StageRun) -> list[str]:
    """The ids of the events in the notification, each once, in their order: the trail begins under them."""
    readings = read_notification(notification.payload)
    return list(dict.fromkeys(reading.event_id or run.unidentified_key for reading in readings))
