"""Whatever is forwarded fits: every state of the workflow, every dead letter and every audit item."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.common.dead_letters import DeadLetter
from functions.payment_events.enrichment.enricher import Enricher
from functions.payment_events.enrichment.rules import load_rules
from functions.payment_events.logic.audit import AuditTrail, Stage
from functions.payment_events.logic.errors import InvalidEvent
from functions.payment_events.logic.forwarding import Forwarder
from functions.payment_events.logic.notifications import read_notification
from functions.payment_events.logic.processing import Processor
from functions.payment_events.logic.validation import Validator
from functions.payment_events.logic.workflow import Notification, ValidatedNotification, write_state
from tests.unit.functions.fakes import FakeBus, FakeQueue, FakeTable
from tests.unit.functions.payment_events.notifications import adyen, notification

MAXIMUM_STATE_BYTES = MAXIMUM_LETTER_BYTES = 262_144
MAXIMUM_ITEM_BYTES = 400 * 1024
# What Lambda's answer to Step Functions holds beside the function's: status, version, headers, ids.
METADATA_BYTES = 2048
# The worst that the workflow keeps of an error of another kind (modules/systems/payment-events/service/workflow.tf).
WORST_CAUSE = "\u0001" * 4000

SAMPLES = sorted((Path(__file__).parents[3] / "samples").glob("*/*.json"))
READABLE = [
    path.read_text() for path in SAMPLES if all(reading.payment for reading in read_notification(path.read_text()))
]
FILLERS = ["x", '"', "я", "😀", "\ufffe", "\u0001"]


class Pipeline:
    """The four functions on one table, and what Step Functions does between them."""

    def __init__(self) -> None:
        self.table, self.queue, self.bus = FakeTable(), FakeQueue(), FakeBus()
        self.letters: list[str] = []
        self.states: list[str] = []

    def trail(self, stage: Stage) -> AuditTrail:
        return AuditTrail(self.table, stage, 64 * "f")

    def send(self, letter: DeadLetter) -> None:
        self.letters.append(letter.encode())

    def forwards(self, sent: Notification) -> bool:
        forwarder = Forwarder(self.bus, self.trail(Stage.TRIGGER), self.send, lambda seconds: None)
        return bool(forwarder.forward([sent]).forwarded)

    def run(self, sent: Notification) -> None:
        """Run the workflow; each step is also taken to fail in the worst way, which leaves a letter."""
        self.kept(sent)
        self.letters.append(self.letter(sent, WORST_CAUSE))
        validator = Validator(self.trail(Stage.VALIDATOR), self.send, timedelta(days=36_500), accept_test_events=True)
        try:
            decision = validator.validate(sent)
            if decision.all_rejected:
                raise InvalidEvent(decision.faults)
        except InvalidEvent as error:
            trace = [f'  File "/var/task/functions/payment_events/event_validator.py", line 1, in {"f" * 60}'] * 12
            cause = {
                "errorMessage": str(error),
                "errorType": "InvalidEvent",
                "requestId": 36 * "r",
                "stackTrace": trace,
            }
            self.letters.append(self.letter(sent, json.dumps(cause)))
            return
        state: Any = validated(sent, decision.accepted)
        self.kept(state)
        self.letters.append(self.letter(state, WORST_CAUSE))
        state = Processor(self.trail(Stage.PROCESSOR)).process(state)
        self.kept(state)
        self.letters.append(self.letter(state, WORST_CAUSE))
        self.kept(Enricher(self.trail(Stage.ENRICHER), load_rules()).enrich(state))

    def kept(self, state: Any) -> None:
        """As the runtime for Python 3.11 writes a function's answer."""
        self.states.append(json.dumps(write_state(state)))

    def letter(self, state: Any, cause: str) -> str:
        return json.dumps(
            {"step": "event-processor", "error": "Lambda.TooManyRequestsException", "cause": cause,
             "correlation_id": state.correlation_id, "input": write_state(state)}
        )  # fmt: skip

    def check(self) -> None:
        assert max(map(len, self.states), default=0) + METADATA_BYTES <= MAXIMUM_STATE_BYTES
        assert max((len(letter.encode()) for letter in self.letters), default=0) <= MAXIMUM_LETTER_BYTES
        for item in self.table.items.values():
            text = json.dumps({**item, "payload": ""}, ensure_ascii=False)
            assert len(text.encode()) + len(item.get("payload", b"")) <= MAXIMUM_ITEM_BYTES


