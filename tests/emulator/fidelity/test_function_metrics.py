from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.emulator.fidelity.account import ECHOES, RAISES, Account, statement, task


def test_an_invocation_that_a_workflow_makes_counts(account: Account) -> None:
    function = account.function("validator", RAISES)
    account.execute(account.state_machine("workflow", task(function), statement("lambda:InvokeFunction")))
    assert account.metric("AWS/Lambda", "Invocations", FunctionName="validator") == 1
    assert account.metric("AWS/Lambda", "Errors", FunctionName="validator") == 1


def test_a_throttled_invocation_counts_once_and_only_as_throttled(account: Account) -> None:
    account.function("validator", ECHOES)
    client = account.client("lambda")
    client.put_function_concurrency(FunctionName="validator", ReservedConcurrentExecutions=0)
    untried = account.untried_client("lambda")
    with pytest.raises(ClientError, match="TooManyRequestsException") as refused:
        untried.invoke(FunctionName="validator")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert account.metric("AWS/Lambda", "Throttles", FunctionName="validator") == 1
    assert account.metric("AWS/Lambda", "Invocations", FunctionName="validator") == 0
