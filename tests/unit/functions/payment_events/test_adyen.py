"""Adyen's events are what their dispute status and success say, and each has an identity of its own."""

from __future__ import annotations

from typing import Any

import pytest

from functions.payment_events.logic.formats.adyen_events import (
    DISPUTE_STATUSES,
    EITHER,
    EVENTS,
    NOT_PAYMENTS,
    REPEATING,
    TRANSFER_OUTCOMES,
    TRANSFER_STATUSES,
)
from tests.unit.functions.payment_events.adyen_documents import booked, dispute, notification, transfer
from tests.unit.functions.payment_events.lifecycles.adyen import LIFECYCLES
from tests.unit.functions.payment_events.readings import faults, payment, read

ITEM = "notificationItems[0].NotificationRequestItem"


@pytest.mark.requirement("EVT-22")
@pytest.mark.parametrize(
    ("code", "status", "type_", "net"),
    [
        ("REQUEST_FOR_INFORMATION", "Unresponded", "disputed", 0),
        ("REQUEST_FOR_INFORMATION", "Expired", "disputed", 0),
        ("NOTIFICATION_OF_CHARGEBACK", None, "disputed", 0),
        ("NOTIFICATION_OF_CHARGEBACK", "Undefended", "disputed", 0),
        ("NOTIFICATION_OF_CHARGEBACK", "Accepted", "dispute_lost", 0),
        ("INFORMATION_SUPPLIED", "Pending", "disputed", 0),
        ("CHARGEBACK", None, "disputed", -10000),
        ("CHARGEBACK", "Undefended", "disputed", -10000),
        ("CHARGEBACK", "Lost", "dispute_lost", -10000),
        ("CHARGEBACK_REVERSED", None, "dispute_won", 10000),
        ("CHARGEBACK_REVERSED", "Won", "dispute_won", 10000),
        ("CHARGEBACK_REVERSED", "Pending", "reinstated", 10000),
        ("DISPUTE_DEFENSE_PERIOD_ENDED", None, "dispute_lost", 0),
        ("DISPUTE_DEFENSE_PERIOD_ENDED", "Lost", "dispute_lost", 0),
        ("DISPUTE_DEFENSE_PERIOD_ENDED", "Accepted", "dispute_lost", 0),
        ("DISPUTE_DEFENSE_PERIOD_ENDED", "Expired", "dispute_lost", 0),
        ("DISPUTE_DEFENSE_PERIOD_ENDED", "Undefended", "dispute_lost", 0),
        ("SECOND_CHARGEBACK", None, "dispute_lost", -10000),
        ("PREARBITRATION_OPEN", None, "disputed", 0),
        ("PREARBITRATION_ACCEPTED", None, "dispute_lost", 0),
        ("PREARBITRATION_ACCEPTED", "Pending", "disputed", 0),
        ("PREARBITRATION_DECLINED", None, "disputed", 0),
        ("PREARBITRATION_ISSUER_WITHDRAWN", None, "dispute_won", 0),
        ("PREARBITRATION_WON", "Won", "dispute_won", 0),
        ("PREARBITRATION_LOST", "Lost", "dispute_lost", 0),
        ("SCHEME_ARBITRATION", None, "disputed", 0),
        ("SCHEME_ARBITRATION_WON", None, "dispute_won", 0),
        ("SCHEME_ARBITRATION_LOST", None, "dispute_lost", 0),
        ("ISSUER_RESPONSE_TIMEFRAME_EXPIRED", "Won", "dispute_won", 0),
    ],
)
def test_a_dispute_is_what_its_status_says(code: str, status: str | None, type_: str, net: int) -> None:
    read_as = payment(dispute(code, status))
    assert (read_as.type, read_as.net_minor, read_as.payment_reference) == (type_, net, "PSP1")


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize(
    ("code", "status", "fault"),
    [
        ("CHARGEBACK", "Won", "contradiction"),
        ("CHARGEBACK_REVERSED", "Lost", "contradiction"),
        ("SECOND_CHARGEBACK", "Won", "contradiction"),
        ("DISPUTE_DEFENSE_PERIOD_ENDED", "Won", "contradiction"),
        ("PREARBITRATION_WON", "Lost", "contradiction"),
        ("SCHEME_ARBITRATION_LOST", "Won", "contradiction"),
        ("CHARGEBACK", "Teleported", "unknown_status"),
    ],
)
def test_a_status_that_does_not_fit_the_event_is_refused(code: str, status: str, fault: str) -> None:
    assert faults(dispute(code, status)) == [(f"{ITEM}.additionalData.disputeStatus", fault)]


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize("code", [code for code, event in EVENTS.items() if len(event.outcomes) > 1])
def test_every_documented_status_of_every_dispute_is_read_or_contradicts(code: str) -> None:
    for status in DISPUTE_STATUSES:
        codes = [fault for _, fault in faults(dispute(code, status))]
        assert codes == ([] if status in EVENTS[code].outcomes else ["contradiction"]), status


