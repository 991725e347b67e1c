"""Whether what one resource names is the right resource for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from policies import iam, owned
from policies.model import MISSING, Resource, Undecidable, Unknown, decode, items, options, text
from policies.rule import rule
from policies.shapes import NO_RULE
from policies.statements import Here

_BUCKET: Final = "aws_s3_bucket_server_side_encryption_configuration"
# For each type: the attribute that names its key.
KEYS: Final = {
    "aws_backup_vault": "kms_key_arn",
    "aws_cloudwatch_event_bus": "kms_key_identifier",
    "aws_cloudwatch_log_group": "kms_key_id",
    "aws_dynamodb_table": "server_side_encryption.kms_key_arn",
    "aws_ecr_repository": "encryption_configuration.kms_key",
    "aws_lambda_function": "kms_key_arn",
    _BUCKET: "rule.apply_server_side_encryption_by_default.kms_master_key_id",
    "aws_secretsmanager_secret": "kms_key_id",
    "aws_sfn_state_machine": "encryption_configuration.kms_key_id",
    "aws_sns_topic": "kms_master_key_id",
    "aws_sqs_queue": "kms_master_key_id",
}
_STORES: Final = frozenset({"aws_backup_vault", "aws_dynamodb_table"})
# What a key is for, by what it is called ("data_key", "logs_key"): the types that it may encrypt.
PURPOSES: Final[Mapping[str, frozenset[str]]] = {
    "data": frozenset({*KEYS} - {"aws_cloudwatch_log_group"}),
    "dynamodb": _STORES,
    "lambda": frozenset({"aws_cloudwatch_log_group", "aws_lambda_function", "aws_sns_topic", "aws_sqs_queue"}),
    "logs": frozenset({"aws_cloudwatch_log_group", "aws_sns_topic"}),
    "s3": frozenset({_BUCKET}),
    "": frozenset({"aws_cloudwatch_log_group", _BUCKET}),  # units with one key
}

# The types that take a role, the attribute that names it, and the service that takes it for them.
USERS: Final = (
    ("aws_api_gateway_account", "cloudwatch_role_arn", "apigateway.amazonaws.com"),
    ("aws_backup_selection", "iam_role_arn", "backup.amazonaws.com"),
    ("aws_cloudwatch_event_target", "role_arn", "events.amazonaws.com"),
    ("aws_flow_log", "iam_role_arn", "vpc-flow-logs.amazonaws.com"),
    ("aws_lambda_function", "role", "lambda.amazonaws.com"),
    ("aws_sfn_state_machine", "role_arn", "states.amazonaws.com"),
)


@rule(
    "CKV_FEP_46",
    "What resources name is right for them: keys, roles, dead letters, targets",
    *sorted(
        {
            *KEYS,
            "aws_api_gateway_integration",
            "aws_cloudwatch_event_rule",
            "aws_cloudwatch_event_target",
            "aws_iam_role",
            "aws_lambda_permission",
            "aws_sns_topic_subscription",
        }
    ),
    rows=("PLT-31", "EVT-03", "EVT-30", "EVT-32", "EVT-33", "TXF-03", "TXF-40"),
    fix="Name the resource that was made for it: the key of this purpose, a role of its own, the queue that admits it.",
    forms=("hcl",),
)
def edges_fit_together(resource: Resource) -> Iterator[str]:
    """Each end of an edge can be right alone, and the edge still be wrong. A table with the key of the logs is
    encrypted with a customer-managed key. Dead letters that go to the queue of another rule are refused there, and
    lost.
    """
    if resource.type in KEYS:
        yield from _key(resource)
    if edge := EDGES.get(resource.type):
        yield from edge(resource)


def _find(resource: Resource, value: Any, *types: str) -> Resource | None:
    return owned.owned(resource, value, *types)


# Keys ----------------------------------------------------------------------------------------------------------------


def purpose(key: Resource) -> str:
    """What a key is for: what its module or its resource is called, without "key" at its end."""
    called = re.findall(r"module\.([\w-]+)", key.address)
    name = called[-1] if called else key.name
    return name.removesuffix("key").rstrip("_")


def _key(resource: Resource) -> Iterator[str]:
    for option in options(resource.get(KEYS[resource.type])):
        key = _find(resource, option, "aws_kms_key")
        if key is None:
            continue  # other rules ask for a key
        name = purpose(key)
        if resource.type not in PURPOSES.get(name, frozenset()):
            what = f"what is called {name!r}" if name in PURPOSES else f"a purpose {name!r} ({NO_RULE})"
            yield f"its key is {key.address}, which is for {what}, and not for an {resource.type}"
        if resource.type == "aws_cloudwatch_log_group":
            yield from _admits_logs(key, resource)


def _admits_logs(key: Resource, group: Resource) -> Iterator[str]:
    here = Here.of(group)
    service = ("Service", f"logs.{here.region}.amazonaws.com")
    own = here.arns()
    for statements in iam.policies(key.get("policy")):
        patterns = [
            value
            for statement in statements
            if service in statement.principals
            for names in statement.conditions.values()
            for name, values in names.items()
            if name.lower() == "kms:encryptioncontext:aws:logs:arn"
            for value in values
        ]
        if not any(owned.like(arn, pattern) for arn in own for pattern in patterns):
            yield f"{key.address} does not admit CloudWatch Logs for it: no entry of its log groups could be written"


# Roles ---------------------------------------------------------------------------------------------------------------


def _role(role: Resource) -> Iterator[str]:
    users = [
        (user, service)
        for type_, attribute, service in USERS
        for user in role.world.of(type_, near=role)
        if any(_find(user, option, "aws_iam_role") is role for option in options(user.get(attribute)))
    ]
    if len(users) != 1:
        yield f"{', '.join(user.address for user, _ in users) or 'nothing'} takes it: a role is for one resource"
    for statement in iam.statements(role.get("assume_role_policy")):
        for _, who in statement.principals:
            for user, service in users:
                if who != service:
                    yield f"it trusts {who}, and {user.address} takes it by {service}"


def granted(role: Resource, action: str) -> list[str]:
    """The texts of the resources that a role's policies allow an action on."""
    return [
        said
        for policy in role.world.of("aws_iam_role_policy", near=role)
        if any(isinstance(one, Unknown) and role in one.resources() for one in options(policy.get("role")))
        for statement in iam.statements(policy.get("policy"))
        if statement.allows and action in statement.actions
        for said in statement.resources
    ]


