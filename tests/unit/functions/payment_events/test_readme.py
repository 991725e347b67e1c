"""The tables of functions/payment_events/README.md say what the code does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import functions.payment_events
from functions.payment_events.logic.formats import adyen, paypal, stripe

FOLDER = Path(functions.payment_events.__file__).parent
README = (FOLDER / "README.md").read_text(encoding="utf-8")


def told() -> set[tuple[str, str]]:
    """The rows of the tables of events: (event, what it is)."""
    section = README.partition("## Which event is what")[2].partition("## Rules")[0]
    return set(re.findall(r"^\| `([A-Za-z_.-]+)` \| (.+?) \|$", section, re.MULTILINE))


def done() -> Iterator[tuple[str, str]]:
    for name, meaning in stripe.EVENTS.items():
        if isinstance(meaning, stripe.Outcome):
            yield name, f"{meaning.type} {meaning.operation}"
        else:
            cases = (f"`{value}` {each.type} {each.operation}" for value, each in meaning.outcomes.items())
            yield name, f"by `{meaning.field}`: {'; '.join(cases)}"
    for name, event in adyen.EVENTS.items():
        other = "" if event.failed == event.type else f"; without success {event.failed}"
        yield name, f"{event.type} {event.operation}{other}"
    for name, paypal_event in paypal.EVENTS.items():
        yield name, f"{paypal_event.type} {paypal_event.operation}"


@pytest.mark.requirement("EVT-22")
def test_every_event_of_every_provider_is_told_as_it_is_read() -> None:
    assert told() == set(done())


@pytest.mark.requirement("EVT-21")
def test_every_code_of_a_fault_is_explained() -> None:
    sources = [*FOLDER.rglob("*.py"), *(FOLDER.parent / "common").glob("*.py")]
    codes = {
        code
        for source in sources
        for code in re.findall(
            r'(?:fault\([^"\n]*"?[\w.]*"?, |Fault\([^"]*"[^"]*", |AmountError\()"([a-z_]+)", ', source.read_text()
        )
    }
    explained = set(re.findall(r"^\| `([a-z_]+)` \| [A-Z]", README, re.MULTILINE))
    assert {"missing", "too_large", "not_json", "contradiction"} <= codes
    assert codes <= explained, codes - explained
