"""The tables of events in functions/payment_events/README.md, made from the tables by which the code reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from functions.payment_events.logic.formats import adyen_events, paypal_events
from functions.payment_events.logic.formats.building import Outcome
from functions.payment_events.logic.formats.stripe_events import EVENTS
from functions.payment_events.logic.payments import Operation, PaymentType
from tools.docs import generated
from tools.project import ROOT

PAGE: Final = ROOT / "functions" / "payment_events" / "README.md"
HEADINGS: Final = ("event", "when", "type", "operation", "amount", "counts")


class Row(NamedTuple):
    """One meaning of an event. `when` is empty where the event has only one."""

    event: str
    when: str
    type: str
    operation: str
    amount: str
    counts: str


def stripe_rows() -> Iterator[Row]:
    for name, event in EVENTS.items():
        besides = [_says(field, values) for field, values in (*event.must.items(), *event.may.items())]
        for outcome in dict.fromkeys(event.outcomes.values()):
            values = [value for value, each in event.outcomes.items() if each == outcome]
            when = "; ".join(([_says(event.field, values)] if event.field else []) + besides)
            amount = outcome.amount.how.value.format(_either(outcome.amount.fields))
            yield Row(name, when, outcome.type, outcome.operation, amount, outcome.counts.value)
            if outcome.type == PaymentType.CAPTURED and outcome.or_zero:
                nothing = f"{when}; amount 0"
                yield Row(name, nothing, PaymentType.VERIFIED, Operation.AUTHORISATION, amount, "")


def _either(places: Iterable[str]) -> str:
    return " or ".join(f"`{place}`" for place in places)


def _says(field: str, values: Iterable[str]) -> str:
    return f"`{field}` {', '.join(f'`{value}`' for value in values)}"


def grouped(outcomes: Mapping[str, Outcome]) -> Iterator[tuple[Outcome, str]]:
    """Each outcome once, with the values that lead to it."""
    for outcome in dict.fromkeys(outcomes.values()):
        yield outcome, ", ".join(f"`{value}`" for value, each in outcomes.items() if each == outcome)


def _row(name: str, when: str, outcome: Outcome, amount: str) -> Row:
    return Row(name, when, outcome.type, outcome.operation, amount, "yes" if outcome.counts else "")


def adyen_rows() -> Iterator[Row]:
    for name, event in adyen_events.EVENTS.items():
        alone = event.failure in (None, next(iter(event.outcomes.values())))
        for outcome, values in grouped(event.outcomes):
            when = f"`disputeStatus` {values}" if len(event.outcomes) > 1 else "" if alone else "`success`"
            yield _row(name, when, outcome, "`amount.value`")
        if event.failure is not None and (len(event.outcomes) > 1 or not alone):
            yield _row(name, "no `success`", event.failure, "`amount.value`")
    for name in sorted(adyen_events.EITHER):
        for action, event in adyen_events.BY_ACTION.items():
            yield _row(name, f"`modification.action` `{action}`", event.outcomes[""], "`amount.value`")
            if event.failure is not None:
                yield _row(name, f"`modification.action` `{action}`, no `success`", event.failure, "`amount.value`")
    for name in sorted(adyen_events.TRANSFERS):
        for outcome, values in grouped(adyen_events.TRANSFER_OUTCOMES):
            with_money = ", with a `transactionId`" if outcome.counts else ""
            yield _row(name, f"`status` {values}{with_money}", outcome, "`data.amount.value`")


def paypal_rows() -> Iterator[Row]:
    for name, event in paypal_events.EVENTS.items():
        shape = event.resource.value
        amount = " or ".join(f"`{place}`" for place in shape.amount)
        if name in ("CHECKOUT.ORDER.COMPLETED", "CHECKOUT.ORDER.PROCESSED"):
            for list_, outcomes in (
                ("captures", paypal_events.ORDER_CAPTURES),
                ("authorizations", paypal_events.ORDER_AUTHORIZATIONS),
            ):
                for outcome, values in grouped(outcomes):
                    yield _row(name, f"`{list_}[].status` {values}", outcome, f"`{list_}[].amount`, sum")
            continue
        if event.resource == paypal_events.Resource.INVOICE:
            amount = "the latest transaction's `amount`"
        for outcome, values in grouped(event.outcomes):
            resolved = event.resource == paypal_events.Resource.DISPUTE and "resolved" in values
            if not resolved or name == "CUSTOMER.DISPUTE.UPDATED":
                place = shape.status[0].rpartition(".")[2] if shape.status else ""
                yield _row(name, f"`{place}` {values}" if place else "", outcome, amount)
            if resolved:
                for each, codes in grouped(paypal_events.DISPUTE_OUTCOMES):
                    yield _row(name, f"`outcome_code` {codes}", each, amount)


ROWS: Final = {"Stripe": stripe_rows, "Adyen": adyen_rows, "PayPal": paypal_rows}


def table(provider: str) -> list[str]:
    """The table of a provider's events: a row for each thing that an event can mean."""
    return generated.table(HEADINGS, (row._replace(event=f"`{row.event}`") for row in ROWS[provider]()))
