"""What the roles of this repository may do, by the service that takes the role, and where each permission ends.

A permission ends at one resource that the same system creates, of the type that the action is for, or at the part of it
that AWS names in the action's documentation (a bucket's objects, a table's index). Which types an action is for is in
AWS's Service Authorization Reference (`policies.iam`); what a role needs is here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from policies import iam, owned
from policies.model import Resource, Undecidable, options, points_at
from policies.shapes import NO_RULE
from policies.statements import Here, only, other_versions

_KEYS: Final = frozenset({"kms:Decrypt", "kms:GenerateDataKey"})
_INTERFACES: Final = frozenset(
    {
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:UnassignPrivateIpAddresses",
    }
)
_LOOKS: Final = frozenset({"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"})
_TRACES: Final = frozenset({"xray:PutTelemetryRecords", "xray:PutTraceSegments"})
DATA: Final = frozenset(
    {
        "dynamodb:BatchGetItem",
        "dynamodb:ConditionCheckItem",
        "dynamodb:DeleteItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
        "events:PutEvents",
        "lambda:InvokeFunction",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:PutObject",
        "secretsmanager:GetSecretValue",
        "sns:Publish",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
        "sqs:SendMessage",
    }
)
"""What code does with data. None of it changes a resource, its policy or its settings."""

USES: Final[Mapping[str, frozenset[str]]] = {
    "apigateway.amazonaws.com": frozenset(
        {
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:DescribeLogGroups",
            "logs:DescribeLogStreams",
            "logs:FilterLogEvents",
            "logs:GetLogEvents",
            "logs:PutLogEvents",
        }
    ),
    "backup.amazonaws.com": _KEYS
    | {
        "backup:CopyIntoBackupVault",
        "backup:DescribeBackupVault",
        "dynamodb:CreateBackup",
        "dynamodb:DeleteBackup",
        "dynamodb:DescribeBackup",
        "dynamodb:DescribeTable",
        "dynamodb:ListTagsOfResource",
        "dynamodb:StartAwsBackupJob",
        "kms:CreateGrant",
        "kms:DescribeKey",
    },
    "events.amazonaws.com": frozenset({"states:StartExecution"}),
    "lambda.amazonaws.com": DATA
    | _KEYS
    | _INTERFACES
    | _LOOKS
    | _TRACES
    | {"logs:CreateLogStream", "logs:PutLogEvents"},
    "states.amazonaws.com": _KEYS
    | _TRACES
    | {
        "dynamodb:UpdateItem",
        "lambda:InvokeFunction",
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
        "sqs:SendMessage",
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
    },
    "vpc-flow-logs.amazonaws.com": frozenset(
        {"logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:PutLogEvents"}
    ),
}

# What follows the ARN of a resource, for each of the resource types of an action: (service, type), as the reference
# calls them, to our type and a pattern of the rest.
PARTS: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("backup", "backupVault"): ("aws_backup_vault", ""),
    ("dynamodb", "backup"): ("aws_dynamodb_table", r"/backup/\*"),
    ("dynamodb", "index"): ("aws_dynamodb_table", r"/index/[\w-]+"),
    ("dynamodb", "table"): ("aws_dynamodb_table", ""),
    ("ec2", "security-group"): ("aws_security_group", ""),
    ("ec2", "subnet"): ("aws_subnet", ""),
    ("events", "event-bus"): ("aws_cloudwatch_event_bus", ""),
    ("kms", "key"): ("aws_kms_key", ""),
    ("lambda", "function"): ("aws_lambda_function", ""),
    ("logs", "log-group"): ("aws_cloudwatch_log_group", r"(:\*)?"),
    ("logs", "log-stream"): ("aws_cloudwatch_log_group", r"(:\*)?"),
    ("s3", "object"): ("aws_s3_bucket", r"/([\w-]+/)*\*"),
    ("secretsmanager", "Secret"): ("aws_secretsmanager_secret", ""),
    ("sns", "topic"): ("aws_sns_topic", ""),
    ("sqs", "queue"): ("aws_sqs_queue", ""),
    ("states", "statemachine"): ("aws_sfn_state_machine", ""),
}


# What stands for the outputs of units that are not applied yet (`modules/systems/*/*/mock_outputs.yaml`).
_MOCK: Final = re.compile(r"-mock\b|:0{12}:|/[a-z]+-0{10}")


def wide_permissions(policy: Resource) -> Iterator[str]:
    """Say which permissions of a role's policy, or of an endpoint's, do not end at one resource. Raises Undecidable."""
    services = ["endpoint"] if policy.type == "aws_vpc_endpoint" else trusted(policy)
    uses = DATA if services == ["endpoint"] else frozenset[str]().union(*(USES.get(one, ()) for one in services))
    if len(services) != 1:
        yield f"the role is for {', '.join(services) or 'nobody'}: a role is for one service"
    yield from other_versions(policy.get("policy"))
    for statements in iam.policies(policy.get("policy")):
        for statement in statements:
            yield from _problems(statement, policy, uses, services)


def trusted(policy: Resource) -> list[str]:
    """The services that may take the role of a policy."""
    found = [
        who
        for role in policy.world.of("aws_iam_role", near=policy)
        if points_at(policy.get("role"), role)
        for statement in iam.statements(role.get("assume_role_policy"))
        for _, who in statement.principals
    ]
    return sorted(set(found))


def _problems(statement: iam.Statement, policy: Resource, uses: frozenset[str], services: list[str]) -> Iterator[str]:
    if statement.effect == "Deny":
        if not _is_known_deny(statement, policy):
            yield f"{statement} denies in a form that is not known: {NO_RULE}"
        return
    if statement.effect != "Allow" or statement.not_actions or statement.not_resources or statement.not_principals:
        yield f"{statement} names what it leaves out, or neither allows nor denies"
        return
    yield from _conditions(statement, policy, services)
    for action in statement.actions:
        if action not in uses:
            yield f"{statement} allows {action}, which a role of {', '.join(services)} does not need: {NO_RULE}"
            continue
        for resource in statement.resources:
            if problem := _ends_elsewhere(action, resource, policy, services):
                yield f"{statement} allows {action} on {resource}: {problem}"


def _conditions(statement: iam.Statement, policy: Resource, services: list[str]) -> Iterator[str]:
    wanted: Mapping[str, Mapping[str, tuple[str, ...]]] = {}
    if services == ["endpoint"]:
        account, _ = policy.world.place(policy)
        wanted = {"StringEquals": {"aws:PrincipalAccount": (account,)}}
        if statement.principals != (("AWS", "*"),):
            yield f"{statement} has another principal than *, which a gateway endpoint does not take"
    elif statement.principals:
        yield f"{statement} has a principal, which the policy of a role does not have"
    if "kms:CreateGrant" in statement.actions:
        wanted = {"Bool": {"kms:GrantIsForAWSResource": ("true",)}}
    if dict(statement.conditions) != wanted:
        given = dict(statement.conditions) or "none"
        yield f"{statement} has another condition than is known: {given}, and not {wanted or 'none'}"


def _ends_elsewhere(action: str, said: str, policy: Resource, services: list[str]) -> str:
    """Why a resource is not one of this system that the action is for; empty where it is."""
    types = iam.resource_types(action)
    if types is None:
        return "AWS has no such action"
    if said == "*":
        return "" if not types else "name one resource of this system"
    if action in _INTERFACES and said == _prefix(policy, "ec2", "network-interface/*"):
        return ""  # nobody knows their ids before Lambda makes them
    if services == ["apigateway.amazonaws.com"] and _is_log_of_apis(said, policy):
        return ""
    found = owned.index(policy).find(said)
    if found is None and policy.world.form == "plan" and _MOCK.search(said):
        raise Undecidable(f"{said} is the mock of another unit's output")
    if found is None:
        return "no resource of this system has this ARN"
    resource, rest = found
    for kind in types:
        type_, pattern = PARTS.get((action.partition(":")[0], kind), ("", ""))
        if resource.type == type_ and re.fullmatch(pattern, rest):
            return ""
    return f"it ends at {resource.address}{rest and f' and {rest}'}, and the action is for {', '.join(types)}"


def _prefix(policy: Resource, service: str, rest: str) -> str:
    account, region = policy.world.place(policy)
    return f"arn:aws:{service}:{region}:{account}:{rest}"


def _is_log_of_apis(said: str, policy: Resource) -> bool:
    """API Gateway has one role for the logs of all APIs of an account, whose groups have these names."""
    groups = [
        _prefix(policy, "logs", f"log-group:{name}") for name in ("API-Gateway-Execution-Logs_*", "/aws/apigateway/*")
    ]
    return said in groups or said in [f"{group}:log-stream:*" for group in groups]


def _is_known_deny(statement: iam.Statement, policy: Resource) -> bool:
    if statement.not_actions or statement.not_resources or statement.principals or statement.resources != ("*",):
        return False
    if not statement.conditions:
        return only("dynamodb:DeleteTable", "s3:DeleteBucket")(statement.actions)
    here = Here.of(policy)
    own = [one for one in policy.world.of("aws_lambda_function", near=policy) if _shares_role(policy, one)]
    wanted = _INTERFACES | _LOOKS | {"ec2:DetachNetworkInterface"}
    return (
        list(statement.conditions) == ["ArnEquals"]
        and list(statement.conditions["ArnEquals"]) == ["lambda:SourceFunctionArn"]
        and here.one_of("aws_lambda_function")(statement.conditions["ArnEquals"]["lambda:SourceFunctionArn"])
        and all(
            owned.index(policy).find(one) == (own[0], "")
            for one in statement.conditions["ArnEquals"]["lambda:SourceFunctionArn"]
            if own
        )
        and set(statement.actions) == wanted
    )


def _shares_role(policy: Resource, function: Resource) -> bool:
    return any(
        points_at(policy.get("role"), role) and points_at(option, role)
        for role in policy.world.of("aws_iam_role", near=policy)
        for option in options(function.get("role"))
    )
