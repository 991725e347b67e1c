"""No notification disappears between the topic and the bus."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.common.errors import PermanentError, TransientError
from functions.common.messages import MAXIMUM_MESSAGE_BYTES
from functions.payment_events.logic.audit import AuditTrail, Stage
from functions.payment_events.logic.deliveries import read_deliveries
from functions.payment_events.logic.forwarding import (
    MAXIMUM_BATCH_BYTES,
    MAXIMUM_BATCH_ENTRIES,
    MAXIMUM_ENTRY_BYTES,
    Forwarder,
    batches,
    make_entry,
)
from functions.payment_events.logic.workflow import Notification
from tests.unit.functions.fakes import FakeBus, FakeQueue, FakeTable
from tests.unit.functions.payment_events.notifications import adyen, canonical, notification


class Setting:
    def __init__(self, refuse: Callable[[str, int], str | None] = lambda detail, call: None) -> None:
        self.bus, self.table, self.queue = FakeBus(refuse), FakeTable(), FakeQueue()
        self.pauses: list[float] = []
        trail = AuditTrail(self.table, Stage.TRIGGER, "release-1")
        self.forwarder = Forwarder(self.bus, trail, self.queue.send, self.pauses.append)

    @property
    def forwarded(self) -> list[str]:
        return [json.loads(detail)["correlation_id"] for detail in self.bus.taken]


@pytest.mark.requirement("EVT-02")
@given(st.text())
def test_the_payload_reaches_the_bus_as_it_was_sent(payload: str) -> None:
    setting = Setting()
    sent = notification(payload)
    setting.forwarder.forward([sent])
    [detail] = setting.bus.taken
    assert json.loads(detail) == {"correlation_id": "m1", "received_at": sent.received_at, "payload": payload}


@pytest.mark.requirement("EVT-02", "EVT-24")
def test_the_trail_begins_under_every_event_of_the_notification() -> None:
    setting = Setting()
    setting.forwarder.forward([notification(adyen("A", "B")), notification("no json", "m2")])
    assert {event_id for event_id, _ in setting.table.items} == {
        "adyen:AUTHORISATION:A:true", "adyen:AUTHORISATION:B:true", "unidentified:m2",
    }  # fmt: skip
    assert {item["status"] for item in setting.table.items.values()} == {"FORWARDED"}


@pytest.mark.requirement("EVT-02")
@given(st.lists(st.integers(0, 120_000), max_size=30))
def test_batches_keep_every_entry_in_order_within_what_one_call_takes(sizes: list[int]) -> None:
    entries = [make_entry(notification("x" * size, f"m{number}"), []) for number, size in enumerate(sizes)]
    made = list(batches(entries))
    assert [entry for batch in made for entry in batch] == entries
    assert all(len(batch) <= MAXIMUM_BATCH_ENTRIES for batch in made)
    assert all(sum(entry.size() for entry in batch) <= MAXIMUM_BATCH_BYTES for batch in made)
    for batch, following in pairwise(made):
        full = len(batch) == MAXIMUM_BATCH_ENTRIES
        assert full or sum(entry.size() for entry in [*batch, following[0]]) > MAXIMUM_BATCH_BYTES


@pytest.mark.requirement("EVT-02")
def test_only_entries_that_the_bus_refused_are_put_again_after_growing_pauses() -> None:
    setting = Setting(lambda detail, call: "ThrottlingException" if '"m2"' in detail and call < 3 else None)
    setting.forwarder.forward([notification(canonical(f"e{n}"), f"m{n}") for n in (1, 2, 3)])
    assert [len(call) for call in setting.bus.calls] == [3, 1, 1]
    assert sorted(setting.forwarded) == ["m1", "m2", "m3"]
    assert len(setting.pauses) == 2
    assert setting.pauses == sorted(set(setting.pauses))


@pytest.mark.requirement("EVT-02")
def test_an_entry_that_is_refused_to_the_end_fails_the_invocation_after_the_others_are_recorded() -> None:
    setting = Setting(lambda detail, call: "InternalFailure" if '"m2"' in detail else None)
    sent = [notification(canonical(f"e{n}"), f"m{n}") for n in range(1, 13)]
    with pytest.raises(TransientError, match="refused 1 of 12"):
        setting.forwarder.forward(sent)
    assert len(setting.forwarded) == 11
    assert setting.table.status("canonical:e2", "event-trigger") is None
    assert setting.table.status("canonical:e12", "event-trigger") == "FORWARDED"


@pytest.mark.requirement("EVT-02")
def test_a_call_that_fails_whole_is_made_again() -> None:
    def fail_once(detail: str, call: int) -> str | None:
        if call == 1:
            raise TransientError("putting events on the bus: ReadTimeoutError")
        return None

    setting = Setting(fail_once)
    setting.forwarder.forward([notification(canonical())])
    assert setting.forwarded == ["m1"]


@pytest.mark.requirement("EVT-02", "EVT-24")
def test_forwarding_again_changes_no_item() -> None:
    setting = Setting()
    setting.forwarder.forward([notification(canonical())])
    before = dict(setting.table.items)
    setting.forwarder.forward([notification(canonical())])
    assert setting.table.items == before
    setting.forwarder.forward([notification(canonical(), "m2")])
    assert setting.table.items["delivery:m2", "event-trigger"]["duplicate_of"] == ["canonical:e1"]
    assert {key: item for key, item in setting.table.items.items() if key in before} == before


def padded(size: int, filler: str = "x", correlation_id: str = "m1") -> Notification:
    """A notification whose entry on the bus has exactly this size (for a filler that JSON does not escape)."""
    empty = notification(canonical(description=""), correlation_id)
    room = size - make_entry(empty, []).size()
    return notification(canonical(description=filler * room), correlation_id)


def sns_limit(filler: str) -> str:
    """A notification of 256 KiB, full of this character."""
    empty = json.dumps(canonical(description=""))
    escaped = json.dumps(filler, ensure_ascii=False)[1:-1]
    return empty.replace('""', f'"{escaped * ((262_144 - len(empty)) // len(escaped.encode()))}"')


@pytest.mark.requirement("EVT-02", "EVT-25")
def test_the_limit_is_what_the_workflow_can_hold_to_the_byte() -> None:
    setting = Setting()
    result = setting.forwarder.forward([padded(MAXIMUM_ENTRY_BYTES), padded(MAXIMUM_ENTRY_BYTES + 1, "x", "m2")])
    assert (result.forwarded, result.too_large, setting.forwarded) == (1, 1, ["m1"])
    [letter] = setting.queue.letters
    assert (letter.error, letter.correlation_id) == ("NotificationTooLarge", "m2")


@pytest.mark.requirement("EVT-02", "EVT-25")
@pytest.mark.parametrize("filler", ["x", '"', "é"])
def test_a_notification_of_256_kib_is_recorded_and_dead_lettered_whole(filler: str) -> None:
    setting = Setting()
    text = sns_limit(filler)
    sent = notification(text)
    setting.forwarder.forward([sent])
    item = setting.table.items["canonical:e1", "event-trigger"]
    assert (item["status"], item["error"]["name"]) == ("REJECTED", "NotificationTooLarge")
    [letter] = setting.queue.letters
    body = json.loads(letter.encode())
    assert len(letter.encode().encode()) <= MAXIMUM_MESSAGE_BYTES
    assert body["payload_stored_in"] == {"table": "audit", "event_id": "delivery:m1", "stage": "event-trigger"}
    kept = setting.table.items["delivery:m1", "event-trigger"]["payload"]
    assert gzip.decompress(kept).decode() == sent.payload
    assert len(kept) < 400_000


@pytest.mark.requirement("EVT-25")
def test_the_payload_of_a_turned_away_notification_outlives_a_later_delivery_of_its_event() -> None:
    setting = Setting()
    sent = notification(sns_limit("é"))
    setting.forwarder.forward([sent])
    setting.forwarder.forward([notification(canonical(), "m2")])
    assert setting.table.status("canonical:e1", "event-trigger") == "FORWARDED"
    place = json.loads(setting.queue.letters[0].encode())["payload_stored_in"]
    assert gzip.decompress(setting.table.items[place["event_id"], place["stage"]]["payload"]).decode() == sent.payload


@pytest.mark.requirement("EVT-24", "EVT-25")
def test_every_event_of_a_notification_that_is_turned_away_is_recorded() -> None:
    setting = Setting()
    document = adyen("A", "B", additionalData={"text": "x" * 130_000})
    setting.forwarder.forward([notification(document)])
    assert {key: item["status"] for key, item in setting.table.items.items()} == {
        ("adyen:AUTHORISATION:A:true", "event-trigger"): "REJECTED",
        ("adyen:AUTHORISATION:B:true", "event-trigger"): "REJECTED",
    }  # fmt: skip


@pytest.mark.requirement("EVT-25")
def test_a_large_copy_of_an_event_keeps_its_own_payload() -> None:
    setting = Setting()
    setting.forwarder.forward([notification(canonical())])
    sent = notification(sns_limit('"'), "m2")
    setting.forwarder.forward([sent])
    place = json.loads(setting.queue.letters[0].encode())["payload_stored_in"]
    assert gzip.decompress(setting.table.items[place["event_id"], place["stage"]]["payload"]).decode() == sent.payload
    assert setting.table.status("canonical:e1", "event-trigger") == "FORWARDED"


@pytest.mark.requirement("EVT-02")
def test_every_record_of_an_invocation_is_read() -> None:
    records = [{"Sns": {"MessageId": f"m{n}", "Timestamp": "t", "Message": "text", "Subject": None}} for n in (1, 2)]
    assert read_deliveries({"Records": records}) == [Notification("m1", "t", "text"), Notification("m2", "t", "text")]


def test_an_event_that_is_not_from_sns_is_refused() -> None:
    with pytest.raises(PermanentError, match="not from SNS"):
        read_deliveries({"Records": [{"body": "from SQS"}]})
