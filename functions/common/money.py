"""Money is an integer of minor units as ISO 4217 defines them. It is never converted through a binary float."""

from __future__ import annotations

import re
from decimal import Decimal

from functions.common.currencies import DECIMALS

# Above it, a consumer that reads JSON numbers as IEEE 754 doubles (JavaScript, Step Functions) loses units.
MAXIMUM_MINOR_UNITS = 2**53 - 1

_DECIMAL = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,8})?", re.ASCII)


class AmountError(ValueError):
    """The amount cannot be held in the currency's minor units. `code` names the reason for machines."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def read_decimal(amount: str) -> Decimal:
    """Digits with at most one point and one minus: "-10.25". Raises AmountError for anything else."""
    if _DECIMAL.fullmatch(amount) is None:
        raise AmountError("malformed", "is not a decimal number such as 10.25")
    return Decimal(amount)


def to_minor_units(amount: str, currency: str, *, decimals: int | None = None) -> int:
    """Read a decimal amount in major units: ("10.25", "EUR") is 1025, ("10", "JPY") is 10, ("-1.5", "USD") is -150.

    `decimals` is how many the sender uses, where that differs from ISO 4217. Zeros after them change nothing and
    are allowed: ("10.00", "JPY") is 10.
    Raises AmountError for anything but digits and a point (an exponent, a plus sign, blanks), for more decimals than
    the currency has, and for more than MAXIMUM_MINOR_UNITS. Raises KeyError for a currency that ISO 4217 does not list.
    """
    allowed = DECIMALS[currency] if decimals is None else decimals
    minor_units = read_decimal(amount).scaleb(allowed)
    if minor_units != int(minor_units):
        raise _too_precise(currency, allowed)
    return rescale(int(minor_units), currency, decimals=allowed)


def rescale(amount: int, currency: str, *, decimals: int) -> int:
    """Convert the minor units of a sender who counts `decimals` to those of ISO 4217: (500, "ISK", decimals=2) is 5.

    Raises AmountError when a part of a minor unit would be left, and above MAXIMUM_MINOR_UNITS. Raises KeyError for a
    currency that ISO 4217 does not list.
    """
    standard = DECIMALS[currency]
    if standard >= decimals:
        result = amount * int(10 ** (standard - decimals))
    else:
        result, rest = divmod(amount, 10 ** (decimals - standard))
        if rest:
            raise _too_precise(currency, standard)
    if abs(result) > MAXIMUM_MINOR_UNITS:
        raise AmountError("too_large", f"is more than {MAXIMUM_MINOR_UNITS} minor units")
    return result


def _too_precise(currency: str, decimals: int) -> AmountError:
    return AmountError("too_precise", f"has more than the {decimals} decimals of {currency}")
