"""From SNS to the bus: a notification is forwarded or dead-lettered, or the invocation fails (EVT-02)."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

import msgspec

from functions.common.batching import in_batches
from functions.common.dead_letters import DeadLetter
from functions.common.errors import TransientError
from functions.payment_events.logic.audit import AuditError, AuditTrail, StageRun, Status, unidentified_key
from functions.payment_events.logic.notifications import read_notification
from functions.payment_events.logic.payments import Reading
from functions.payment_events.logic.sizes import MAXIMUM_WORKFLOW_BYTES, workflow_bytes
from functions.payment_events.logic.workflow import DETAIL_TYPE, EVENT_SOURCE, Notification, write_state

# Leaves room for the state that most payloads lead to. The state that this one leads to is computed as well.
MAXIMUM_ENTRY_BYTES = 128 * 1024

# The most that PutEvents accepts in one call.
MAXIMUM_BATCH_ENTRIES = 10
MAXIMUM_BATCH_BYTES = 256 * 1024

# Pauses before refused entries are put again. After the last one the invocation fails, and Lambda repeats it.
PAUSES_SECONDS = (0.1, 0.4, 1.6)

TOO_LARGE = "NotificationTooLarge"


class BusEntry(msgspec.Struct, frozen=True):
    """`event_ids` are the ids of the events in the notification, each once, in their order."""

    notification: Notification
    event_ids: list[str]
    detail: str

    def size(self) -> int:
        """Bytes as EventBridge counts them: source, detail type and detail (we set no time and no resources)."""
        return len(EVENT_SOURCE) + len(DETAIL_TYPE) + len(self.detail.encode())


class Bus(Protocol):
    def put(self, details: Sequence[str]) -> list[str | None]:
        """Put events with these details, in one call. Returns for each the code of its refusal, or None.

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
        """Raises TransientError when the bus has refused some. Those that it accepted are recorded by then.

        A second run forwards them again, under the same correlation ids, which changes nothing downstream.
        """
        entries, too_large, refused = [], 0, 0
        runs: dict[str, StageRun] = {}
        for notification in notifications:
            run = self._audit.begin(notification.correlation_id, notification.payload)
            readings = read_notification(notification.payload)
            entry = make_entry(notification, readings)
            problem = _too_large(entry, readings)
            if problem:
                self._turn_away(entry, run, problem)
                too_large += 1
            else:
                runs[notification.correlation_id] = run
                entries.append(entry)
        for batch in batches(entries):
            taken = self._put(batch)
            refused += len(batch) - len(taken)
            for entry in taken:
                _record_forwarded(runs[entry.notification.correlation_id], entry.event_ids)
        if refused:
            raise TransientError(f"the event bus refused {refused} of {len(entries)} notifications")
        return Forwarded(len(entries), too_large)

    def _put(self, batch: list[BusEntry]) -> list[BusEntry]:
        """Put the batch, and put refused entries again. Returns the entries that were accepted in the end."""
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

    def _turn_away(self, entry: BusEntry, run: StageRun, problem: str) -> None:
        """Record a notification that the workflow cannot hold, and dead-letter it.

        The payload goes into the letter. Where it does not fit, it goes into the audit item of the delivery, which
        nothing replaces.
        """
        notification = entry.notification
        letter = DeadLetter(
            step=self._audit.stage.value,
            error=TOO_LARGE,
            cause=problem,
            correlation_id=notification.correlation_id,
            input=write_state(notification),
        )
        error = AuditError(TOO_LARGE, problem)
        payload = None if letter.fits() else gzip.compress(notification.payload.encode(), mtime=0)
        of_others = [key for key in entry.event_ids if not run.record(key, Status.REJECTED, error=error)]
        if of_others or payload is not None:
            run.record_delivery(Status.REJECTED, of_others, error=error, payload=payload)
        if payload is not None:
            without_payload = {name: value for name, value in letter.input.items() if name != "payload"}
            place = {"table": self._audit.table.name, "event_id": run.delivery_key, "stage": self._audit.stage.value}
            letter = msgspec.structs.replace(letter, input=without_payload, payload_stored_in=place)
        self._send_dead_letter(letter)


def make_entry(notification: Notification, readings: Sequence[Reading]) -> BusEntry:
    unidentified = unidentified_key(notification.correlation_id)
    event_ids = list(dict.fromkeys(reading.event_id or unidentified for reading in readings))
    return BusEntry(notification, event_ids, msgspec.json.encode(notification).decode())


def _too_large(entry: BusEntry, readings: Sequence[Reading]) -> str | None:
    """Why the notification cannot be forwarded, or None when the workflow can hold it."""
    if entry.size() > MAXIMUM_ENTRY_BYTES:
        return f"its entry on the bus has {entry.size()} bytes, {MAXIMUM_ENTRY_BYTES} is the limit"
    size = workflow_bytes(entry.notification, readings)
    if size > MAXIMUM_WORKFLOW_BYTES:
        return f"its workflow would hold {size} bytes, {MAXIMUM_WORKFLOW_BYTES} is the limit"
    return None


def batches(entries: Iterable[BusEntry]) -> Iterator[list[BusEntry]]:
    """Group the entries, in their order, into the sizes that one call of PutEvents accepts."""
    return in_batches(entries, BusEntry.size, maximum_items=MAXIMUM_BATCH_ENTRIES, maximum_bytes=MAXIMUM_BATCH_BYTES)


def _record_forwarded(run: StageRun, event_ids: Iterable[str]) -> None:
    """Begin the trail of every event in the notification."""
    owned_by_another = [event_id for event_id in event_ids if not run.record(event_id, Status.FORWARDED)]
    if owned_by_another:
        run.record_delivery(Status.FORWARDED, owned_by_another)