@pytest.mark.requirement("EVT-22")
@pytest.mark.parametrize("code", EVENTS)
def test_what_has_no_success_moves_no_money(code: str) -> None:
    reading = read(notification(code, success="false", originalReference="PSP0"))
    if reading.payment is None:
        assert [(fault.field, fault.code) for fault in reading.faults] == [(f"{ITEM}.success", "contradiction")]
        assert code in ("CAPTURE_FAILED", "REFUND_FAILED", "REFUNDED_REVERSED", "PAIDOUT_REVERSED")
    else:
        assert reading.payment.net_minor == 0


@pytest.mark.requirement("EVT-22")
@pytest.mark.parametrize("code", sorted(EITHER))
def test_a_reversal_is_what_its_action_says(code: str) -> None:
    def of(action: str | None) -> dict[str, Any]:
        return notification(code, additionalData={"modification.action": action} if action else {})

    assert payment(of("cancel")).type == "cancelled"
    assert (payment(of("refund")).type, payment(of("refund")).net_minor) == ("refunded", -10000)
    field = f"{ITEM}.additionalData.modification.action"
    assert faults(of(None)) == [(field, "missing")]
    assert faults(of("teleport")) == [(field, "unknown_value")]


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize(
    ("code", "fault"), [*((code, "not_a_payment") for code in sorted(NOT_PAYMENTS)), ("TELEPORTED", "unknown_event")]
)
def test_news_is_told_from_noise(code: str, fault: str) -> None:
    document = notification(code, "settlement_detail_report_batch_5.of.a.very.long.name.csv")
    assert faults(document) == [(f"{ITEM}.eventCode", fault)]
    assert read(document).event_id is not None


def test_no_event_is_both_a_payment_and_none() -> None:
    assert not NOT_PAYMENTS & (EVENTS.keys() | EITHER)


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize("code", sorted(REPEATING))
def test_a_step_that_a_dispute_may_have_twice_is_told_by_its_time(code: str) -> None:
    first, second = (dispute(code, eventDate=f"2025-03-0{day}T10:00:00+01:00") for day in (1, 2))
    assert read(first).event_id == f"adyen:{code}:DISPUTE1:true:2025-03-01T09:00:00.000Z"
    assert read(second).event_id == f"adyen:{code}:DISPUTE1:true:2025-03-02T09:00:00.000Z"
    same_moment = dispute(code, eventDate="2025-03-01T09:00:00Z")
    assert read(same_moment).event_id == read(first).event_id


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize("code", sorted(EVENTS.keys() - REPEATING))
def test_any_other_event_is_the_same_event_whenever_it_is_sent(code: str) -> None:
    identifiers = {read(dispute(code, eventDate=f"2025-03-0{day}T10:00:00+01:00")).event_id for day in (1, 2)}
    assert identifiers == {f"adyen:{code}:DISPUTE1:true"}


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize("reason", ["Transaction Recaptured", "Transaction Auto-recaptured"])
def test_a_capture_that_is_made_again_is_an_event_of_its_own(reason: str) -> None:
    assert read(notification("CAPTURE", reason=reason)).event_id == "adyen:CAPTURE:PSP1:true:recaptured"


@pytest.mark.requirement("EVT-22")
@pytest.mark.parametrize(("live", "read_as"), [("true", True), ("false", False), (True, True), (False, False)])
def test_the_record_says_whether_it_is_live_and_whose(live: object, read_as: bool) -> None:
    document = notification("AUTHORISATION") | {"live": live}
    assert (payment(document).live, payment(document).account) == (read_as, "ShopCOM")


@pytest.mark.requirement("EVT-21", "EVT-24")
@pytest.mark.parametrize("field", ["pspReference", "originalReference"])
@pytest.mark.parametrize("text", ["A free text", "ada@example.org", "R" * 200])
def test_free_text_in_the_place_of_a_reference_is_refused(field: str, text: str) -> None:
    assert faults(notification("CAPTURE", **{field: text})) == [(f"{ITEM}.{field}", "malformed")]


@pytest.mark.requirement("EVT-24")
def test_what_must_not_be_kept_is_masked_in_every_field_that_is_kept() -> None:
    number = "4111111111111111"
    document = notification(
        "CAPTURE", originalReference=number, paymentMethod=number, merchantAccountCode=f"Shop {number}",
        additionalData={"shopperReference": f"ada@example.org {number}"},
    )  # fmt: skip
    read_as = payment(document)
    masked = "411111******1111"
    assert (read_as.payment_reference, read_as.payment_method, read_as.account) == (masked, masked, f"Shop {masked}")
    assert read_as.customer_reference == f"***@*** {masked}"
    for field in ("pspReference", "eventCode"):
        reading = read(notification("CAPTURE", **{field: f"A{number}"}))
        assert (reading.event_id, [fault.code for fault in reading.faults]) == (None, ["card_number"])