def validated(sent: Notification, accepted: Any) -> Any:
    return ValidatedNotification(**msgspec.structs.asdict(sent), events=accepted)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every text inside."""
    if isinstance(value, str):
        yield path
    for key, child in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from leaves(child, (*path, key))


def swollen(text: str, filler: str) -> Any:
    """A sample in which every text that may be anything is 256 characters long."""
    document = json.loads(text)
    for *places, last in list(leaves(document)):
        parent = document
        for place in places:
            parent = parent[place]
        before, parent[last] = parent[last], filler * 256
        if not all(reading.payment for reading in read_notification(json.dumps(document))):
            parent[last] = before
    return document


def of_items(document: Any, number: int) -> Any:
    """An Adyen notification with as many items, each an event of its own."""
    [item, *_] = document.get("notificationItems", [None])
    if item is not None:
        items = [json.loads(json.dumps(item)) for _ in range(number)]
        for index, each in enumerate(items):
            each["NotificationRequestItem"]["pspReference"] = f"{index:0>16}"
        document["notificationItems"] = items
    return document


def padded(document: Any, filler: str, number: int, ascii_only: bool) -> Notification:
    return notification(json.dumps({**document, "padding": filler * number}, ensure_ascii=ascii_only))


def around_the_limit(document: Any, filler: str, ascii_only: bool) -> tuple[Notification, Notification]:
    """The notification padded until it is only just forwarded, and, by at most 16 characters more, until it is not."""
    least, most = 0, 16_384
    while most - least > 1:
        middle = (least + most) // 2
        if Pipeline().forwards(padded(document, filler * 16, middle, ascii_only)):
            least = middle
        else:
            most = middle
    return padded(document, filler * 16, least, ascii_only), padded(document, filler * 16, most, ascii_only)


@pytest.mark.requirement("EVT-02", "EVT-10", "EVT-24", "EVT-25")
@settings(max_examples=30, deadline=None)
@given(
    text=st.sampled_from(READABLE),
    filler=st.sampled_from(FILLERS),
    padding=st.sampled_from(FILLERS),
    items=st.sampled_from([1, 2, 40, 100]),
    ascii_only=st.booleans(),
)
def test_the_largest_notification_that_is_forwarded_fits_everywhere(
    text: str, filler: str, padding: str, items: int, ascii_only: bool
) -> None:
    document = of_items(swollen(text, filler), items)
    largest, next_larger = around_the_limit(document, padding, ascii_only)
    pipeline = Pipeline()
    if pipeline.forwards(largest):
        pipeline.run(largest)
    pipeline.check()
    assert not pipeline.forwards(next_larger)
    assert pipeline.letters
    pipeline.check()


@pytest.mark.requirement("EVT-02", "EVT-10", "EVT-24", "EVT-25")
@pytest.mark.parametrize("padding", FILLERS)
@pytest.mark.parametrize(
    "document",
    [
        adyen(*["bad"] * 100),
        adyen(*[""] * 100),
        adyen("good", *["bad"] * 99),
        adyen("good", *[""] * 99),
        json.loads((SAMPLES[0].parents[1] / "paypal/CHECKOUT.ORDER.APPROVED.v2--two-units.json").read_text())
        | {"resource": {"purchase_units": [{}] * 6000}},
        {"schema": "payment-event/1"},
    ],
    ids=["rejected", "unidentified", "one good", "one identified", "units", "everything missing"],
)
def test_the_largest_notification_that_is_rejected_fits_everywhere(document: Any, padding: str) -> None:
    largest, _ = around_the_limit(document, padding, ascii_only=False)
    pipeline = Pipeline()
    assert pipeline.forwards(largest)
    pipeline.run(largest)
    pipeline.check()
    told = [item["error"] for item in pipeline.table.items.values() if "error" in item]
    assert told
    assert all(len(error["faults"]) <= 50 for error in told)


@pytest.mark.requirement("EVT-21")
def test_of_many_faults_the_number_of_those_that_are_left_out_is_told() -> None:
    pipeline = Pipeline()
    sent = notification(adyen(*[""] * 100))
    faults = [fault for reading in read_notification(sent.payload) for fault in reading.faults]
    pipeline.run(sent)
    error = pipeline.table.items["unidentified:m1", "event-validator"]["error"]
    assert (len(error["faults"]), error["more_faults"]) == (50, len(faults) - 50)


@pytest.mark.requirement("EVT-02")
def test_an_ordinary_notification_of_a_hundred_items_is_forwarded() -> None:
    document = of_items(json.loads((SAMPLES[0].parents[1] / "adyen/AUTHORISATION.json").read_text()), 100)
    pipeline = Pipeline()
    assert pipeline.forwards(notification(document))
