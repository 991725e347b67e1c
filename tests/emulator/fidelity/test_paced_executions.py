from __future__ import annotations

import json
import os

from tests.emulator.fidelity.account import Account
from tools.waiting import wait_for

SLOW = {"StartAt": "wait", "States": {"wait": {"Type": "Wait", "Seconds": 1, "End": True}}}


def test_no_more_executions_run_at_once_than_the_machine_carries_and_none_is_lost(account: Account) -> None:
    states = account.client("stepfunctions")
    machine = states.create_state_machine(
        name="slow", type="EXPRESS", definition=json.dumps(SLOW), roleArn=account.role("states.amazonaws.com")
    )["stateMachineArn"]
    number = 2 * max(4, 2 * (os.cpu_count() or 1))
    for index in range(number):
        states.start_execution(stateMachineArn=machine, name=f"execution-{index}")

    def finished() -> list[tuple[float, float]] | None:
        found = states.list_executions(stateMachineArn=machine)["executions"]
        times = [(each["startDate"].timestamp(), each["stopDate"].timestamp()) for each in found if "stopDate" in each]
        return times if len(times) == number else None

    times = wait_for(finished, "all executions to end")
    # Those of the second half could begin only when one of the first had ended, a second after all were started.
    assert max(stop for _, stop in times) - min(start for start, _ in times) >= 2
