"""From an accepted event to its canonical payment record (EVT-22)."""

from __future__ import annotations

import msgspec

from functions.common.faults import Fault
from functions.payment_events.logic.audit import AuditTrail, StageRun, Status
from functions.payment_events.logic.errors import InvalidEvent
from functions.payment_events.logic.notifications import read_notification
from functions.payment_events.logic.payments import PaymentRecord, RawReference, Reading, make_record
from functions.payment_events.logic.workflow import AcceptedEvent, ProcessedNotification, ValidatedNotification


class Processor:
    def __init__(self, audit: AuditTrail) -> None:
        self._audit = audit

    def process(self, notification: ValidatedNotification) -> ProcessedNotification:
        """Make the record of each accepted event, and write it to the audit trail.

        Raises InvalidEvent when the payload no longer holds an accepted event, and TransientError.
        """
        run = self._audit.begin(notification.correlation_id, notification.payload)
        readings = {reading.index: reading for reading in read_notification(notification.payload)}
        payments = []
        for event in notification.events:
            with run.failure_recorded(event.event_id):
                record = _record(event, readings.get(event.index), run)
            run.record(event.event_id, Status.PROCESSED, output=msgspec.to_builtins(record))
            payments.append(record)
        return ProcessedNotification(**msgspec.structs.asdict(notification), payments=payments)


def _record(event: AcceptedEvent, reading: Reading | None, run: StageRun) -> PaymentRecord:
    if reading is None or reading.payment is None or reading.event_id != event.event_id:
        raise InvalidEvent([Fault("$", "unreadable", f"item {event.index} was accepted, but cannot be read any more")])
    return make_record(
        event.event_id, reading.payment, RawReference(run.correlation_id, event.index, run.payload_digest)
    )
