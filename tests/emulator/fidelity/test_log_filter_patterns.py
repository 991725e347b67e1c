from __future__ import annotations

import time

import pytest

from tests.emulator.fidelity.account import Account

LINES = ["one payment", "payment one", "One refund", 'a "quoted" word']


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("", LINES),
        ('"one payment"', LINES[:1]),
        ("one payment", LINES[:2]),
        ('?"payment one" ?refund', LINES[1:3]),
        ("one", LINES[:2]),
        ('payment -"one payment"', LINES[1:2]),
        ('"\\"quoted\\""', LINES[3:]),
    ],
)
def test_terms_are_found_as_phrases_alternatives_and_exclusions(
    account: Account, pattern: str, found: list[str]
) -> None:
    logs = account.client("logs")
    logs.create_log_group(logGroupName="group")
    logs.create_log_stream(logGroupName="group", logStreamName="stream")
    now = int(time.time() * 1000)
    events = [{"timestamp": now + number, "message": line} for number, line in enumerate(LINES)]
    logs.put_log_events(logGroupName="group", logStreamName="stream", logEvents=events)
    answer = logs.filter_log_events(logGroupName="group", filterPattern=pattern)
    assert [event["message"] for event in answer["events"]] == found
