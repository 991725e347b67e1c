from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulator.fidelity.account import RAISES, Account, statement, task
from tools.waiting import wait_for

GROUP = "/aws/vendedlogs/states/workflow"


def _entries(account: Account, level: str, with_data: bool) -> list[dict[str, Any]]:
    """The log entries of an execution that fails, as JSON."""
    account.client("logs").create_log_group(logGroupName=GROUP)
    function = account.function("validator", RAISES)
    logging = {
        "level": level,
        "includeExecutionData": with_data,
        "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": account.arn("logs", f"log-group:{GROUP}:*")}}],
    }
    machine = account.state_machine(
        "workflow", task(function), statement("lambda:InvokeFunction"), loggingConfiguration=logging
    )
    account.execute(machine, {"amount": "10.25"})
    return [json.loads(line) for line in wait_for(lambda: account.lines(GROUP), "the log of the execution")]


def test_every_event_of_an_execution_is_logged_with_its_data(account: Account) -> None:
    entries = _entries(account, "ALL", with_data=True)
    assert [entry["type"] for entry in entries] == [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskFailed",
        "ExecutionFailed",
    ]
    assert json.loads(entries[0]["details"]["input"]) == {"amount": "10.25"}
    assert entries[-1]["details"]["error"] == "InvalidEvent"
    assert entries[0]["execution_arn"] == account.arn("states", entries[0]["execution_arn"].split(":", 5)[5])


def test_without_execution_data_no_entry_holds_any(account: Account) -> None:
    entries = _entries(account, "ALL", with_data=False)
    assert "10.25" not in json.dumps(entries)
    assert entries[-1]["details"]["error"] == "InvalidEvent"


@pytest.mark.parametrize(
    ("level", "types"), [("ERROR", ["TaskFailed", "ExecutionFailed"]), ("FATAL", ["ExecutionFailed"])]
)
def test_a_level_leaves_out_what_is_beneath_it(account: Account, level: str, types: list[str]) -> None:
    assert [entry["type"] for entry in _entries(account, level, with_data=True)] == types
