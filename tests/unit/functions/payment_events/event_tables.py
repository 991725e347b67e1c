"""What the code says of each provider's events, as rows of the tables in functions/payment_events/README.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from functions.payment_events.logic.formats import adyen, paypal, stripe

HEADINGS = ("event", "when", "type", "operation", "amount", "counts")


class Row(NamedTuple):
    """One meaning of an event. `when` is empty where the event has only one."""

    event: str
    when: str
    type: str
    operation: str
    amount: str
    counts: bool

    def __str__(self) -> str:
        cells = (f"`{self.event}`", self.when, self.type, self.operation, self.amount, "yes" if self.counts else "")
        return line(cells)


def line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |".replace("|  |", "| |").replace("|  |", "| |")


def stripe_rows() -> Iterator[Row]:
    for name, meaning in stripe.EVENTS.items():
        if isinstance(meaning, stripe.Outcome):
            yield _stripe_row(name, "", meaning)
            continue
        for outcome in dict.fromkeys(meaning.outcomes.values()):
            values = ", ".join(f"`{value}`" for value, each in meaning.outcomes.items() if each == outcome)
            yield _stripe_row(name, f"`{meaning.field}` {values}", outcome)


def _stripe_row(name: str, when: str, outcome: stripe.Outcome) -> Row:
    amount = " or ".join(f"`{field}`" for field in outcome.amount) + (", difference" if outcome.total else "")
    return Row(name, when, outcome.type, outcome.operation, amount, outcome.counts)


def adyen_rows() -> Iterator[Row]:
    for name, event in adyen.EVENTS.items():
        differs = event.failed != event.type
        when = "`success`" if differs else ""
        yield Row(name, when, event.type, event.operation, "`amount.value`", event.counts)
        if differs:
            yield Row(name, "no `success`", event.failed, event.operation, "`amount.value`", False)


def paypal_rows() -> Iterator[Row]:
    for name, event in paypal.EVENTS.items():
        amount = " or ".join(f"`{place}`" for place in event.amount)
        yield Row(name, "", event.type, event.operation, amount, event.counts)


ROWS = {"Stripe": stripe_rows, "Adyen": adyen_rows, "PayPal": paypal_rows}


def table(provider: str) -> list[str]:
    """The table under the provider's heading, as it has to be."""
    return [line(HEADINGS), line(("---",) * len(HEADINGS)), *map(str, ROWS[provider]())]
