"""How one service of the emulator calls another, under the policies that AWS evaluates: for patches that deliver.

A service calls either as itself (the target's resource policy must admit the service principal) or in a role that it
assumes (the role's policies must allow the call, and no policy may deny it).
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.concurrency import esm_wake
from ministack.core.responses import get_account_id, get_region, new_uuid
from ministack.services import cloudwatch_logs, iam, lambda_svc, sns, sqs


class UndeliveredError(Exception):
    """A target did not take what was sent; `code` is AWS's name for why, `retryable` whether another try may help."""

    def __init__(self, code: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.retryable = retryable


def role_allows(role_arn: str, action: str, resource_arn: str) -> bool:
    """Whether a role may do something, by its own policies and the policy of the resource."""
    account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    context = iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/{name}/service",
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource_arn,
        region=get_region(),
        secure_transport=True,
    )
    result = iam_evaluator.evaluate(context, iam_evaluator._gather_role_policies(name, account))
    service = action.split(":", 1)[0]
    policy = iam_evaluator._resource_policy(service, resource_arn)
    if policy is not None:
        result = iam_evaluator.combine_resource_policy(result, context, *policy)
    return bool(result.decision == "Allow")


def assumed_role_allows(service: str, role_arn: str, action: str, resource_arn: str, source_arn: str) -> bool:
    """Whether a role trusts a service principal that acts for a resource, and allows it to do something."""
    account, name = (role_arn.split(":") + [""] * 5)[4], role_arn.rsplit("/", 1)[-1]
    role = iam._roles.get_scoped(account, None, name)
    if role is None:
        return False
    trust = role["AssumeRolePolicyDocument"]
    document = json.loads(trust) if isinstance(trust, str) else trust
    statements = document.get("Statement", [])
    # A trust policy names no resource: it is about its role.
    about_role = [
        {**each, "Resource": role_arn} for each in ([statements] if isinstance(statements, dict) else statements)
    ]
    trusted = policy_admits({"Statement": about_role}, service, "sts:AssumeRole", role_arn, source_arn)
    return trusted and role_allows(role_arn, action, resource_arn)


def policy_admits(policy: Any, service: str, action: str, resource_arn: str, source_arn: str) -> bool:
    """Whether a resource policy lets a service principal (`sns.amazonaws.com`) act for a resource of this account."""
    context = iam_evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=resource_arn,
        region=get_region(),
        secure_transport=True,
        service_context={
            "aws:sourcearn": source_arn,
            "aws:sourceaccount": get_account_id(),
            "aws:sourceowner": get_account_id(),  # what the default policy of a topic asks for
        },
    )
    return bool(iam_evaluator.evaluate_resource_policy(policy, context, service=service).decision == "Allow")


def send_to_queue(queue_arn: str, body: str, attributes: Mapping[str, tuple[str, str]] | None = None) -> None:
    """Put a message into a queue; `attributes` are name -> (data type, value). Checks no permission.

    Raises UndeliveredError when there is no such queue, or it does not take the message: its size, or a character
    (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html).
    """
    queue = sqs._queue_by_arn(queue_arn)
    if queue is None:
        raise UndeliveredError("AWS.SimpleQueueService.NonExistentQueue", f"The queue {queue_arn} does not exist.")
    limit = int(queue["attributes"].get("MaximumMessageSize", 1048576))
    if len(body.encode()) > limit:
        raise UndeliveredError("InvalidParameterValue", f"Message must be shorter than {limit} bytes.")
    if sqs._INVALID_SQS_CHARS_RE.search(body):
        raise UndeliveredError("InvalidMessageContents", "The message holds characters outside the allowed set.")
    wire = {name: {"DataType": kind, "StringValue": value} for name, (kind, value) in (attributes or {}).items()}
    now = time.time()
    message = {
        "id": new_uuid(),
        "body": body,
        "md5_body": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
        "md5_attrs": sqs._md5_msg_attrs(wire),
        "message_attributes": wire,
        "sent_at": now,
        "visible_at": now + sqs.queue_delay(queue),
    }
    sqs._ensure_msg_fields(message)
    queue["messages"].append(message)
    esm_wake.set()


def send_to_queue_as(service: str, queue_arn: str, source_arn: str, body: str, **message: Any) -> None:
    """`send_to_queue` as a service principal: raises UndeliveredError also when the queue's policy refuses it."""
    queue = sqs._queue_by_arn(queue_arn)
    if queue is not None and not policy_admits(
        queue["attributes"].get("Policy"), service, "sqs:SendMessage", queue_arn, source_arn
    ):
        raise UndeliveredError("NO_PERMISSIONS", f"The policy of {queue_arn} does not let {service} send messages.")
    send_to_queue(queue_arn, body, **message)


def publish_as(service: str, topic_arn: str, source_arn: str, message: str, subject: str = "") -> None:
    """Publish to a topic as a service principal; raises UndeliveredError."""
    topic = sns._topic_by_arn_any_scope(topic_arn)
    if topic is None:
        raise UndeliveredError("NotFound", f"The topic {topic_arn} does not exist.")
    if not policy_admits(topic["attributes"].get("Policy"), service, "sns:Publish", topic_arn, source_arn):
        raise UndeliveredError("NO_PERMISSIONS", f"The policy of {topic_arn} does not let {service} publish.")
    sns._fanout(topic_arn, new_uuid(), message, subject, "", {})


def invoke_asynchronously_as(service: str, function_arn: str, source_arn: str, event: Any) -> None:
    """Hand an event to a function's asynchronous queue as a service principal.

    Raises UndeliveredError when there is no such function, or its resource policy does not admit the service.
    """
    function, config, name = lambda_svc._get_func_record_for_ref(function_arn)
    if not function or not config:
        raise UndeliveredError("ResourceNotFoundException", f"The function {name} does not exist.")
    policy = lambda_svc.function_policy_for_arn(config["FunctionArn"])
    if policy is None or not policy_admits(
        policy[0], service, "lambda:InvokeFunction", config["FunctionArn"], source_arn
    ):
        raise UndeliveredError("NO_PERMISSIONS", f"The policy of {name} does not let {service} invoke it.")
    lambda_svc.invoke_async_with_retry(lambda_svc._execution_record_for_config(function, config), event)


def write_to_log_group(group_name: str, stream_name: str, messages: list[str]) -> None:
    """Append lines to a stream of a log group, as a service does; raises UndeliveredError without such a group."""
    group = cloudwatch_logs._log_groups.get(group_name)
    if group is None:
        raise UndeliveredError("ResourceNotFoundException", f"The log group {group_name} does not exist.")
    now = int(time.time() * 1000)
    stream = group["streams"].setdefault(
        stream_name,
        {
            "events": [],
            "uploadSequenceToken": "1",
            "creationTime": now,
            "firstEventTimestamp": None,
            "lastEventTimestamp": None,
            "lastIngestionTime": None,
        },
    )
    events = [{"timestamp": now, "message": message} for message in messages]
    cloudwatch_logs._append_log_events(stream, [{**event, "ingestionTime": now} for event in events])
    cloudwatch_logs._fanout_to_subscription_filters(group_name, stream_name, events)


def log_group_of(arn: str) -> str:
    """The name in a log group's ARN, with or without the `:*` at its end. Raises UndeliveredError for another ARN."""
    try:
        resource = parse_arn(arn).resource
    except ArnParseError:
        resource = ""
    if not resource.startswith("log-group:"):
        raise UndeliveredError("ValidationException", f"{arn} is not the ARN of a log group.")
    return str(resource.removeprefix("log-group:").removesuffix(":*"))
