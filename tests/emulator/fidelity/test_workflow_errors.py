from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.fidelity.account import ECHOES, RAISES, Account, statement, task

INVOKE = statement("lambda:InvokeFunction")
FAILS_TWICE = """
calls = 0

class TransientError(Exception):
    pass

def handler(event, context):
    global calls
    calls += 1
    if calls < 3:
        raise TransientError("no answer")
    return {"calls": calls}
"""


def _retrier(*errors: str, **more: Any) -> dict[str, Any]:
    return {"ErrorEquals": list(errors), "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 1.0, **more}


def test_a_retrier_matches_the_class_of_an_exception(account: Account) -> None:
    function = account.function("validator", FAILS_TWICE)
    machine = account.state_machine("workflow", task(function, Retry=[_retrier("TransientError")]), INVOKE)
    execution = account.execute(machine)
    assert (execution["status"], json.loads(execution["output"])) == ("SUCCEEDED", {"calls": 3})


def test_a_retrier_leaves_an_exception_of_another_class_alone(account: Account) -> None:
    function = account.function("validator", RAISES)
    machine = account.state_machine("workflow", task(function, Retry=[_retrier("TransientError")]), INVOKE)
    execution = account.execute(machine)
    assert (execution["status"], execution["error"]) == ("FAILED", "InvalidEvent")
    assert account.metric("AWS/Lambda", "Invocations", FunctionName="validator") == 1


def test_a_throttled_function_is_a_too_many_requests_exception(account: Account) -> None:
    function = account.function("validator", ECHOES)
    account.client("lambda").put_function_concurrency(FunctionName="validator", ReservedConcurrentExecutions=0)
    execution = account.execute(account.state_machine("workflow", task(function), INVOKE))
    assert (execution["status"], execution["error"]) == ("FAILED", "Lambda.TooManyRequestsException")


def test_a_retrier_waits_no_longer_than_its_longest_delay(account: Account) -> None:
    function = account.function("validator", FAILS_TWICE)
    patient = _retrier("TransientError", IntervalSeconds=50, MaxDelaySeconds=1, JitterStrategy="FULL")
    machine = account.state_machine("workflow", task(function, Retry=[patient]), INVOKE)
    # Without the bound, the two waits of 50 s each outlast the patience of `execute`.
    assert account.execute(machine)["status"] == "SUCCEEDED"


def test_a_result_beyond_the_limit_ends_the_execution_and_is_not_caught(account: Account) -> None:
    function = account.function("validator", "def handler(event, context): return 'x' * 262145")
    caught = {"Type": "Pass", "End": True}
    definition = task(function, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "caught"}])
    definition["States"]["caught"] = caught
    execution = account.execute(account.state_machine("workflow", definition, INVOKE))
    assert (execution["status"], execution["error"]) == ("FAILED", "States.DataLimitExceeded")


@pytest.mark.parametrize(("letters", "status"), [(43_000, "SUCCEEDED"), (44_000, "FAILED")])
def test_an_answer_counts_as_the_runtime_writes_it(account: Account, letters: int, status: str) -> None:
    function = account.function("validator", f"def handler(event, context): return 'я' * {letters}")
    assert account.execute(account.state_machine("workflow", task(function), INVOKE))["status"] == status


def test_input_beyond_the_limit_is_refused(account: Account) -> None:
    machine = account.state_machine("workflow", {"StartAt": "a", "States": {"a": {"Type": "Pass", "End": True}}})
    with pytest.raises(ClientError, match="262144"):
        account.execute(machine, {"payload": "x" * 262144})
    assert account.execute(machine, {"payload": "x" * 262000})["status"] == "SUCCEEDED"
