"""The four handlers, one after the other, with their AWS side replaced."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from itertools import count
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from functions.common.errors import PermanentError, TransientError
from functions.common.settings import SettingError
from functions.payment_events.enrichment.enricher import Enricher
from functions.payment_events.enrichment.rules import load_rules
from functions.payment_events.logic.audit import AuditTrail, Stage
from functions.payment_events.logic.errors import InvalidEvent
from functions.payment_events.logic.forwarding import Forwarder
from functions.payment_events.logic.processing import Processor
from functions.payment_events.logic.validation import Validator
from tests.unit.functions.fakes import FakeBus, FakeQueue, FakeTable, throttled
from tests.unit.functions.payment_events.notifications import RECEIVED_AT, adyen, canonical

ENVIRONMENT = {
    "ACCEPT_TEST_EVENTS": "true",
    "AUDIT_TABLE_NAME": "audit",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "DEAD_LETTER_QUEUE_URL": "https://queue",
    "EVENT_BUS_NAME": "bus",
    "LOG_LEVEL": "INFO",
    "MAXIMUM_EVENT_AGE_DAYS": "30",
    "POWERTOOLS_METRICS_NAMESPACE": "payment-events",
    "POWERTOOLS_TRACE_DISABLED": "true",
    "REGION": "us-east-1",
    "RELEASE": "release-1",
}
SERVICES = count()
HANDLERS = ("event_trigger", "event_validator", "event_processor", "event_enricher")
CONTEXT = SimpleNamespace(
    function_name="f", memory_limit_in_mb=512, invoked_function_arn="arn", aws_request_id="r", tenant_id=None
)


def load(handler: str) -> ModuleType:
    """The handler's module as a cold start imports it."""
    name = f"functions.payment_events.{handler}"
    sys.modules.pop(name, None)
    return importlib.import_module(name)


class Functions:
    """The functions of one deployment, on one table."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.table, self.queue, self.bus = FakeTable(), FakeQueue(), FakeBus()
        # A logger writes to what is the standard output when it is made, and pytest closes its own after the set-up.
        self.log = StringIO()
        with redirect_stdout(self.log):
            self.modules = {handler: load(handler) for handler in HANDLERS}
        validator = self.modules["event_validator"].validator
        # The age is the handler's setting: only the AWS side is replaced.
        monkeypatch.setattr(
            self.modules["event_validator"],
            "validator",
            Validator(
                self.trail(Stage.VALIDATOR),
                self.queue.send,
                validator._maximum_age,
                accept_test_events=validator._accept_test_events,
            ),
        )
        monkeypatch.setattr(
            self.modules["event_trigger"],
            "forwarder",
            Forwarder(self.bus, self.trail(Stage.TRIGGER), self.queue.send, lambda seconds: None),
        )
        monkeypatch.setattr(self.modules["event_processor"], "processor", Processor(self.trail(Stage.PROCESSOR)))
        monkeypatch.setattr(
            self.modules["event_enricher"], "enricher", Enricher(self.trail(Stage.ENRICHER), load_rules())
        )

    def trail(self, stage: Stage) -> AuditTrail:
        return AuditTrail(self.table, stage, "release-1")

    def call(self, handler: str, event: object) -> dict[str, Any]:
        result: dict[str, Any] = self.modules[handler].handler(event, CONTEXT)
        return json.loads(json.dumps(result))  # type: ignore[no-any-return]

    def publish(self, document: object, message_id: str = "m1") -> dict[str, Any]:
        """Send a message to the topic, and answer the detail that reached the bus."""
        message = document if isinstance(document, str) else json.dumps(document)
        record = {"Sns": {"MessageId": message_id, "Timestamp": RECEIVED_AT, "Message": message}}
        self.call("event_trigger", {"Records": [record]})
        detail: dict[str, Any] = json.loads(self.bus.taken[-1])
        return detail

    def run(self, detail: dict[str, Any]) -> dict[str, Any]:
        """The workflow's three steps."""
        state = self.call("event_validator", detail)
        return self.call("event_enricher", self.call("event_processor", state)) if state["events"] else state


@pytest.fixture
def functions(monkeypatch: pytest.MonkeyPatch) -> Iterator[Functions]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    # Loggers are kept by their service's name: under a new one this test has its own.
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", f"{__name__}-{next(SERVICES)}")
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    yield Functions(monkeypatch)
    for handler in HANDLERS:
        sys.modules.pop(f"functions.payment_events.{handler}", None)


