"""What SNS sends to a function (https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html)."""

from __future__ import annotations

import msgspec

from functions.common.errors import PermanentError
from functions.payment_events.logic.workflow import Notification


class _Message(msgspec.Struct, rename="pascal"):
    message_id: str
    timestamp: str
    message: str


class _Record(msgspec.Struct, rename="pascal"):
    sns: _Message


class _SnsEvent(msgspec.Struct, rename="pascal"):
    records: list[_Record]


def read_deliveries(event: object) -> list[Notification]:
    """One notification for each record. Raises PermanentError when the event is not from SNS."""
    try:
        records = msgspec.convert(event, _SnsEvent).records
    except msgspec.ValidationError as error:
        raise PermanentError("the event is not from SNS") from error
    return [Notification(record.sns.message_id, record.sns.timestamp, record.sns.message) for record in records]
