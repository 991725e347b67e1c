"""What the readers of all formats have in common: they judge the currency, the amount, the time and references."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, TypeVar

from functions.common.cards import holds_card_number, mask_card_numbers
from functions.common.currencies import DECIMALS
from functions.common.fields import Fields
from functions.common.money import AmountError
from functions.common.personal_data import mask_personal_data
from functions.payment_events.logic.payments import Operation, PaymentType

CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_IDENTIFIER = re.compile(r"[A-Za-z0-9_.:-]{1,64}", re.ASCII)

Meaning = TypeVar("Meaning")


class Outcome(NamedTuple):
    """The outcome of an operation. `counts`: no other event of the provider reports this movement of money."""

    type: PaymentType
    operation: Operation
    counts: bool = False


# Why an event is not read: its provider documents it as something else, or does not document it.
NOT_READ = {
    "not_a_payment": "is an event of the provider that reports no payment",
    "unknown_event": "is no event of the provider that is known here",
}


def read_currency(fields: Fields, name: str, *, lower_case: bool = False) -> str | None:
    """A currency that is known here, in upper case; with `lower_case`, as Stripe writes it, in either."""
    code = fields.text(name)
    if code is not None and lower_case:
        code = code.upper()
    if code is None or code in DECIMALS:
        return code
    if CURRENCY.fullmatch(code):
        fields.fault(name, "unknown_currency", "is no currency of ISO 4217, active or retired")
    else:
        fields.fault(name, "malformed", "is not three upper-case letters, as ISO 4217 has them")
    return None


def judge_amount(
    fields: Fields, name: str, amount: int | Decimal, convert: Callable[[], int] | None, *, or_zero: bool
) -> int | None:
    """The field in minor units of ISO 4217, as `convert` returns it: positive, or zero where that makes sense.

    `amount` is the same amount as it was sent. Without a currency there is no `convert`, and only the sign is judged.
    """
    if amount < 0 or (amount == 0 and not or_zero):
        fields.fault(name, "not_positive", "is not positive")
        return None
    try:
        return None if convert is None else convert()
    except AmountError as error:
        fields.fault(name, error.code, str(error))
        return None


def read_moment(fields: Fields, name: str, convert: Callable[[], datetime]) -> datetime | None:
    try:
        return convert()
    except ValueError as error:
        fields.fault(name, "malformed", f"is no time that can be read: {error}")
        return None


def read_reference(fields: Fields, *names: str) -> str | None:
    """The first of the fields that is present, with card numbers and e-mail addresses masked: people fill it."""
    for name in names:
        if name in fields:
            text = fields.text(name, required=False)
            return None if text is None or not text.strip() else mask_personal_data(text)
    return None


def read_identifier(fields: Fields, *names: str) -> str | None:
    """The first of the fields that is present: an id that a provider makes, of at most 64 letters, digits and `_.:-`.
    Free text in its place is refused. What may be a card number is masked.
    """
    for name in names:
        if name in fields:
            text = fields.text(name, required=False, pattern=_IDENTIFIER, form="an id of the provider")
            return None if text is None else mask_card_numbers(text)
    return None


def read_identity(fields: Fields, name: str, pattern: re.Pattern[str], form: str) -> str | None:
    """A part of an event's id. It stays unchanged, so what may be a card number is refused."""
    text = fields.text(name, pattern=pattern, form=form)
    if text is not None and holds_card_number(text):
        fields.fault(name, "card_number", "holds what may be a card number: send an id that is no such number")
        return None
    return text


def read_status(fields: Fields, name: str, choices: Collection[str], meanings: Mapping[str, Meaning]) -> Meaning | None:
    """The outcome for the status under `name`; without a status, the outcome of the first one. Case is ignored.

    `choices` are the statuses that the provider documents for the object. Any other is `unknown_status`, and one that
    `meanings` lacks is a `contradiction` to the event.
    """
    text = fields.text(name, required=False)
    if text is None:
        return next(iter(meanings.values()))
    for status, meaning in meanings.items():
        if status.lower() == text.lower():
            return meaning
    if text.lower() in (choice.lower() for choice in choices):
        fields.fault(name, "contradiction", "does not fit the type of the event")
    else:
        fields.fault(name, "unknown_status", "is no status that is known here")
    return None