def _role_of(resource: Resource, attribute: str) -> Resource | None:
    found = [_find(resource, option, "aws_iam_role") for option in options(resource.get(attribute))]
    return found[0] if len(found) == 1 else None


def differs(resource: Resource, role: Resource | None, action: str, wanted: set[Resource], why: str) -> Iterator[str]:
    """Say how what a role may do differs from what its user does."""
    if role is None:
        if wanted:
            yield f"it has no role of this unit, and {why}"
        return
    found = {found[0] for said in granted(role, action) if (found := owned.index(resource).find(said))}
    for other in sorted(found - wanted, key=lambda one: one.address):
        yield f"{role.address} may {action} {other.address}, and {why} does not"
    for other in sorted(wanted - found, key=lambda one: one.address):
        yield f"{role.address} may not {action} {other.address}, and {why} does"


# Dead letters --------------------------------------------------------------------------------------------------------


def _refuses(queue: Resource | None, source: Resource, service: str) -> Iterator[str]:
    """Say that the queue of dead letters does not admit who sends there."""
    if queue is None:
        return  # other rules ask for a queue
    own = set(owned.arn_texts(source))
    for statements in iam.policies(queue.get("policy")):
        admitted = {
            value
            for statement in statements
            if statement.allows and ("Service", service) in statement.principals
            for names in statement.conditions.values()
            for values in names.values()
            for value in values
        }
        if not own & admitted:
            yield f"its dead letters go to {queue.address}, whose policy does not admit {source.address}"


def _target(target: Resource) -> Iterator[str]:
    rules = [one for one in target.world.of("aws_cloudwatch_event_rule", near=target) if _is_rule(target, one)]
    if len(rules) != 1:
        yield f"{len(rules)} rules are called {target.get('rule')}"
    for one in rules:
        for option in options(target.get("dead_letter_config.arn")):
            yield from _refuses(_find(target, option, "aws_sqs_queue"), one, "events.amazonaws.com")
    workflows = {_find(target, option, "aws_sfn_state_machine") for option in options(target.get("arn"))} - {None}
    role = _role_of(target, "role_arn") if target.get("role_arn") is not MISSING else None
    yield from differs(
        target, role, "states:StartExecution", {one for one in workflows if one is not None}, "the target starts it"
    )
    if role is None and target.get("role_arn") is not MISSING:
        yield "its role is not one of this unit"
    if not workflows and role is not None:
        yield "it has a role, and starts no workflow"
    for option in options(target.get("arn")):
        group = _find(target, option, "aws_cloudwatch_log_group")
        if group is not None and not text(group.get("name")).startswith("/aws/events/"):
            yield f"{group.address} is not called /aws/events/..., and EventBridge may write to no other"


