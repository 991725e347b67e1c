"""What belongs to a resource and stands in resources of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies import owned
from policies.model import Resource, Undecidable, Unknown, Values, options, text
from policies.rule import rule
from policies.shapes import RULE_GROUPS

# For a type: the types of its parts, and the attribute of a part that names it. Each is there once, in every case.
PARTS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "aws_api_gateway_rest_api": (
        ("aws_api_gateway_stage", "rest_api_id"),
        ("aws_api_gateway_request_validator", "rest_api_id"),
        ("aws_api_gateway_method_settings", "rest_api_id"),
    ),
    "aws_api_gateway_stage": (("aws_wafv2_web_acl_association", "resource_arn"),),
    "aws_backup_plan": (("aws_backup_selection", "plan_id"),),
    "aws_cloudwatch_event_bus": (("aws_cloudwatch_event_archive", "event_source_arn"),),
    "aws_ecr_repository": (
        ("aws_ecr_lifecycle_policy", "repository"),
        ("aws_ecr_repository_policy", "repository"),
    ),
    "aws_kms_key": (("aws_kms_alias", "target_key_id"),),
    "aws_s3_bucket": tuple(
        (f"aws_s3_bucket_{part}", "bucket")
        for part in (
            "lifecycle_configuration",
            "ownership_controls",
            "policy",
            "public_access_block",
            "server_side_encryption_configuration",
            "versioning",
        )
    ),
    "aws_vpc": (("aws_default_security_group", "vpc_id"), ("aws_flow_log", "vpc_id")),
    "aws_wafv2_web_acl": (("aws_wafv2_web_acl_logging_configuration", "resource_arn"),),
}
AT_MOST_ONCE: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "aws_lambda_function": (("aws_lambda_function_event_invoke_config", "function_name"),),
    "aws_s3_bucket": (("aws_s3_bucket_notification", "bucket"),),
}
ERRORS: Final = frozenset({"DEFAULT_4XX", "DEFAULT_5XX", "INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT", "THROTTLED"})
ARTIFACTS: Final = "${var.context.artifact_bucket}"
NEVER_LOGGED: Final = frozenset({"authorization", "cookie"})


@rule(
    "CKV_FEP_45",
    "Resources have all parts that belong to them, once and in every case",
    *sorted({*PARTS, *AT_MOST_ONCE, "aws_dynamodb_table", "aws_sns_topic"}),
    rows=("PLT-31", "WHK-01", "TXF-01", "EVT-03", "EVT-31"),
    fix="Add the resource that the message names, without `count`, and remove a second one: the later of two wins.",
    forms=("hcl",),
)
def resources_have_their_parts(resource: Resource) -> Iterator[str]:
    """What protects a resource often stands in a resource of its own: the log of a web ACL, the versions of a bucket,
    the backups of a table. Removed, or left out under a condition, nothing looks wrong: every resource that is there
    is right. Of two for the same resource, the one that is applied later wins.
    """
    for type_, attribute in PARTS.get(resource.type, ()):
        found = [part for part in resource.world.of(type_, near=resource) if _names(part, attribute, resource)]
        if not [part for part in found if part.certain or part.only_where == resource.only_where != ""]:
            yield f"there is no {type_} for it, or not in every case"
        if len(found) > 1:
            yield f"there are {len(found)} {type_} for it: {', '.join(part.address for part in found)}"
    for type_, attribute in AT_MOST_ONCE.get(resource.type, ()):
        found = [part for part in _of_system(resource, type_) if _names(part, attribute, resource)]
        if len(found) > 1:
            yield f"there are {len(found)} {type_} for it: {', '.join(part.address for part in found)}"
    match resource.type:
        case "aws_api_gateway_rest_api":
            yield from _answers(resource)
            yield from _open_methods(resource)
        case "aws_dynamodb_table":
            yield from _backups(resource)
        case "aws_s3_bucket":
            yield from _archive(resource)
        case "aws_sns_topic":
            yield from _readers(resource)
        case "aws_wafv2_web_acl":
            yield from _rules(resource)


def _of_system(resource: Resource, type_: str) -> list[Resource]:
    system = owned.system_of(resource)
    return [other for other in resource.world.of(type_) if owned.system_of(other) == system]


def _names(part: Resource, attribute: str, resource: Resource) -> bool:
    """Whether an attribute names the resource: by a reference, or by its name."""
    wanted = {owned.reference_text(resource, one) for one in ("arn", "id", "key_id", "name", "bucket")}
    for name in ("name", "bucket", "function_name"):
        value = resource.value(name)
        if isinstance(value, str | Unknown):
            wanted.add(text(value))
    found = [option for option in options(part.value(attribute)) if isinstance(option, str | Unknown)]
    return any(text(option) in wanted for option in found)


def _answers(api: Resource) -> Iterator[str]:
    """Errors that API Gateway returns by itself say what is behind the API, unless it has answers of ours."""
    found = {
        option
        for answer in api.world.of("aws_api_gateway_gateway_response", near=api)
        if _names(answer, "rest_api_id", api) and answer.certain
        for option in options(answer.value("response_type"))
    }
    if missing := sorted(ERRORS - found):
        yield f"there is no aws_api_gateway_gateway_response of it for {', '.join(missing)}"


def _open_methods(api: Resource) -> Iterator[str]:
    """Where an API has a usage plan, every method asks for a key: one without would have no limit."""
    if not api.world.of("aws_api_gateway_usage_plan", near=api):
        return
    for method in api.world.of("aws_api_gateway_method", near=api):
        if _names(method, "rest_api_id", api) and any(
            one is not True for one in options(method.value("api_key_required"))
        ):
            yield f"{method.address} asks for no API key, and the API has a usage plan"


def _backups(table: Resource) -> Iterator[str]:
    """A copy of each table stays when the table is deleted, where the environment has backups."""
    own = set(owned.arn_texts(table))
    selected = {
        text(member)
        for selection in _of_system(table, "aws_backup_selection")
        for option in options(selection.value("resources"))
        for member in (option if isinstance(option, list) else [])
        if isinstance(member, str | Unknown)
    }
    if not own & selected:
        yield "no aws_backup_selection has it: where the environment has backups, it would have none"


def _archive(bucket: Resource) -> Iterator[str]:
    """Files are archived. Artefacts are not: a function that is deployed again needs its artefact at once."""
    if str(bucket.get("bucket")) == ARTIFACTS:
        return
    for part in bucket.world.of("aws_s3_bucket_lifecycle_configuration", near=bucket):
        if _names(part, "bucket", bucket) and not [one for one in part.blocks("rule") if one.blocks("transition")]:
            yield f"{part.address} has no rule that archives what is old"


def _readers(topic: Resource) -> Iterator[str]:
    """An alarm that nobody reads is none."""
    alarms = [
        alarm
        for alarm in _of_system(topic, "aws_cloudwatch_metric_alarm")
        if set(owned.arn_texts(topic)) & {text(one) for one in _listed(alarm.value("alarm_actions"))}
    ]
    subscriptions = [one for one in _of_system(topic, "aws_sns_topic_subscription") if _names(one, "topic_arn", topic)]
    if alarms and not [one for one in subscriptions if one.certain]:
        yield f"{len(alarms)} alarms publish to it, and nobody has subscribed to it in every case"


def _listed(value: object) -> list[str | Unknown]:
    return [
        member
        for option in options(value)
        for member in (option if isinstance(option, list) else [])
        if isinstance(member, str | Unknown)
    ]


def _rules(acl: Resource) -> Iterator[str]:
    groups = [name for one in _statements(acl) for name in [_get(one, "managed_rule_group_statement.name")] if name]
    if sorted(map(str, groups)) != sorted(RULE_GROUPS):
        yield f"it has the rule groups {', '.join(map(str, groups))}: it needs each of {', '.join(RULE_GROUPS)} once"
    rates = [block for block in acl.blocks("rule") if _get(block, "statement.rate_based_statement.limit")]
    if not [block for block in rates if [one for one in block.blocks("action") if one.blocks("block")]]:
        yield "it has no rule that blocks an address by its rate"
    for logging in acl.world.of("aws_wafv2_web_acl_logging_configuration", near=acl):
        if _names(logging, "resource_arn", acl):
            redacted = {_get(block, "single_header.name") for block in logging.blocks("redacted_fields")}
            keys = {"x-api-key"} if acl.world.of("aws_api_gateway_usage_plan", near=acl) else set()
            if missing := sorted((NEVER_LOGGED | keys) - redacted):
                yield f"{logging.address} writes {', '.join(missing)} to the log: redact it"
            kept = {
                _get(condition, "action_condition.action")
                for filter_ in logging.blocks("logging_filter")
                for inner in filter_.blocks("filter")
                for condition in inner.blocks("condition")
            }
            if missing := sorted({"BLOCK", "COUNT"} - kept):
                yield f"{logging.address} does not keep requests with the action {', '.join(missing)}"


def _statements(acl: Resource) -> list[Values]:
    return [statement for rule_ in acl.blocks("rule") for statement in rule_.blocks("statement")]


def _get(values: Values, path: str) -> object:
    try:
        return values.get(path)
    except Undecidable:
        return None
