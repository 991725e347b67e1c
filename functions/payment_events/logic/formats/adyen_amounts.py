"""How Adyen writes amounts."""

from __future__ import annotations

from functools import partial

from functions.common.currencies import DECIMALS
from functions.common.fields import Fields
from functions.common.money import rescale
from functions.payment_events.logic.formats.building import judge_amount, read_currency

# Where Adyen's minor units are not those of ISO 4217 (https://docs.adyen.com/development-resources/currency-codes).
_DECIMALS = {**DECIMALS, "CLP": 2, "CVE": 0, "IDR": 0, "ISK": 2}


def read_amount(holder: Fields, *, or_zero: bool) -> tuple[int | None, str | None]:
    """The `amount` in minor units of ISO 4217, and its currency. Values come as integers or as text."""
    amount = holder.nested("amount")
    if amount is None:
        return None, None
    currency = read_currency(amount, "currency")
    value = amount.integer("value", or_text=True)
    if value is None:
        return None, currency
    convert = None if currency is None else partial(rescale, value, currency, decimals=_DECIMALS[currency])
    return judge_amount(amount, "value", value, convert, or_zero=or_zero), currency