def _is_rule(target: Resource, rule_: Resource) -> bool:
    return _same(target.get("rule"), rule_.get("name")) and _same(
        target.get("event_bus_name"), rule_.get("event_bus_name")
    )


def _same(one: Any, other: Any) -> bool:
    found = [isinstance(value, str | Unknown) for value in (one, other)]
    return all(found) and text(one) == text(other)


def _bus(bus: Resource) -> Iterator[str]:
    for option in options(bus.get("dead_letter_config.arn")):
        yield from _refuses(_find(bus, option, "aws_sqs_queue"), bus, "events.amazonaws.com")


def _subscription(subscription: Resource) -> Iterator[str]:
    topic = next((_find(subscription, one, "aws_sns_topic") for one in options(subscription.get("topic_arn"))), None)
    to_function = subscription.get("protocol") == "lambda"
    if to_function != any(
        _find(subscription, one, "aws_lambda_function") for one in options(subscription.get("endpoint"))
    ):
        yield f"its endpoint is {subscription.get('endpoint')}, which is nothing for {subscription.get('protocol')}"
    for option in options(subscription.get("redrive_policy")):
        if option is not MISSING and topic is not None:
            for arn in options(decode(option).get("deadLetterTargetArn")):
                yield from _refuses(_find(subscription, arn, "aws_sqs_queue"), topic, "sns.amazonaws.com")


def _function(function: Resource) -> Iterator[str]:
    role = _role_of(function, "role")
    for queue in _dead_letters(function):
        users = [other.address for other in function.world.of("aws_lambda_function") if queue in _dead_letters(other)]
        if len(users) > 1:
            yield f"its dead letters go to {queue.address}, where those of {', '.join(users)} go, too"
        sent = (
            {found[0] for said in granted(role, "sqs:SendMessage") if (found := owned.index(role).find(said))}
            if role
            else set()
        )
        if queue not in sent:
            yield f"its dead letters go to {queue.address}, and its role may not send there"
    in_network = any(owned.system_of(one) == owned.system_of(function) for one in function.world.of("aws_vpc"))
    blocks = function.blocks("vpc_config")
    if in_network != bool(blocks):
        yield (
            "its system has a network, and it has no vpc_config"
            if in_network
            else "it has a vpc_config, and its system has no network"
        )
    for block in blocks:
        for name in ("security_group_ids", "subnet_ids"):
            value = block.value(name)
            if not isinstance(value, list) and "var.context.functions_in_vpc" not in str(value):
                yield f"vpc_config.{name} is {value}: only the setting `functions_in_vpc` may decide where it runs"


def _dead_letters(function: Resource) -> list[Resource]:
    given = list(options(function.get("dead_letter_config.target_arn")))
    for configuration in function.world.of("aws_lambda_function_event_invoke_config", near=function):
        if _same(configuration.get("function_name"), function.get("function_name")):
            given += options(configuration.get("destination_config.on_failure.destination"))
    return [queue for option in given if (queue := _find(function, option, "aws_sqs_queue"))]


def _queue(queue: Resource) -> Iterator[str]:
    """A queue that gives its dead letters to another is admitted there by name."""
    for option in options(queue.get("redrive_policy")):
        target = None if option is MISSING else decode(option).get("deadLetterTargetArn")
        letters = _find(queue, target, "aws_sqs_queue")
        if letters is not None:
            if letters.root != queue.root:
                yield f"its dead letters go to {letters.address} of another unit"
            if not set(owned.arn_texts(queue)) & set(_sources(letters)):
                yield f"its dead letters go to {letters.address}, whose redrive_allow_policy does not admit it"
    if queue.get("redrive_allow_policy") is not MISSING:
        for said in _sources(queue):
            if _find(queue, said, "aws_sqs_queue") is None:
                yield f"its redrive_allow_policy admits {said}, which is no queue of this system"


