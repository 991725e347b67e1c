"""How large a notification becomes on its way: each state of the workflow, and each dead letter, has to fit.

An Express workflow's state, and a message of its dead-letter queues, hold 256 KiB. An execution that needs more fails
with `States.DataLimitExceeded`, which no Catch takes: there would be no dead letter
(https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html).
"""

from __future__ import annotations

import json
from collections.abc import Iterable

import msgspec

from functions.payment_events.logic.payments import RawReference, Reading, make_record
from functions.payment_events.logic.workflow import (
    MAXIMUM_ENRICHMENT_BYTES,
    AcceptedEvent,
    Notification,
    ProcessedNotification,
)

MAXIMUM_STATE_BYTES = 262_144

# What a dead letter holds beside the step's input (the faults that it lists, their quotes escaped three times, or 4,000
# characters of another error), and what Lambda's response holds beside the function's result.
_BESIDE_THE_STATE = 28 * 1024
MAXIMUM_WORKFLOW_BYTES = MAXIMUM_STATE_BYTES - _BESIDE_THE_STATE

_DIGEST = 64 * "0"


def workflow_bytes(notification: Notification, readings: Iterable[Reading]) -> int:
    """The size of the last and largest state, if every event that could be read is accepted.

    In the JSON that Lambda's runtime for Python 3.11 writes: with blanks, and with six bytes for each character outside
    ASCII (twelve outside the Basic Multilingual Plane).
    """
    events, records = [], []
    for reading in readings:
        if reading.payment is not None and reading.event_id is not None:
            events.append(AcceptedEvent(reading.event_id, reading.index))
            raw_reference = RawReference(notification.correlation_id, reading.index, _DIGEST)
            records.append(make_record(reading.event_id, reading.payment, raw_reference))
    last = ProcessedNotification(**msgspec.structs.asdict(notification), events=events, payments=records)
    return len(json.dumps(msgspec.to_builtins(last))) + len(records) * MAXIMUM_ENRICHMENT_BYTES
