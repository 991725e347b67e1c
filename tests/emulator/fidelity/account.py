"""An empty account on the emulator, and the few things that the fidelity tests build in it."""

from __future__ import annotations

import io
import json
import time
import uuid
import zipfile
from typing import Any

import boto3
from botocore.config import Config

from tools.emulator.control import Emulator
from tools.release.manifest import RUNTIME
from tools.waiting import wait_for

REGION = "us-east-1"
RAISES = """
class InvalidEvent(Exception):
    pass

def handler(event, context):
    raise InvalidEvent("amount is negative")
"""
ECHOES = "def handler(event, context): return event"


def statement(action: str | list[str], resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


class Account:
    """One account of the emulator, used by one test."""

    def __init__(self, emulator: Emulator) -> None:
        self.id = str(uuid.uuid4().int % 10**12).zfill(12)
        self._emulator = emulator

    def client(self, service: str) -> Any:
        return self._emulator.client(service, self.id, REGION)

    def user_client(self, service: str, *statements: dict[str, Any]) -> Any:
        """A client of a user with these statements, to whom policies apply: an account's root is asked by none."""
        iam = self.client("iam")
        name = f"user-{uuid.uuid4().hex[:8]}"
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=document(*statements))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=self._emulator.endpoint,
            region_name=REGION,
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
            # Forms and URLs are signed as S3 asks where a key of KMS encrypts, not as boto3 does by default.
            config=Config(retries={"total_max_attempts": 1}, signature_version="s3v4" if service == "s3" else None),
        )

    def untried_client(self, service: str) -> Any:
        """A client of the account's root that tries once."""
        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=self._emulator.endpoint,
            region_name=REGION,
            aws_access_key_id=self.id,
            aws_secret_access_key="emulator",
            config=Config(retries={"total_max_attempts": 1}),
        )

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{REGION}:{self.id}:{resource}"

    def role(self, name: str, *statements: dict[str, Any], trusts: str = "lambda.amazonaws.com") -> str:
        """Make a role that a service may assume, with these statements. Returns its ARN."""
        iam = self.client("iam")
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": trusts}}
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=document(*statements))
        return str(arn)

    def table(self, name: str, key: str) -> None:
        """Make a table with a string as its partition key."""
        self.client("dynamodb").create_table(
            TableName=name,
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )

    def function(self, name: str, source: str, *statements: dict[str, Any], **settings: Any) -> str:
        """Make a function whose role has these statements. Returns its ARN."""
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("index.py", source)
        client = self.client("lambda")
        arn = client.create_function(
            FunctionName=name,
            Runtime=RUNTIME,
            Handler="index.handler",
            Role=self.role(f"{name}-role", *statements),
            Code={"ZipFile": archive.getvalue()},
            Timeout=10,
            **settings,
        )["FunctionArn"]
        client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
        return str(arn)

    def permit(self, function: str, service: str, source_arn: str) -> None:
        """Let a service invoke a function for one of this account's resources."""
        self.client("lambda").add_permission(
            FunctionName=function,
            StatementId=f"from-{service.split('.')[0]}",
            Action="lambda:InvokeFunction",
            Principal=service,
            SourceArn=source_arn,
        )

    def invoke(self, function: str, event: Any = None) -> tuple[Any, str | None]:
        """Invoke and wait. Returns the answer, and the kind of error (None when there is none)."""
        answer = self.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
        return json.loads(answer["Payload"].read()), answer.get("FunctionError")

    def queue(self, name: str, admits: str | None = None, **attributes: str) -> tuple[str, str]:
        """Make a queue that admits a service, or nobody but the account. Returns its URL and its ARN."""
        arn = self.arn("sqs", name)
        if admits:
            policy = document(statement("sqs:SendMessage", arn, Principal={"Service": admits}))
            attributes["Policy"] = policy
        return self.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"], arn

    def receive(self, queue_url: str) -> dict[str, Any]:
        """The next message of a queue, once there is one; its attributes are name -> text."""
        sqs = self.client("sqs")

        def look() -> list[Any]:
            found: list[Any] = sqs.receive_message(
                QueueUrl=queue_url, MessageAttributeNames=["All"], WaitTimeSeconds=1
            ).get("Messages", [])
            return found

        message = wait_for(look, f"a message in {queue_url}")[0]
        texts = {name: value["StringValue"] for name, value in message.get("MessageAttributes", {}).items()}
        return {"body": message["Body"], "attributes": texts}

    def depth(self, queue_url: str) -> int:
        wanted = ["ApproximateNumberOfMessages"]
        attributes = self.client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=wanted)["Attributes"]
        return int(attributes["ApproximateNumberOfMessages"])

    def lines(self, log_group: str) -> list[str]:
        """Every line of a log group."""
        events = self.client("logs").filter_log_events(logGroupName=log_group)["events"]
        return [event["message"] for event in events]

    def metric(self, namespace: str, name: str, **dimensions: str) -> float:
        """The sum of a metric over the last hour."""
        now = time.time()
        points = self.client("cloudwatch").get_metric_statistics(
            Namespace=namespace,
            MetricName=name,
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
            StartTime=now - 3600,
            EndTime=now + 60,
            Period=3600,
            Statistics=["Sum"],
        )["Datapoints"]
        return float(sum(point["Sum"] for point in points))

    def state_machine(self, name: str, definition: dict[str, Any], *statements: dict[str, Any], **settings: Any) -> str:
        """Make a Standard state machine (so that its executions can be described). Returns its ARN."""
        arn = self.client("stepfunctions").create_state_machine(
            name=name,
            definition=json.dumps(definition),
            roleArn=self.role(f"{name}-role", *statements, trusts="states.amazonaws.com"),
            **settings,
        )["stateMachineArn"]
        return str(arn)

    def execute(self, state_machine: str, event: Any = None) -> dict[str, Any]:
        """Run an execution to its end. Returns its description."""
        client = self.client("stepfunctions")
        execution = client.start_execution(stateMachineArn=state_machine, input=json.dumps(event or {}))["executionArn"]

        def ended() -> dict[str, Any] | None:
            description: dict[str, Any] = client.describe_execution(executionArn=execution)
            return None if description["status"] == "RUNNING" else description

        return wait_for(ended, f"the end of {execution}")


def task(function_arn: str, **more: Any) -> dict[str, Any]:
    """A workflow of one step, which invokes a function with the execution's input."""
    step = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": function_arn, "Payload.$": "$"},
        "OutputPath": "$.Payload",
        "End": True,
        **more,
    }
    return {"StartAt": "step", "States": {"step": step}}
