"""What the validator decides, writes down and dead-letters."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.common.errors import TransientError
from functions.common.status_shards import STATUS_SHARDS
from functions.payment_events.logic.audit import AuditTrail, Stage
from functions.payment_events.logic.validation import Decision, Validator
from functions.payment_events.logic.workflow import Notification
from tests.unit.functions.fakes import FakeQueue, FakeTable, throttled
from tests.unit.functions.payment_events.notifications import adyen, canonical, notification

SAMPLES = Path(__file__).parents[3] / "samples"
STRIPE: dict[str, Any] = json.loads((SAMPLES / "stripe/charge.succeeded.json").read_text())
PAYPAL: dict[str, Any] = json.loads((SAMPLES / "paypal/PAYMENT.CAPTURE.COMPLETED.v2.json").read_text())


class Setting:
    def __init__(self, *, accept_test_events: bool = True) -> None:
        self.table, self.queue = FakeTable(), FakeQueue()
        trail = AuditTrail(self.table, Stage.VALIDATOR, "release-1")
        self._validator = Validator(trail, self.queue.send, timedelta(days=30), accept_test_events=accept_test_events)

    def validate(self, given: Notification) -> Decision:
        return self._validator.validate(given)


@pytest.fixture
def setting() -> Setting:
    return Setting()


@pytest.mark.requirement("EVT-24")
def test_an_accepted_event_is_recorded_with_what_the_audit_asks_for(setting: Setting) -> None:
    decision = setting.validate(notification(canonical()))
    assert [event.event_id for event in decision.accepted] == ["canonical:e1"]
    item = setting.table.items["canonical:e1", "event-validator"]
    assert item["status"] == "ACCEPTED"
    assert (item["correlation_id"], item["function_version"]) == ("m1", "release-1")
    assert item["output"] == {"index": 0, "type": "captured"}
    assert item.keys() >= {"at", "duration_ms", "input_digest"}


@pytest.mark.requirement("EVT-30")
def test_the_events_of_a_status_are_spread_over_the_partitions_of_the_index(setting: Setting) -> None:
    for number in range(200):
        setting.validate(notification(canonical(f"e{number}"), f"m{number}"))
    in_partition = Counter(item["status_shard"] for item in setting.table.items.values())
    assert set(in_partition) == {f"ACCEPTED#{shard}" for shard in range(STATUS_SHARDS)}
    assert max(in_partition.values()) < 2 * 200 / STATUS_SHARDS


@pytest.mark.requirement("EVT-30")
def test_an_item_that_changes_its_status_changes_its_partition(setting: Setting) -> None:
    setting.validate(notification(canonical(currency="ZZZ"), "m1"))
    before = setting.table.items["canonical:e1", "event-validator"]["status_shard"]
    setting.validate(notification(canonical(), "m2"))
    after = setting.table.items["canonical:e1", "event-validator"]["status_shard"]
    assert (before.replace("REJECTED", "ACCEPTED"), before == after) == (after, False)


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize(
    ("occurred_at", "codes"),
    [("2025-03-01T12:05:00Z", []), ("2025-03-01T12:05:01Z", ["in_future"]), ("2025-01-30T12:00:00Z", []),
     ("2025-01-30T11:59:59Z", ["too_old"])],
)  # fmt: skip
def test_the_age_is_judged_against_the_time_of_receipt(setting: Setting, occurred_at: str, codes: list[str]) -> None:
    decision = setting.validate(notification(canonical(occurred_at=occurred_at)))
    assert [fault.code for fault in decision.faults] == codes


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize("received_at", ["2000-01-01T00:00:00.000Z", "2100-01-01T00:00:00.000Z"])
@pytest.mark.parametrize(
    ("sample", "fields"),
    [("canonical/captured.json", ["occurred_at"]), ("stripe/charge.succeeded.json", ["created"]),
     ("paypal/PAYMENT.CAPTURE.COMPLETED.v2.json", ["create_time"]),
     ("adyen/three-items--one-bad.json",
      [f"notificationItems[{index}].NotificationRequestItem.eventDate" for index in range(3)])],
)  # fmt: skip
def test_a_fault_of_age_names_the_providers_field_and_the_item(
    setting: Setting, sample: str, fields: list[str], received_at: str
) -> None:
    text = (SAMPLES / sample).read_text()
    decision = setting.validate(notification(text, received_at=received_at))
    assert [fault.field for fault in decision.faults if fault.code in ("in_future", "too_old")] == fields


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize(
    ("document", "field"),
    [(canonical(live=False), "live"), (canonical(live="false"), "live"), (adyen("A"), "live"),
     (STRIPE | {"livemode": False}, "livemode"),
     (PAYPAL | {"links": [{"href": "https://api.sandbox.paypal.com/v1/notifications/webhooks-events/WH-1"}]}, "links")],
    ids=["canonical", "canonical text", "adyen", "stripe", "paypal"],
)  # fmt: skip
def test_an_event_of_a_test_mode_is_rejected_where_none_are_taken(document: dict[str, Any], field: str) -> None:
    refusing = Setting(accept_test_events=False)
    decision = refusing.validate(notification(document))
    assert [(fault.field, fault.code) for fault in decision.faults if fault.code == "test_event"] == [
        (field, "test_event")
    ]
    assert {item["status"] for item in refusing.table.items.values()} == {"REJECTED"}
    assert "test_event" not in {fault.code for fault in Setting().validate(notification(document)).faults}


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize(
    "document",
    [canonical(), canonical(live=True), adyen("A") | {"live": "true"}, STRIPE | {"livemode": True}, PAYPAL],
    ids=["canonical", "canonical live", "adyen", "stripe", "paypal"],
)
def test_a_live_event_is_taken_everywhere(document: dict[str, Any]) -> None:
    refusing = Setting(accept_test_events=False)
    assert "test_event" not in {fault.code for fault in refusing.validate(notification(document)).faults}


@pytest.mark.requirement("EVT-21")
def test_an_age_out_of_bounds_is_told_beside_other_faults(setting: Setting) -> None:
    decision = setting.validate(notification(canonical(occurred_at="2020-01-01T00:00:00Z", currency="ZZZ")))
    assert {fault.code for fault in decision.faults} == {"unknown_currency", "too_old"}


@pytest.mark.requirement("EVT-21", "EVT-24")
def test_a_later_delivery_of_an_accepted_event_is_a_duplicate_and_changes_no_item(setting: Setting) -> None:
    setting.validate(notification(canonical(), "m1"))
    before = dict(setting.table.items["canonical:e1", "event-validator"])
    decision = setting.validate(notification(canonical(), "m2"))
    assert (decision.accepted, decision.duplicates, decision.all_rejected) == ([], ["canonical:e1"], False)
    assert setting.table.items["canonical:e1", "event-validator"] == before
    record = setting.table.items["delivery:m2", "event-validator"]
    assert (record["status"], record["duplicate_of"]) == ("DUPLICATE", ["canonical:e1"])


@pytest.mark.requirement("EVT-24")
def test_the_same_delivery_repeated_is_accepted_again_and_changes_no_item(setting: Setting) -> None:
    first = setting.validate(notification(canonical()))
    before = dict(setting.table.items)
    assert setting.validate(notification(canonical())) == first
    assert setting.table.items == before


@pytest.mark.requirement("EVT-21")
def test_an_event_that_was_rejected_is_accepted_once_it_is_sent_whole(setting: Setting) -> None:
    setting.validate(notification(canonical(currency="ZZZ"), "m1"))
    decision = setting.validate(notification(canonical(), "m2"))
    assert [event.event_id for event in decision.accepted] == ["canonical:e1"]
    assert setting.table.status("canonical:e1") == "ACCEPTED"


@pytest.mark.requirement("EVT-21")
def test_a_bad_copy_of_an_accepted_event_is_recorded_beside_it(setting: Setting) -> None:
    setting.validate(notification(canonical(), "m1"))
    decision = setting.validate(notification(canonical(currency="ZZZ"), "m2"))
    assert decision.all_rejected
    assert setting.table.status("canonical:e1") == "ACCEPTED"
    record = setting.table.items["delivery:m2", "event-validator"]
    assert (record["status"], [fault["code"] for fault in record["error"]["faults"]]) == (
        "REJECTED", ["unknown_currency"],
    )  # fmt: skip


@pytest.mark.requirement("EVT-24")
def test_an_outcome_that_is_too_large_for_the_table_is_recorded_without_its_details(setting: Setting) -> None:
    setting.table.takes_errors = False
    setting.validate(notification(canonical(currency="ZZZ")))
    item = setting.table.items["canonical:e1", "event-validator"]
    assert (item["status"], item["left_out"], "error" in item) == ("REJECTED", ["error"], False)


@pytest.mark.requirement("EVT-21", "EVT-25")
def test_rejected_items_beside_accepted_ones_are_dead_lettered_with_all_that_a_redrive_needs(setting: Setting) -> None:
    sent = notification(adyen("GOOD1", "bad2"))
    decision = setting.validate(sent)
    assert [(event.event_id, event.index) for event in decision.accepted] == [("adyen:AUTHORISATION:GOOD1:true", 0)]
    assert setting.table.status("adyen:AUTHORISATION:bad2:true") == "REJECTED"
    [letter] = setting.queue.letters
    body = json.loads(letter.encode())
    assert (body["step"], body["error"], body["correlation_id"]) == ("event-validator", "InvalidEvent", "m1")
    assert [fault["code"] for fault in body["cause"]["faults"]] == ["unknown_currency"]
    assert body["input"] == {"correlation_id": "m1", "received_at": sent.received_at, "payload": sent.payload}


def test_when_all_are_rejected_the_letter_is_the_workflows_part(setting: Setting) -> None:
    assert setting.validate(notification(adyen("bad1", "bad2"))).all_rejected
    assert setting.queue.letters == []


@pytest.mark.requirement("EVT-21", "EVT-24")
@pytest.mark.parametrize("payload", ["no json", "[]", '{"hello": "world"}', ""])
def test_what_cannot_be_identified_is_recorded_under_its_delivery(setting: Setting, payload: str) -> None:
    assert setting.validate(notification(payload)).all_rejected
    assert setting.table.status("unidentified:m1") == "REJECTED"


@pytest.mark.requirement("EVT-21", "EVT-24")
@pytest.mark.parametrize("order", [("bad", "good"), ("good", "bad"), ("bad", "good", "bad")])
def test_of_an_event_that_stands_in_a_notification_valid_and_invalid_both_are_recorded(
    setting: Setting, order: tuple[str, ...]
) -> None:
    document = adyen(*order)
    for item in document["notificationItems"]:
        item["NotificationRequestItem"]["pspReference"] = "SAME"
    for _ in range(2):
        setting.validate(notification(document))
        assert setting.table.status("adyen:AUTHORISATION:SAME:true") == "ACCEPTED"
        record = setting.table.items["delivery:m1", "event-validator"]
        assert record["status"] == "REJECTED"
        assert [fault["field"] for fault in record["error"]["faults"]] == [
            f"notificationItems[{index}].NotificationRequestItem.amount.currency"
            for index, name in enumerate(order)
            if name == "bad"
        ]
    assert len(setting.queue.letters) == 2


def test_an_event_that_stands_twice_in_one_notification_is_accepted_once(setting: Setting) -> None:
    decision = setting.validate(notification(adyen("SAME", "SAME")))
    assert len(decision.accepted) == len(decision.duplicates) == 1


def test_items_that_cannot_be_identified_share_one_record_with_the_faults_of_all(setting: Setting) -> None:
    setting.validate(notification(adyen("", "")))
    fields = [fault["field"] for fault in setting.table.items["unidentified:m1", "event-validator"]["error"]["faults"]]
    assert [field.split(".")[0] for field in fields] == ["notificationItems[0]", "notificationItems[1]"]


@pytest.mark.requirement("EVT-11")
def test_a_throttled_write_makes_no_decision(setting: Setting) -> None:
    setting.table.before_write = throttled
    with pytest.raises(TransientError):
        setting.validate(notification(canonical()))
    assert setting.table.items == {}


deliveries = st.lists(
    st.tuples(
        st.sampled_from(["m1", "m2", "m3"]),
        st.lists(st.sampled_from(["A", "B", "bad"]), min_size=1, max_size=3),
        st.integers(0, 5),
    ),
    min_size=1,
    max_size=8,
)


@pytest.mark.requirement("EVT-21", "EVT-24")
@given(deliveries)
def test_no_event_is_accepted_for_two_deliveries_however_they_repeat_and_die(
    attempts: list[tuple[str, list[str], int]],
) -> None:
    """Each attempt may die at its n-th write and be retried; a message id always carries the same text."""
    setting = Setting()
    texts: dict[str, list[str]] = {}
    owners: dict[str, set[str]] = {}
    for message_id, references, dies_at in attempts:
        sent = notification(adyen(*texts.setdefault(message_id, references)), message_id)
        writes = iter(range(1000))

        def die(writes: object = writes, dies_at: int = dies_at) -> None:
            if next(writes) == dies_at:  # type: ignore[call-overload]
                throttled()

        setting.table.before_write = die
        with suppress(TransientError):
            setting.validate(sent)
        setting.table.before_write = lambda: None
        for event in setting.validate(sent).accepted:
            owners.setdefault(event.event_id, set()).add(message_id)
        settled = dict(setting.table.items)
        setting.validate(sent)
        assert setting.table.items == settled
    assert all(len(messages) == 1 for messages in owners.values())
    for event_id, [message_id] in owners.items():
        assert setting.table.items[event_id, "event-validator"]["correlation_id"] == message_id