@pytest.mark.requirement("EVT-22", "EVT-23", "EVT-24")
def test_an_event_leaves_an_item_of_every_stage(functions: Functions) -> None:
    state = functions.run(functions.publish(canonical()))
    stages = {stage: item["status"] for (event_id, stage), item in functions.table.items.items()}
    assert stages == {
        "event-trigger": "FORWARDED", "event-validator": "ACCEPTED", "event-processor": "PROCESSED",
        "event-enricher": "ENRICHED",
    }  # fmt: skip
    [payment] = state["payments"]
    processed = functions.table.items["canonical:e1", "event-processor"]["output"]
    assert {name: value for name, value in payment.items() if name != "enrichment"} == processed
    assert payment["enrichment"] == functions.table.items["canonical:e1", "event-enricher"]["output"]
    assert processed["amount_minor"] == 1025
    assert processed["raw_reference"]["correlation_id"] == "m1"
    assert {item["input_digest"] for item in functions.table.items.values()} == {
        processed["raw_reference"]["payload_digest"]
    }


@pytest.mark.requirement("EVT-24")
def test_running_the_same_delivery_twice_leaves_the_same_items(functions: Functions) -> None:
    first = functions.run(functions.publish(adyen("A", "B")))
    before = dict(functions.table.items)
    assert functions.run(functions.publish(adyen("A", "B"))) == first
    assert functions.table.items == before


@pytest.mark.requirement("EVT-21")
def test_a_notification_of_duplicates_has_nothing_to_process(functions: Functions) -> None:
    functions.run(functions.publish(canonical()))
    assert functions.run(functions.publish(canonical(), "m2"))["events"] == []


@pytest.mark.requirement("EVT-11", "EVT-21")
def test_a_notification_without_a_valid_event_is_a_permanent_error_with_every_fault(functions: Functions) -> None:
    detail = functions.publish(canonical(currency="ZZZ", amount_minor=-1))
    with pytest.raises(InvalidEvent) as error:
        functions.call("event_validator", detail)
    assert isinstance(error.value, PermanentError)
    assert [fault["code"] for fault in json.loads(str(error.value))["faults"]] == ["unknown_currency", "not_positive"]


@pytest.mark.requirement("EVT-11")
@pytest.mark.parametrize("handler", ["event_validator", "event_processor", "event_enricher"])
def test_a_throttle_is_a_transient_error_of_every_step(functions: Functions, handler: str) -> None:
    state: dict[str, Any] = functions.publish(canonical())
    for step in ("event_validator", "event_processor", "event_enricher"):
        if step == handler:
            break
        state = functions.call(step, state)
    functions.table.before_write = throttled
    with pytest.raises(TransientError):
        functions.call(handler, state)
    functions.table.before_write = lambda: None
    assert functions.call(handler, state)
    assert "FAILED" not in {item["status"] for item in functions.table.items.values()}


@pytest.mark.requirement("EVT-24")
@pytest.mark.parametrize("payload", ["{}", json.dumps(canonical("e2"))])
def test_an_event_that_cannot_be_processed_is_recorded_as_failed_and_a_success_takes_its_place(
    functions: Functions, payload: str
) -> None:
    state = functions.call("event_validator", functions.publish(canonical()))
    with pytest.raises(InvalidEvent):
        functions.call("event_processor", state | {"payload": payload})
    failed = functions.table.items["canonical:e1", "event-processor"]
    assert (failed["status"], failed["error"]["name"]) == ("FAILED", "InvalidEvent")
    functions.call("event_processor", state)
    assert functions.table.status("canonical:e1", "event-processor") == "PROCESSED"


