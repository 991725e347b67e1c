from __future__ import annotations

import json

import pytest

from tests.emulator.fidelity.account import ECHOES, Account, document, statement, task


def test_a_workflow_invokes_only_what_its_role_allows(account: Account) -> None:
    function = account.function("validator", ECHOES)
    other = account.function("processor", ECHOES)
    allowed = statement("lambda:InvokeFunction", function)
    assert account.execute(account.state_machine("may", task(function), allowed))["status"] == "SUCCEEDED"
    denied = account.execute(account.state_machine("may-not", task(other), allowed))
    assert (denied["status"], denied["error"]) == ("FAILED", "Lambda.AWSLambdaException")
    assert "not authorized to perform: lambda:InvokeFunction" in denied["cause"]


@pytest.mark.parametrize(("allowed", "status"), [(True, "SUCCEEDED"), (False, "FAILED")])
def test_a_workflow_sends_to_a_queue_only_when_its_role_allows(account: Account, allowed: bool, status: str) -> None:
    url, arn = account.queue("letters")
    step = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": url, "MessageBody.$": "States.JsonToString($)"},
        "End": True,
    }
    statements = [statement("sqs:SendMessage", arn)] if allowed else []
    machine = account.state_machine("workflow", {"StartAt": "step", "States": {"step": step}}, *statements)
    assert account.execute(machine, {"amount": 1})["status"] == status
    assert account.depth(url) == (1 if allowed else 0)


@pytest.mark.parametrize(("allowed", "status"), [(True, "SUCCEEDED"), (False, "FAILED")])
def test_a_workflow_updates_an_item_only_when_its_role_allows(account: Account, allowed: bool, status: str) -> None:
    account.table("statuses", "upload_id")
    step = {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:updateItem",
        "Arguments": {
            "TableName": "statuses",
            "Key": {"upload_id": {"S": "{% $states.input.id %}"}},
            "UpdateExpression": "SET progress = :progress",
            "ConditionExpression": "attribute_not_exists(upload_id) OR progress < :progress",
            "ExpressionAttributeValues": {":progress": {"N": "{% $string($states.input.progress) %}"}},
        },
        "End": True,
    }
    definition = {"QueryLanguage": "JSONata", "StartAt": "step", "States": {"step": step}}
    statements = [statement("dynamodb:UpdateItem", account.arn("dynamodb", "table/statuses"))] if allowed else []
    machine = account.state_machine("workflow", definition, *statements)
    assert account.execute(machine, {"id": "a", "progress": 2})["status"] == status
    if allowed:
        refused = account.execute(machine, {"id": "a", "progress": 1})
        assert refused["error"] == "DynamoDB.ConditionalCheckFailedException"
    items = account.client("dynamodb").scan(TableName="statuses")["Items"]
    assert items == ([{"upload_id": {"S": "a"}, "progress": {"N": "2"}}] if allowed else [])


def test_a_role_that_does_not_trust_step_functions_is_of_no_use(account: Account) -> None:
    function = account.function("validator", ECHOES)
    machine = account.state_machine("workflow", task(function), statement("lambda:InvokeFunction"))
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    account.client("iam").update_assume_role_policy(RoleName="workflow-role", PolicyDocument=document(trust))
    assert account.execute(machine)["error"] == "Lambda.AWSLambdaException"


def test_a_trust_policy_may_name_the_state_machine(account: Account) -> None:
    function = account.function("validator", ECHOES)
    machine = account.state_machine("workflow", task(function), statement("lambda:InvokeFunction"))
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": "states.amazonaws.com"},
        "Condition": {"ArnLike": {"aws:SourceArn": machine}, "StringEquals": {"aws:SourceAccount": account.id}},
    }
    iam = account.client("iam")
    iam.update_assume_role_policy(RoleName="workflow-role", PolicyDocument=document(trust))
    assert account.execute(machine)["status"] == "SUCCEEDED"
    trust["Condition"]["ArnLike"]["aws:SourceArn"] = f"{machine}-of-another"  # type: ignore[index]
    iam.update_assume_role_policy(RoleName="workflow-role", PolicyDocument=json.dumps({"Statement": [trust]}))
    assert account.execute(machine)["status"] == "FAILED"