@pytest.mark.requirement("EVT-22")
@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_text_is_no_reference(empty: str) -> None:
    document = notification("CAPTURE", paymentMethod=empty, additionalData={"shopperReference": empty})
    read_as = payment(document)
    assert (read_as.payment_method, read_as.customer_reference) == (None, None)
    assert payment(notification("CAPTURE", originalReference="")).payment_reference == "PSP1"


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize(
    "document",
    [
        {"type": "balancePlatform.dispute.created", "data": {"id": "D1"}},
        {"type": "balancePlatform.accountHolder.updated", "data": {}, "environment": "test"},
        {"type": "balancePlatform.authorisation.relayed", "id": "A1", "amount": {"currency": "EUR", "value": 1}},
        {"type": "recurring.token.created", "data": {}, "environment": "test", "eventId": "E1"},
        {"type": "paymentMethod.created", "data": {}, "environment": "live"},
        {"type": "merchant.updated", "data": {}},
        {"type": "terminalSettings.modified", "data": {}},
        {"data": {"status": "booked"}, "environment": "test"},
        {"eventType": "ACCOUNT_HOLDER_PAYOUT", "executingUserKey": "x", "live": "false", "pspReference": "P1"},
        {"eventType": "TRANSFER_FUNDS", "content": {}, "pspReference": "P1", "eventDate": "2025-03-01"},
        {"SaleToPOIResponse": {"MessageHeader": {}}},
        {"SaleToPOIRequest": {"EventNotification": {}}},
        {"EventToNotify": "BeginMaintenance", "TimeStamp": "2026-03-27T10:30:00Z"},
        {"grantAccountId": "CG1", "grantOfferId": "GO1", "id": "GR1", "status": "Pending"},
        {"accountHolderId": "AH1", "contractType": "loan", "amount": {"currency": "EUR", "value": 1}},
    ],
)
def test_a_webhook_of_another_family_is_told_so(document: dict[str, Any]) -> None:
    assert [code for _, code in faults(document)] == ["unsupported_family"]


@pytest.mark.requirement("EVT-22")
@pytest.mark.parametrize(
    ("document", "what", "net"),
    [
        (transfer("received"), "pending/payout", 0),
        (transfer("booked", 3, event=booked(3)), "paid_out/payout", -10000),
        (transfer("booked", 3, category="card", type="cardTransfer", event=booked(3)), "paid_out/payout", -10000),
        (transfer("booked", 4, event={"type": "tracking"}), "paid_out/payout", 0),
        (transfer("returned", 4, event=booked(4)), "failed/payout", 10000),
        (transfer("failed", 4, event=booked(4)), "failed/payout", 10000),
        (transfer("failed", 2), "failed/payout", 0),
        (transfer("refused", 2), "failed/payout", 0),
        (transfer("cancelled", 2), "cancelled/payout", 0),
        (transfer("booked", 3, events=None), "paid_out/payout", -10000),
        (transfer("booked", 3, events=None, tracking={"status": "credited"}), "paid_out/payout", 0),
        (transfer("authorised", 2, events=None), "pending/payout", 0),
    ],
)
def test_a_transfer_to_a_bank_or_a_card_is_a_payout(document: dict[str, Any], what: str, net: int) -> None:
    read_as = payment(document)
    assert (f"{read_as.type}/{read_as.operation}", read_as.net_minor) == (what, net)
    assert (read_as.payment_reference, read_as.account, read_as.live) == ("TRANSFER1", "BA1", True)
    assert read_as.provider_event_id == f"transfer:TRANSFER1:{document['data']['sequenceNumber']}"


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize("status", sorted(TRANSFER_STATUSES))
def test_every_documented_status_of_a_transfer_is_read_or_contradicts(status: str) -> None:
    codes = [code for _, code in faults(transfer(status))]
    assert codes == ([] if status in TRANSFER_OUTCOMES else ["contradiction"])


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"category": "internal", "type": "internalTransfer"}, ("data.category", "not_a_payment")),
        ({"category": "issuedCard", "type": "payment"}, ("data.category", "not_a_payment")),
        ({"category": "platformPayment", "type": "capture"}, ("data.category", "not_a_payment")),
        ({"direction": "incoming"}, ("data.category", "not_a_payment")),
        ({"type": "bankDirectDebit"}, ("data.category", "not_a_payment")),
        ({"category": None}, ("data.category", "missing")),
        ({"id": "ada@example.org"}, ("data.id", "malformed")),
    ],
)
def test_a_transfer_that_is_no_payout_is_refused(changes: dict[str, Any], fault: tuple[str, str]) -> None:
    assert faults(transfer("booked", 3, event=booked(3), **changes)) == [fault]


@pytest.mark.requirement("EVT-21")
def test_a_transfer_has_to_say_its_status_and_its_environment() -> None:
    document = transfer("booked", 3, event=booked(3)) | {"environment": "moon"}
    document["data"]["status"] = None
    assert faults(document) == [("environment", "unknown_value"), ("data.status", "missing")]
    assert not payment(transfer("received") | {"environment": "test"}).live


@pytest.mark.requirement("EVT-22")
def test_every_event_that_counts_stands_in_a_lifecycle() -> None:
    counting = {code for code, event in EVENTS.items() if any(its.counts for its in event.outcomes.values())}
    told = {
        step.notification["notificationItems"][0]["NotificationRequestItem"]["eventCode"]
        for lifecycle in LIFECYCLES
        for step in lifecycle.steps
        if step.net and "notificationItems" in step.notification
    }
    assert counting | EITHER == told
