from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.fidelity.account import ECHOES, Account, document, statement
from tools.waiting import wait_for

EVENTS = "events.amazonaws.com"
NOTHING = {"StartAt": "step", "States": {"step": {"Type": "Pass", "End": True}}}


def _rule(account: Account, target_arn: str, **target: Any) -> str:
    """A rule on a bus of its own that sends every event to one target. Returns the rule's ARN."""
    client = account.client("events")
    client.create_event_bus(Name="payments")
    pattern = json.dumps({"source": ["payment-events"]})
    arn = client.put_rule(Name="all", EventBusName="payments", EventPattern=pattern)["RuleArn"]
    client.put_targets(Rule="all", EventBusName="payments", Targets=[{"Id": "one", "Arn": target_arn, **target}])
    return str(arn)


def _put(account: Account, detail: dict[str, Any]) -> None:
    entry = {"EventBusName": "payments", "Source": "payment-events", "DetailType": "payment-notification"}
    account.client("events").put_events(Entries=[{**entry, "Detail": json.dumps(detail)}])


def _letters(account: Account) -> tuple[str, dict[str, Any]]:
    url, arn = account.queue("letters", admits=EVENTS)
    return url, {"DeadLetterConfig": {"Arn": arn}}


def test_a_rule_starts_a_workflow_in_its_role(account: Account) -> None:
    machine = account.state_machine("workflow", NOTHING)
    role = account.role("rule", statement("states:StartExecution", machine), trusts=EVENTS)
    _rule(account, machine, RoleArn=role, InputPath="$.detail")
    _put(account, {"correlation_id": "1"})
    client = account.client("stepfunctions")

    def executions() -> list[Any]:
        found: list[Any] = client.list_executions(stateMachineArn=machine, statusFilter="SUCCEEDED")["executions"]
        return found

    execution = wait_for(executions, "an execution")[0]
    described = client.describe_execution(executionArn=execution["executionArn"])
    assert json.loads(described["input"]) == {"correlation_id": "1"}


@pytest.mark.parametrize("trusts", [EVENTS, "lambda.amazonaws.com"])
def test_a_role_that_does_not_allow_or_trust_leaves_the_event_to_the_dead_letters(
    account: Account, trusts: str
) -> None:
    machine = account.state_machine("workflow", NOTHING)
    statements = [] if trusts == EVENTS else [statement("states:StartExecution", machine)]
    url, keeps = _letters(account)
    rule = _rule(account, machine, RoleArn=account.role("rule", *statements, trusts=trusts), **keeps)
    _put(account, {"correlation_id": "1"})
    letter = account.receive(url)
    assert json.loads(letter["body"])["detail"] == {"correlation_id": "1"}
    assert letter["attributes"]["ERROR_CODE"] == "NO_PERMISSIONS"
    assert (letter["attributes"]["RULE_ARN"], letter["attributes"]["TARGET_ARN"]) == (rule, machine)
    assert letter["attributes"]["RETRY_ATTEMPTS"] == "0"


def test_an_event_that_is_too_large_for_the_workflow_goes_to_the_dead_letters(account: Account) -> None:
    machine = account.state_machine("workflow", NOTHING)
    role = account.role("rule", statement("states:StartExecution", machine), trusts=EVENTS)
    url, keeps = _letters(account)
    _rule(account, machine, RoleArn=role, **keeps)
    # Just within the limit of the bus; the envelope makes it too large for the input of an execution.
    _put(account, {"payload": "x" * 262000})
    assert account.receive(url)["attributes"]["ERROR_CODE"] == "ValidationException"


def test_a_function_needs_a_permission_for_the_rule(account: Account) -> None:
    function = account.function("trigger", ECHOES)
    url, keeps = _letters(account)
    rule = _rule(account, function, **keeps)
    _put(account, {"correlation_id": "1"})
    assert account.receive(url)["attributes"]["ERROR_CODE"] == "NO_PERMISSIONS"
    account.permit("trigger", EVENTS, rule)
    _put(account, {"correlation_id": "2"})
    wait_for(lambda: account.metric("AWS/Lambda", "Invocations", FunctionName="trigger") == 1, "the invocation")


def test_a_queue_needs_a_policy_that_admits_the_rule(account: Account) -> None:
    closed, closed_arn = account.queue("closed")
    url, keeps = _letters(account)
    _rule(account, closed_arn, **keeps)
    _put(account, {"correlation_id": "1"})
    assert account.receive(url)["attributes"]["ERROR_CODE"] == "NO_PERMISSIONS"
    assert account.depth(closed) == 0
    open_for_rules = document(statement("sqs:SendMessage", closed_arn, Principal={"Service": EVENTS}))
    account.client("sqs").set_queue_attributes(QueueUrl=closed, Attributes={"Policy": open_for_rules})
    _put(account, {"correlation_id": "2"})
    assert json.loads(account.receive(closed)["body"])["detail"] == {"correlation_id": "2"}


def test_a_log_group_that_admits_the_rule_holds_the_events(account: Account) -> None:
    logs = account.client("logs")
    logs.create_log_group(logGroupName="/aws/events/unmatched")
    group = account.arn("logs", "log-group:/aws/events/unmatched")
    url, keeps = _letters(account)
    _rule(account, group, **keeps)
    _put(account, {"correlation_id": "1"})
    assert account.receive(url)["attributes"]["ERROR_CODE"] == "NO_PERMISSIONS"
    admits = statement(["logs:CreateLogStream", "logs:PutLogEvents"], f"{group}:*", Principal={"Service": [EVENTS]})
    logs.put_resource_policy(policyName="events", policyDocument=document(admits))
    _put(account, {"correlation_id": "2"})
    lines = wait_for(lambda: account.lines("/aws/events/unmatched"), "the event in the log group")
    assert [json.loads(line)["detail"] for line in lines] == [{"correlation_id": "2"}]


def test_entries_beyond_the_limit_are_refused(account: Account) -> None:
    with pytest.raises(ClientError, match="Total size of the entries in the request is over the limit"):
        _put(account, {"payload": "x" * 262144})
