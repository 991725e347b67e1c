"""What a dead letter of webhooks is about, whoever wrote it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tools.operations.event_letters import EventLetter
from tools.operations.queues import Message

HAND_OVER = {"event_id": "e", "payload": "{}"}


def letter(text: str) -> EventLetter:
    return EventLetter(Message("https://queue", text, {}, "receipt"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(
            {"requestPayload": HAND_OVER, "responsePayload": {"errorType": "UnroutableEvent"}},
            ("e", "event-router", "UnroutableEvent"),
            id="the router raised",
        ),
        pytest.param(
            {"requestPayload": HAND_OVER, "requestContext": {"condition": "ZeroReservedConcurrency"}},
            ("e", "event-router", "ZeroReservedConcurrency"),
            id="the router was never invoked",
        ),
        pytest.param({"event_id": "e", "amount": 1}, ("e", "consumer", "not consumed"), id="a queue"),
        pytest.param([], ("", "consumer", "unreadable"), id="no object"),
    ],
)
def test_a_letter_tells_its_event_where_it_stopped_and_why(text: Any, told: tuple[str, str, str]) -> None:
    found = letter(json.dumps(text))
    assert (found.event_id, found.step, found.error) == told


def test_a_letter_that_is_no_json_is_told_as_such() -> None:
    assert (letter("no JSON").event_id, letter("no JSON").error) == ("", "unreadable")