@pytest.mark.requirement("EVT-24")
def test_an_unforeseen_error_is_recorded_without_its_text(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    class BrokenRules:
        def enrich(self, payment: object) -> None:
            raise ValueError("ada.lovelace@example.org")

    broken: Any = BrokenRules()
    monkeypatch.setattr(
        functions.modules["event_enricher"], "enricher", Enricher(functions.trail(Stage.ENRICHER), broken)
    )
    with pytest.raises(ValueError, match="ada"):
        functions.run(functions.publish(canonical()))
    item = functions.table.items["canonical:e1", "event-enricher"]
    assert (item["status"], item["error"]["name"]) == ("FAILED", "ValueError")
    assert "ada" not in str(item)


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize(
    "event", [{}, {"correlation_id": "m1"}, {"correlation_id": 1, "received_at": "", "payload": ""}]
)
def test_a_step_that_is_given_something_else_fails_for_good(functions: Functions, event: object) -> None:
    for handler in ("event_validator", "event_processor", "event_enricher"):
        with pytest.raises(InvalidEvent):
            functions.call(handler, event)


SECRETS = ("4111111111111111", "ada.lovelace@example.org", "Ada Lovelace", "sk_live_51Secret")


def with_personal_data(document: dict[str, Any]) -> dict[str, Any]:
    return document | {
        "receipt_email": SECRETS[1], "description": f"card {SECRETS[0]}", "billing": {"name": SECRETS[2]},
        "key": SECRETS[3], "customer_reference": SECRETS[0],
    }  # fmt: skip


@pytest.mark.requirement("EVT-24")
@pytest.mark.parametrize(
    "changes",
    [{}, {"currency": SECRETS[1]}, {"event_id": SECRETS[0]}, {"event_id": SECRETS[1]}, {"type": SECRETS[2]},
     {"occurred_at": SECRETS[3]}, {"schema": f"payment-event/{SECRETS[0]}"}],
)  # fmt: skip
def test_no_log_line_and_no_error_holds_personal_data_a_card_number_or_a_secret(
    functions: Functions,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    changes: dict[str, Any],
) -> None:
    detail = functions.publish(with_personal_data(canonical() | changes))
    try:
        functions.run(detail)
    except InvalidEvent as error:
        told = str(error)
    else:
        told = ""
    captured = capsys.readouterr()
    assert {"received", "forwarded", "validated"} <= {
        json.loads(line)["message"] for line in functions.log.getvalue().splitlines()
    }
    everything = functions.log.getvalue() + captured.out + captured.err + caplog.text + told
    assert not [secret for secret in SECRETS if secret in everything]


@pytest.mark.requirement("PLT-25")
def test_every_log_line_names_the_release(functions: Functions) -> None:
    functions.run(functions.publish(canonical()))
    lines = [json.loads(line) for line in functions.log.getvalue().splitlines()]
    assert {line["message"] for line in lines} == {"received", "forwarded", "validated", "processed", "enriched"}
    assert {line["release"] for line in lines} == {"release-1"}


@pytest.mark.requirement("EVT-24")
def test_a_card_number_is_not_kept_in_the_audit_table(functions: Functions) -> None:
    functions.run(functions.publish(with_personal_data(canonical())))
    assert "4111111111111111" not in str(functions.table.items)


@pytest.mark.requirement("EVT-41")
def test_what_became_of_events_is_counted(functions: Functions, capsys: pytest.CaptureFixture[str]) -> None:
    functions.run(functions.publish(adyen("A", "bad", "A")))
    counted: dict[str, float] = {}
    for line in capsys.readouterr().out.splitlines():
        record = json.loads(line)
        for metric in record.get("_aws", {}).get("CloudWatchMetrics", [{}])[0].get("Metrics", []):
            counted[metric["Name"]] = record[metric["Name"]][0]
    assert counted == {
        "EventsForwarded": 1, "EventsTooLarge": 0, "EventsAccepted": 1, "DuplicateEvents": 1, "EventsRejected": 1,
        "EventsProcessed": 1, "EventsEnriched": 1,
    }  # fmt: skip


@pytest.mark.requirement("EVT-20")
@pytest.mark.parametrize(
    ("handler", "variable"),
    [("event_trigger", "EVENT_BUS_NAME"), ("event_trigger", "DEAD_LETTER_QUEUE_URL"), ("event_validator", "REGION"),
     ("event_validator", "MAXIMUM_EVENT_AGE_DAYS"), ("event_validator", "ACCEPT_TEST_EVENTS"),
     ("event_processor", "AUDIT_TABLE_NAME"), ("event_enricher", "RELEASE")],
)  # fmt: skip
def test_a_missing_variable_ends_the_cold_start_by_its_name(
    functions: Functions, monkeypatch: pytest.MonkeyPatch, handler: str, variable: str
) -> None:
    monkeypatch.delenv(variable)
    with pytest.raises(SettingError, match=variable):
        load(handler)
