"""What the readers of all formats do alike: judge the currency, the amount, the time, and references."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from functions.common.currencies import DECIMALS
from functions.common.fields import Fields
from functions.common.money import AmountError
from functions.common.personal_data import mask_personal_data

CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


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
    """What `convert` makes of the field, in minor units of ISO 4217: positive, or zero where that makes sense.

    `amount` is the same amount as it was sent; without a currency there is no `convert`, and only its sign is judged.
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
    """The first of the fields that is there: text that people fill, so that card numbers and e-mail addresses in it are
    masked.
    """
    for name in names:
        if name in fields:
            text = fields.text(name, required=False)
            return None if text is None else mask_personal_data(text)
    return None
