from __future__ import annotations

import time

from tests.emulator.fidelity.account import Account

LINES = 10_050


def test_a_log_group_is_read_to_its_end(account: Account) -> None:
    logs, group = account.client("logs"), "/aws/lambda/validator"
    logs.create_log_group(logGroupName=group)
    started = int(time.time() * 1000)
    for stream in ("a", "b"):
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        # Ten lines have one time, so that the first page ends among lines of one.
        lines = [{"timestamp": started + number // 10, "message": f"{stream}-{number}"} for number in range(LINES // 2)]
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=lines)
    pages = list(logs.get_paginator("filter_log_events").paginate(logGroupName=group))
    assert [len(page["events"]) for page in pages] == [10_000, 50]
    found = [event["message"] for page in pages for event in page["events"]]
    assert sorted(found) == sorted(f"{stream}-{number}" for stream in ("a", "b") for number in range(LINES // 2))


def test_pages_may_be_smaller_and_begin_later(account: Account) -> None:
    logs, group = account.client("logs"), "/aws/lambda/validator"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="a")
    started = int(time.time() * 1000)
    lines = [{"timestamp": started + number // 3, "message": str(number)} for number in range(20)]
    logs.put_log_events(logGroupName=group, logStreamName="a", logEvents=lines)
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, startTime=started + 1, PaginationConfig={"PageSize": 4}
    )
    assert [event["message"] for page in pages for event in page["events"]] == [str(number) for number in range(3, 20)]
