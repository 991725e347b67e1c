"""From a notification's text to the payment events in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from functions.common.faults import Fault
from functions.common.fields import NotJsonError, parse_json
from functions.payment_events.logic.formats import adyen, canonical, paypal, stripe
from functions.payment_events.logic.payments import Reading, refused


class Format(Protocol):
    """A module of `formats`. `read` gets what it `claims`, returns at least one reading, and raises nothing."""

    def claims(self, document: Mapping[str, object], /) -> bool: ...
    def read(self, document: Mapping[str, object], /) -> list[Reading]: ...


# The canonical format names itself; each provider is recognised by fields that only it writes.
_FORMATS: tuple[Format, ...] = (canonical, stripe, adyen, paypal)


def read_notification(payload: str) -> list[Reading]:
    """One reading for each item of the notification, in its order: the payment, or every fault found.

    The result is never empty, and nothing is raised: text that is no notification is one reading with one fault.
    """
    try:
        document = parse_json(payload)
    except NotJsonError as error:
        return [refused(Fault("$", error.code, str(error)))]
    if not isinstance(document, dict):
        return [refused(Fault("$", "unknown_format", "is no JSON object"))]
    for format_ in _FORMATS:
        if format_.claims(document):
            return format_.read(document)
    return [refused(Fault("$", "unknown_format", "is of none of the formats canonical, Stripe, Adyen, PayPal"))]
