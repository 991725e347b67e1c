"""How PayPal writes money, lists and statuses, for the readers of all its resources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from functions.common.currencies import DECIMALS
from functions.common.fields import Fields
from functions.common.money import AmountError, read_decimal, to_minor_units
from functions.payment_events.logic.formats.building import Meaning, judge_amount, read_currency, read_status
from functions.payment_events.logic.formats.paypal_events import Shape

# Where PayPal accepts no decimals although ISO 4217 has two (https://developer.paypal.com/api/rest/reference/currency-codes).
_DECIMALS = {**DECIMALS, "HUF": 0, "TWD": 0}

# An amount in minor units of ISO 4217, and its currency.
Money = tuple[int | None, str | None]
NO_MONEY: Money = (None, None)


def read_money(money: Fields, *, negative: bool = False) -> Money:
    """v1 has `total` or `value` and `currency`, v2 has `value` and `currency_code`.

    Where the amount may be `negative`, its absolute value is used.
    """
    currency = read_currency(money, "currency_code" if "currency_code" in money else "currency")
    name = "total" if "total" in money else "value"
    text = money.text(name)
    if text is None:
        return None, currency
    try:
        amount = read_decimal(text)
    except AmountError as error:
        money.fault(name, error.code, str(error))
        return None, currency
    if negative and amount < 0:
        amount, text = -amount, text.removeprefix("-")
    convert = None if currency is None else partial(to_minor_units, text, currency, decimals=_DECIMALS[currency])
    return judge_amount(money, name, amount, convert, or_zero=False), currency


def sum_amounts(parts: Sequence[Fields], whole: Fields, name: str) -> Money:
    """The sum of the `amount` of each of the parts under `name`, which must have one currency."""
    moneys = [part.nested("amount") for part in parts]
    amounts = [read_money(money) if money is not None else NO_MONEY for money in moneys]
    if not amounts:
        return NO_MONEY
    currencies = {currency for _, currency in amounts}
    if len(currencies) > 1:
        whole.fault(name, "malformed", "are not amounts in one currency")
        return NO_MONEY
    values = [value for value, _ in amounts if value is not None]
    return (sum(values) if len(values) == len(amounts) else None), currencies.pop()


def each(fields: Fields, name: str, maximum: int) -> list[Fields]:
    """The objects of a list of 1 to `maximum`. A longer or an empty one is a fault, and is not read."""
    before = len(fields.faults)
    listed = fields.each_nested(name)
    if len(fields.faults) == before and not 0 < len(listed) <= maximum:
        fields.fault(name, "wrong_count", f"has not 1 to {maximum} elements")
    return listed if 0 < len(listed) <= maximum else []


def find(fields: Fields, place: str) -> Fields | None:
    """The object under a path such as `payout_item.amount`, if it is present."""
    for name in place.split("."):
        nested = fields.nested(name, required=False)
        if nested is None:
            return None
        fields = nested
    return fields


def status_of(resource: Fields, shape: Shape, outcomes: Mapping[str, Meaning]) -> Meaning | None:
    """The outcome for the status, which is read from the first of the places that has one."""
    for place in shape.status:
        parents, _, name = place.rpartition(".")
        holder = find(resource, parents) if parents else resource
        if holder is not None and name in holder:
            return read_status(holder, name, shape.statuses, outcomes)
    return next(iter(outcomes.values()))
