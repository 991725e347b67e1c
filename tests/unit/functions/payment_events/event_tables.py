"""What the code says of each provider's events, as rows of the tables in functions/payment_events/README.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from functions.payment_events.logic.formats import adyen, paypal
from functions.payment_events.logic.formats.stripe_events import EVENTS
from functions.payment_events.logic.payments import Operation, PaymentType

HEADINGS = ("event", "when", "type", "operation", "amount", "counts")


class Row(NamedTuple):
    """One meaning of an event. `when` is empty where the event has only one."""

    event: str
    when: str
    type: str
    operation: str
    amount: str
    counts: str

    def __str__(self) -> str:
        cells = (f"`{self.event}`", self.when, self.type, self.operation, self.amount, self.counts)
        return line(cells)


def _yes(counts: bool) -> str:
    return "yes" if counts else ""


def line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |".replace("|  |", "| |").replace("|  |", "| |")


def stripe_rows() -> Iterator[Row]:
    for name, event in EVENTS.items():
        besides = [_says(field, values) for field, values in (*event.must.items(), *event.may.items())]
        for outcome in dict.fromkeys(event.outcomes.values()):
            values = [value for value, each in event.outcomes.items() if each == outcome]
            when = "; ".join(([_says(event.field, values)] if event.field else []) + besides)
            yield Row(name, when, outcome.type, outcome.operation, str(outcome.amount), outcome.counts.value)
            if outcome.type == PaymentType.CAPTURED and outcome.or_zero:
                nothing = f"{when}; amount 0"
                yield Row(name, nothing, PaymentType.VERIFIED, Operation.AUTHORISATION, str(outcome.amount), "")


def _says(field: str, values: Iterable[str]) -> str:
    return f"`{field}` {', '.join(f'`{value}`' for value in values)}"


def adyen_rows() -> Iterator[Row]:
    for name, event in adyen.EVENTS.items():
        differs = event.failed != event.type
        when = "`success`" if differs else ""
        yield Row(name, when, event.type, event.operation, "`amount.value`", _yes(event.counts))
        if differs:
            yield Row(name, "no `success`", event.failed, event.operation, "`amount.value`", "")


def paypal_rows() -> Iterator[Row]:
    for name, event in paypal.EVENTS.items():
        amount = " or ".join(f"`{place}`" for place in event.amount)
        yield Row(name, "", event.type, event.operation, amount, _yes(event.counts))


ROWS = {"Stripe": stripe_rows, "Adyen": adyen_rows, "PayPal": paypal_rows}


def table(provider: str) -> list[str]:
    """The table under the provider's heading, as it has to be."""
    return [line(HEADINGS), line(("---",) * len(HEADINGS)), *map(str, ROWS[provider]())]