def _sources(queue: Resource) -> list[str]:
    found = []
    for option in options(queue.get("redrive_allow_policy")):
        if option is not MISSING:
            document = decode(option)
            if set(document) != {"redrivePermission", "sourceQueueArns"} or document["redrivePermission"] != "byQueue":
                raise Undecidable(f"redrive_allow_policy is {document}, and not `byQueue` with sourceQueueArns")
            found += [text(one) for one in items(document["sourceQueueArns"])]
    return found


# Invocations ---------------------------------------------------------------------------------------------------------


def _integration(integration: Resource) -> Iterator[str]:
    place = Here.of(integration)
    prefix = f"arn:aws:apigateway:{place.region}:lambda:path/2015-03-31/functions/"
    for option in options(integration.get("uri")):
        said = text(option)
        arn = said.removeprefix(prefix).removesuffix("/invocations")
        found = owned.index(integration).find(arn)
        if f"{prefix}{arn}/invocations" != said or found is None or found[1] or found[0].type != "aws_lambda_function":
            yield f"uri is {said}, which invokes no function of this system"
        elif found[0].root != integration.root:
            yield f"uri invokes {found[0].address} of another unit"


def _permission(permission: Resource) -> Iterator[str]:
    arn = permission.get("source_arn")
    principal = permission.get("principal")
    for option in options(arn):
        if option is MISSING:
            yield "source_arn is not set, or not in every case"
        elif principal == "apigateway.amazonaws.com":
            apis = permission.world.of("aws_api_gateway_rest_api", near=permission)
            own = [owned.reference_text(api, "execution_arn") for api in apis]
            path = re.compile(r"/\$\{var\.context\.suffix\}/(DELETE|GET|PATCH|POST|PUT)(/([\w-]+|\*))+")
            if not any(text(option).startswith(one) and path.fullmatch(text(option)[len(one) :]) for one in own):
                yield f"source_arn is {option}: name the stage, the method and the path of an API of this unit"
        else:
            types = {"s3.amazonaws.com": "aws_s3_bucket", "sns.amazonaws.com": "aws_sns_topic"}
            type_ = types.get(str(principal), "")
            if not type_ or _find(permission, option, type_) is None:
                yield f"source_arn is {option}, which is no {type_ or 'known source'} of this system"
    if principal == "s3.amazonaws.com" and permission.get("source_account") is MISSING:
        yield "source_account is not set: the ARN of a bucket has no account"


def _event_rule(rule_: Resource) -> Iterator[str]:
    """A pattern says whose events it takes: on the default bus a bucket's, on a bus of ours those of a source."""
    for option in options(rule_.get("event_pattern")):
        pattern = decode(option)
        if not isinstance(pattern, Mapping):
            raise Undecidable(f"event_pattern is {pattern}")
        if rule_.get("event_bus_name") == "default":
            buckets = [_find(rule_, one, "aws_s3_bucket") for one in items(pattern.get("resources"))]
            if list(items(pattern.get("source"))) != ["aws.s3"] or not buckets or None in buckets:
                yield "event_pattern takes events of others: name `source` aws.s3 and the bucket in `resources`"
        elif not _is_of_ours(pattern):
            yield "event_pattern takes every event: name `source` and `detail-type`, or what is neither, in `$or`"


def _is_of_ours(pattern: Mapping[str, Any]) -> bool:
    if set(pattern) == {"$or"}:
        names = {name for one in items(pattern["$or"]) if isinstance(one, Mapping) for name in one}
        return names == {"source", "detail-type"}
    named = [items(pattern.get(name)) for name in ("source", "detail-type")]
    return all(named) and all(isinstance(one, str | Unknown) and one != "*" for values in named for one in values)


EDGES: Final[Mapping[str, Callable[[Resource], Iterator[str]]]] = {
    "aws_api_gateway_integration": _integration,
    "aws_cloudwatch_event_bus": _bus,
    "aws_cloudwatch_event_rule": _event_rule,
    "aws_cloudwatch_event_target": _target,
    "aws_iam_role": _role,
    "aws_lambda_function": _function,
    "aws_lambda_permission": _permission,
    "aws_sns_topic_subscription": _subscription,
    "aws_sqs_queue": _queue,
}
