"""A state machine calls functions and queues in its role, which must trust Step Functions and allow the call.

https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html#sfn-iam-lambda (`lambda:InvokeFunction`)
https://docs.aws.amazon.com/step-functions/latest/dg/connect-sqs.html#sqs-iam (`sqs:SendMessage`)
https://docs.aws.amazon.com/step-functions/latest/dg/connect-ddb.html#dynamodb-iam (`dynamodb:UpdateItem` and others)

ministack makes these calls itself, so a workflow would work although its role allows nothing.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, Final

from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc, sqs, stepfunctions

from tools.emulator import deliveries, places

RESTORES: Final = (
    "Step Functions: the state machine's role must allow `lambda:InvokeFunction`, `sqs:SendMessage` and what it calls "
    "of DynamoDB"
)

_STATES: Final = "states.amazonaws.com"

# The state machine whose execution runs in this context.
_running: ContextVar[dict[str, Any]] = ContextVar("running_state_machine")


def apply() -> None:
    run = places.take(stepfunctions, "_run_execution", "996dff84e0e0")
    call_function = places.take(stepfunctions, "_call_lambda", "25830369b126")
    call_dynamodb = places.take(stepfunctions, "_invoke_dynamodb", "3d538d8656c8")
    send_message = places.take(stepfunctions, "_invoke_sqs_send_message", "7f9c14f5e027")

    def run_in_role(execution_arn: str) -> None:
        execution = stepfunctions._executions.get(execution_arn) or {}
        _running.set(stepfunctions._state_machines.get(execution.get("stateMachineArn")) or {})
        run(execution_arn)

    def call_function_in_role(function_ref: str, event: Any) -> Any:
        _, config, _ = lambda_svc._get_func_record_for_ref(function_ref)
        if config:
            arn = function_ref if function_ref.startswith("arn:") else config["FunctionArn"]
            _require("Lambda.AWSLambdaException", "lambda:InvokeFunction", arn)
        return call_function(function_ref, event)

    def send_message_in_role(resource: str, data: dict[str, Any]) -> Any:
        account, name = sqs._queue_ref_from_urlish(data.get("QueueUrl", ""))
        arn = f"arn:aws:sqs:{get_region()}:{account or get_account_id()}:{name}"
        _require("SQS.AmazonSQSException", "sqs:SendMessage", arn)
        return send_message(resource, data)

    def call_dynamodb_in_role(operation: str, data: dict[str, Any]) -> Any:
        table = str(data.get("TableName", ""))
        arn = table if table.startswith("arn:") else f"arn:aws:dynamodb:{get_region()}:{get_account_id()}:table/{table}"
        action = f"dynamodb:{operation[0].upper()}{operation[1:]}"
        _require("DynamoDB.AmazonDynamoDBException", action, arn)
        return call_dynamodb(operation, data)

    places.put(stepfunctions, "_run_execution", run_in_role)
    places.put(stepfunctions, "_invoke_dynamodb", call_dynamodb_in_role)
    places.put(stepfunctions, "_call_lambda", call_function_in_role)
    places.put(stepfunctions, "_invoke_sqs_send_message", send_message_in_role)


def _require(error: str, action: str, resource_arn: str) -> None:
    machine = _running.get({})
    role_arn = machine.get("roleArn", f"arn:aws:iam::{get_account_id()}:role/none")
    source = machine.get("stateMachineArn", "")
    if not deliveries.assumed_role_allows(_STATES, role_arn, action, resource_arn, source):
        name = role_arn.rsplit("/", 1)[-1]
        raise stepfunctions._ExecutionError(
            error,
            f"User: arn:aws:sts::{get_account_id()}:assumed-role/{name}/{get_region()} is not authorized to perform: "
            f"{action} on resource: {resource_arn}",
        )
