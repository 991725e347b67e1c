"""The decision on a notification: which of its events are accepted, duplicates or rejected (EVT-21)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta

import msgspec

from functions.common import timestamps
from functions.common.dead_letters import DeadLetter
from functions.common.faults import Fault
from functions.payment_events.logic.audit import AuditError, AuditTrail, StageRun, Status, audit_error
from functions.payment_events.logic.errors import InvalidEvent, cause
from functions.payment_events.logic.notifications import read_notification
from functions.payment_events.logic.payments import Reading
from functions.payment_events.logic.workflow import AcceptedEvent, Notification, write_state

# The clocks of providers may be ahead of ours by this much.
CLOCK_SKEW = timedelta(minutes=5)


class Decision(msgspec.Struct, frozen=True):
    """`duplicates` are the ids of events that belong to another delivery, or to an earlier item."""

    accepted: list[AcceptedEvent]
    duplicates: list[str]
    rejected: list[Reading]

    @property
    def all_rejected(self) -> bool:
        return not self.accepted and not self.duplicates

    @property
    def faults(self) -> list[Fault]:
        return _faults(self.rejected)


class Validator:
    """`accept_test_events`: whether events of a provider's test mode are accepted."""

    def __init__(
        self,
        audit: AuditTrail,
        send_dead_letter: Callable[[DeadLetter], None],
        maximum_age: timedelta,
        *,
        accept_test_events: bool,
    ) -> None:
        self._audit = audit
        self._send_dead_letter = send_dead_letter
        self._maximum_age = maximum_age
        self._accept_test_events = accept_test_events

    def validate(self, notification: Notification) -> Decision:
        """Judge each item by itself, and write its outcome to the audit trail.

        Rejected items beside accepted ones are dead-lettered here. When all are rejected, the workflow does that.
        Raises TransientError; a second run comes to the same decision.
        """
        run = self._audit.begin(notification.correlation_id, notification.payload)
        readings = [
            judge_mode(
                judge_age(reading, notification.received_at, self._maximum_age),
                accept_test_events=self._accept_test_events,
            )
            for reading in read_notification(notification.payload)
        ]
        rejected = [reading for reading in readings if reading.payment is None]
        accepted, duplicates = _accept(run, readings)
        disowned = _reject(run, rejected, {event.event_id for event in accepted})
        if duplicates or disowned:
            run.record_delivery(
                Status.DUPLICATE if duplicates else Status.REJECTED,
                duplicates,
                error=_error(disowned) if disowned else None,
            )
        decision = Decision(accepted, duplicates, rejected)
        if rejected and not decision.all_rejected:
            self._send_dead_letter(self._letter(notification, decision))
        return decision

    def _letter(self, notification: Notification, decision: Decision) -> DeadLetter:
        return DeadLetter(
            step=self._audit.stage.value,
            error=InvalidEvent.__name__,
            cause=cause("some items of the notification are no valid payment events", decision.faults),
            correlation_id=notification.correlation_id,
            input=write_state(notification),
        )


def judge_age(reading: Reading, received_at: str, maximum_age: timedelta) -> Reading:
    """The reading, rejected when its time is in the future, or further back than `maximum_age`, as of `received_at`.

    The current time does not matter: a notification that is run again has to be judged as it was the first time.
    """
    try:
        fault = _age_fault(reading, timestamps.parse_iso8601(received_at), maximum_age)
    except ValueError:
        fault = Fault("received_at", "malformed", "is no time that can be read")
    return reading if fault is None else _rejected(reading, fault)


def judge_mode(reading: Reading, *, accept_test_events: bool) -> Reading:
    """The reading, rejected when it is of a provider's test mode and such events are not accepted."""
    if reading.live or accept_test_events:
        return reading
    message = "says that this is a test, and this environment takes none (accept_test_events)"
    return _rejected(reading, Fault(reading.live_field, "test_event", message))


def _rejected(reading: Reading, fault: Fault) -> Reading:
    return msgspec.structs.replace(reading, payment=None, faults=[*reading.faults, fault])


def _age_fault(reading: Reading, received_at: datetime, maximum_age: timedelta) -> Fault | None:
    if reading.occurred_at is None:
        return None
    if reading.occurred_at > received_at + CLOCK_SKEW:
        return Fault(reading.time_field, "in_future", "is later than the time at which the notification was received")
    if reading.occurred_at < received_at - maximum_age:
        return Fault(reading.time_field, "too_old", f"is more than {maximum_age.days} days before it was received")
    return None


def _accept(run: StageRun, readings: Iterable[Reading]) -> tuple[list[AcceptedEvent], list[str]]:
    accepted: dict[str, AcceptedEvent] = {}
    duplicates = []
    for reading in readings:
        if reading.payment is None or reading.event_id is None:
            continue
        event_id = reading.event_id
        output = {"index": reading.index, "type": reading.payment.type}
        if event_id not in accepted and run.record(event_id, Status.ACCEPTED, output=output):
            accepted[event_id] = AcceptedEvent(event_id, reading.index)
        else:
            duplicates.append(event_id)
    return list(accepted.values()), duplicates


def _reject(run: StageRun, rejected: Iterable[Reading], accepted: Collection[str]) -> list[Reading]:
    """Record each rejected event once.

    Returns the readings of those whose item says something else: the event belongs to another delivery, or another
    item of this one was accepted.
    """
    by_key: dict[str, list[Reading]] = {}
    for reading in rejected:
        by_key.setdefault(reading.event_id or run.unidentified_key, []).append(reading)
    disowned = []
    for key, readings in by_key.items():
        if key in accepted or not run.record(key, Status.REJECTED, error=_error(readings)):
            disowned += readings
    return disowned


def _error(rejected: list[Reading]) -> AuditError:
    return audit_error(InvalidEvent.__name__, "not a valid payment event", _faults(rejected))


def _faults(rejected: Iterable[Reading]) -> list[Fault]:
    return [fault for reading in rejected for fault in reading.faults]
