"""What is expected of a sample: the payments in it, or the fault that is the right reason to refuse it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from functions.payment_events.logic.notifications import read_notification
from functions.payment_events.logic.payments import Reading


@dataclass(frozen=True)
class Accepted:
    """`what` is "type/operation", `amount` the minor units of ISO 4217."""

    what: str
    amount: int
    currency: str


@dataclass(frozen=True)
class Refused:
    """The codes of all faults, in their order."""

    codes: tuple[str, ...]


Expectation = Accepted | Refused


def accepted(what: str, amount: int, currency: str) -> Accepted:
    return Accepted(what, amount, currency)


def refused(*codes: str) -> Refused:
    return Refused(codes)


def outcome(reading: Reading) -> Expectation:
    payment = reading.payment
    if payment is None:
        return Refused(tuple(fault.code for fault in reading.faults))
    return Accepted(f"{payment.type}/{payment.operation}", payment.amount_minor, payment.currency)


def check(file: Path, expected: Expectation | list[Expectation]) -> None:
    outcomes = [outcome(reading) for reading in read_notification(file.read_text(encoding="utf-8"))]
    assert outcomes == (expected if isinstance(expected, list) else [expected])


def check_all_listed(folder: Path, listed: set[str]) -> None:
    """A sample that nobody expects anything of would pass in silence."""
    found = {str(file.relative_to(folder)) for file in folder.glob("*/*.json")}
    if found != listed:
        pytest.fail(f"without an expectation: {sorted(found - listed)}; without a file: {sorted(listed - found)}")
