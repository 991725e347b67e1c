"""What a resource may look like: for each type, its attributes and blocks, and what each of them may be.

`policies/rules/resources_have_a_known_shape.py` compares resources with these shapes. What is not here is refused, so
that nothing new arrives without somebody who has thought about it. A shape says what an attribute is allowed to be in
every case: a value that may be null, or another one under some input, does not fit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from policies import owned
from policies.model import MISSING, Input, OneOf, Reference, Resource, Undecidable, Unknown, Values, options, text

NO_RULE: Final = "no rule covers this yet: write one"


# What an attribute may be ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """What an attribute may be."""

    said: str
    """For people: "true", "the ARN of a queue"."""
    fits: Callable[[Any, Resource], bool]
    """Whether one value fits; null never gets here."""
    needed: bool = True
    """Whether it must be there."""
    whole: bool = False
    """Whether `fits` gets all that the value can be at once, as `OneOf`, and not one after the other."""

    def problems(self, value: Any, name: str, resource: Resource) -> Iterator[str]:
        if self.whole:
            if value is MISSING or not self.fits(value, resource):
                yield f"{name} is {value}: it must be {self.said}"
            return
        for option in options(value):
            if option is MISSING:
                if self.needed:
                    yield f"{name} is not set, or not in every case: it must be {self.said}"
            elif not self.fits(option, resource):
                yield f"{name} is {option}: it must be {self.said}"


def optional(wanted: Wanted) -> Wanted:
    return Wanted(wanted.said, wanted.fits, needed=False, whole=wanted.whole)


def exactly(*values: Any) -> Wanted:
    """One of these literals."""

    def fits(value: Any, _: Resource) -> bool:
        return any(type(value) is type(one) and value == one for one in values)

    return Wanted(" or ".join(map(_shown, values)), fits)


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def between(low: int, high: int) -> Wanted:
    def fits(value: Any, _: Resource) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high

    return Wanted(f"a number from {low} to {high}", fits)


def said_by(pattern: str, said: str) -> Wanted:
    """A text that a pattern describes, with `${...}` for the parts that are not known."""

    def fits(value: Any, _: Resource) -> bool:
        return isinstance(value, str | Unknown) and re.fullmatch(pattern, text(value)) is not None

    return Wanted(said, fits)


def _is_text(value: Any, _: Resource) -> bool:
    return isinstance(value, str | Unknown) and bool(text(value))


TEXT: Final = Wanted("a text", _is_text)
NAME: Final = said_by(r"[^*?\s]+", "a name")
_IN_ITS_PLACE: Final = r"\$\{lookup\(var\.context\.restored_tables, (?P<own>[^*?\s]+), (?P=own)\)\}"
TABLE_NAME: Final = said_by(rf"[^*?\s]+|{_IN_ITS_PLACE}", "a name, or what `restored_tables` has in its place")


def setting(name: str) -> Wanted:
    """A setting of the environment, as it is."""

    def fits(value: Any, _: Resource) -> bool:
        return isinstance(value, Unknown) and value.text == f"${{var.context.{name}}}"

    return Wanted(f"the setting `{name}`", fits)


def no_setting(name: str) -> Wanted:
    """The opposite of a setting of the environment."""

    def fits(value: Any, _: Resource) -> bool:
        return isinstance(value, Unknown) and value.text == f"${{!(var.context.{name})}}"

    return Wanted(f"the opposite of the setting `{name}`", fits)


def by_setting(name: str, then: Any, otherwise: Any) -> Wanted:
    """One value where a setting of the environment holds, and another where it does not."""

    def fits(value: Any, _: Resource) -> bool:
        if not isinstance(value, OneOf):
            return bool(value == otherwise)
        return value.options == (then, otherwise) and value.condition == f"${{var.context.{name}}}"

    return Wanted(f"{then} where the setting `{name}` holds, else {otherwise}", fits, whole=True)


def arn_of(*types: str, tail: str = "", here: bool = False) -> Wanted:
    """The ARN of a resource of the same system; with `here`, of the same unit. `tail` follows the ARN."""

    def fits(value: Any, resource: Resource) -> bool:
        if not isinstance(value, str | Unknown):
            return False
        found = owned.index(resource).find(text(value))
        if found is None or found[0].type not in types or found[1] != tail:
            return False
        return not here or found[0].root == resource.root

    return Wanted(f"the ARN of {_types(types)} of this {'unit' if here else 'system'}{tail and f' and {tail}'}", fits)


def ref(attribute: str, *types: str) -> Wanted:
    """A reference to an attribute of a resource of one of these types in the same unit, with nothing around it."""

    def fits(value: Any, resource: Resource) -> bool:
        return (
            isinstance(value, Unknown)
            and value.whole
            and len(value.origins) == 1
            and all(
                isinstance(origin, Reference)
                and origin.resource.type in types
                and origin.attribute == attribute
                and origin.resource.root == resource.root
                for origin in value.origins
            )
        )

    return Wanted(f"the `{attribute}` of {_types(types)} of this unit", fits)


def named(*types: str, attribute: str = "name") -> Wanted:
    """The name of a resource of one of these types in the same system."""

    def fits(value: Any, resource: Resource) -> bool:
        if not isinstance(value, str | Unknown):
            return False
        system = owned.system_of(resource)
        return any(
            text(value) in _names(other, attribute)
            for other in resource.world.of(*types)
            if owned.system_of(other) == system
        )

    return Wanted(f"the name of {_types(types)} of this system", fits)


def _names(resource: Resource, attribute: str) -> set[str]:
    found = {owned.reference_text(resource, one) for one in ("id", attribute)}
    value = resource.value(attribute)
    return found | ({text(value)} if isinstance(value, str | Unknown) else set())


def _types(types: Sequence[str]) -> str:
    return " or ".join(f"an `{type_}`" for type_ in types)


def listed(wanted: Wanted, least: int = 1) -> Wanted:
    """A list whose members all fit."""

    def fits(value: Any, resource: Resource) -> bool:
        return (
            isinstance(value, list)
            and len(value) >= least
            and all(
                option is not MISSING and wanted.fits(option, resource) for item in value for option in options(item)
            )
        )

    return Wanted(f"a list, each of it {wanted.said}", fits)


def mapped(wanted: Wanted, keys: str = r".+") -> Wanted:
    """An object whose values all fit, and whose names a pattern describes."""

    def fits(value: Any, resource: Resource) -> bool:
        return isinstance(value, Mapping) and all(
            re.fullmatch(keys, str(key)) and option is not MISSING and wanted.fits(option, resource)
            for key, member in value.items()
            for option in options(member)
        )

    return Wanted(f"an object, each of it {wanted.said}", fits)


def either(*wanted: Wanted) -> Wanted:
    def fits(value: Any, resource: Resource) -> bool:
        return any(one.fits(value, resource) for one in wanted)

    return Wanted(" or ".join(one.said for one in wanted), fits)


_SCALES: Final = frozenset({Input("context.reserved_concurrency_percent"), Input("validator_concurrency")})


def scaled(least: int) -> Wanted:
    """A number from `least`, or one that settings scale and that `max` keeps at 1 or more."""
    known = between(least, 1000)

    def fits(value: Any, resource: Resource) -> bool:
        return known.fits(value, resource) or (
            isinstance(value, Unknown)
            and re.match(r"\$\{max\([1-9]\d*, floor\(", value.text) is not None
            and frozenset() < value.origins <= _SCALES
        )

    return Wanted(f"{least} or more, also where a setting scales it", fits)


def judged_by(rule: str) -> Wanted:
    """Anything: another rule understands it."""
    return Wanted(f"what {rule} asks", _always)


def _always(_: Any, __: Resource) -> bool:
    return True


ANYTHING: Final = Wanted("set", _always)
KEY: Final = arn_of("aws_kms_key")
QUEUE: Final = arn_of("aws_sqs_queue", here=True)
LOG_GROUP: Final = arn_of("aws_cloudwatch_log_group", here=True)
TAGS: Final = optional(mapped(said_by(r".*\S.*", "not empty"), keys="Name"))
SUFFIX: Final = setting("suffix")


# What a block may be --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Inside:
    """What is in a block, or in the resource itself."""

    attributes: Mapping[str, Wanted] = field(default_factory=dict)
    blocks: Mapping[str, Block] = field(default_factory=dict)

    def problems(self, values: Values, resource: Resource, path: str = "") -> Iterator[str]:
        for name in values.names():
            if name not in self.attributes:
                yield f"{path}{name}: {NO_RULE}"
        for kind in values.kinds():
            if kind not in self.blocks:
                yield f"the block {path}{kind}: {NO_RULE}"
        for name, wanted in self.attributes.items():
            try:
                yield from wanted.problems(values.value(name), f"{path}{name}", resource)
            except Undecidable as fault:
                yield f"{path}{name} cannot be decided: {fault}"
        for kind, block in self.blocks.items():
            yield from block.problems(values, resource, kind, path)


@dataclass(frozen=True)
class Block:
    inside: Inside
    least: int = 1
    most: int = 1
    doubtful: bool = False
    """Whether it may be there in some cases only."""

    def problems(self, values: Values, resource: Resource, kind: str, path: str) -> Iterator[str]:
        found = values.blocks(kind)
        certain = [one for one in found if one.certain]
        if len(certain) < self.least:
            yield f"the block {path}{kind} is not there, or not in every case"
        if len(found) > self.most:
            yield f"the block {path}{kind} is there {len(found)} times: at most {self.most}"
        if len(certain) < len(found) and not self.doubtful:
            yield f"the block {path}{kind} may be there or not"
        for one in found:
            yield from self.inside.problems(one, resource, f"{path}{kind}.")


def block(
    attributes: Mapping[str, Wanted] | None = None,
    blocks: Mapping[str, Block] | None = None,
    *,
    least: int = 1,
    most: int = 1,
    doubtful: bool = False,
) -> Block:
    return Block(Inside(attributes or {}, blocks or {}), least, most, doubtful)


@dataclass(frozen=True)
class Shape:
    """A type of resource that is known."""

    inside: Inside
    only_where: tuple[str, ...] = ()
    """The settings of the environment that may decide whether it is there. Without one, it is there in every case."""

    def problems(self, resource: Resource) -> Iterator[str]:
        allowed = {f"${{var.context.{name}}}" for name in self.only_where}
        if not resource.certain and resource.only_where not in allowed:
            settings = " or ".join(f"the setting `{name}`" for name in self.only_where)
            yield f"it may be there or not: {settings or 'nothing'} may decide that"
        yield from self.inside.problems(resource, resource)


def shape(
    attributes: Mapping[str, Wanted], blocks: Mapping[str, Block] | None = None, only_where: tuple[str, ...] = ()
) -> Shape:
    return Shape(Inside(attributes, blocks or {}), only_where)


# The types ------------------------------------------------------------------------------------------------------------

_API = ref("id", "aws_api_gateway_rest_api")
_DAYS_OF_LOGS: Final = either(setting("log_retention_days"), between(30, 3653))
_DEAD_LETTERS: Final = block({"arn": QUEUE})
_HTTPS: Final = {
    "description": TEXT,
    "from_port": exactly(443),
    "ip_protocol": exactly("tcp"),
    "security_group_id": ref("id", "aws_security_group"),
    "to_port": exactly(443),
}
_METRIC: Final = {
    "dimensions": optional(mapped(TEXT)),
    "metric_name": optional(NAME),
    "namespace": optional(said_by(r"[A-Za-z/]+", "a namespace")),
    "period": optional(between(10, 86400)),
}
_VPC: Final = ref("id", "aws_vpc")
_VISIBILITY: Final = block(
    {"cloudwatch_metrics_enabled": exactly(True), "metric_name": NAME, "sampled_requests_enabled": exactly(False)}
)
_ARTIFACT: Final = r"\$\{jsondecode\(file\(var\.context\.release_manifest\)\)\.[\w-]+\.[\w-]+\."


def _released(name: str) -> Wanted:
    """A field of the function's artefact in the release manifest."""
    return optional(said_by(rf"{_ARTIFACT}{name}\}}", f"the `{name}` of its artefact in the release manifest"))


_NUMBER_OF_DAYS: Final = between(1, 3650)

RULE_GROUPS: Final = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesAnonymousIpList",
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
)
# What WAF only counts, because senders are programs in clouds and their bodies must arrive.
COUNTED: Final = (
    "CrossSiteScripting_BODY",
    "EC2MetaDataSSRF_BODY",
    "GenericLFI_BODY",
    "GenericRFI_BODY",
    "HostingProviderIPList",
    "NoUserAgent_HEADER",
    "SizeRestrictions_BODY",
)

SHAPES: Final[dict[str, Shape]] = {
    "aws_api_gateway_account": shape(
        {"cloudwatch_role_arn": ref("arn", "aws_iam_role"), "reset_on_delete": exactly(True)}
    ),
    "aws_api_gateway_deployment": shape({"rest_api_id": _API, "triggers": ANYTHING}),
    "aws_api_gateway_gateway_response": shape(
        {
            "response_parameters": optional(
                mapped(said_by(r"'\d+'", "a number"), r"gatewayresponse\.header\.Retry-After")
            ),
            "response_templates": mapped(
                said_by(r'\{"error":"[^"]*"\}', "an object with `error` alone"), "application/json"
            ),
            "response_type": NAME,
            "rest_api_id": _API,
            "status_code": optional(said_by(r"[45]\d\d", "a status of an error")),
        }
    ),
    "aws_api_gateway_integration": shape(
        {
            "http_method": exactly("DELETE", "GET", "PATCH", "POST", "PUT"),
            "integration_http_method": exactly("POST"),
            "resource_id": TEXT,
            "rest_api_id": _API,
            "type": exactly("AWS_PROXY"),
            "uri": judged_by("CKV_FEP_46"),
        }
    ),
    "aws_api_gateway_method": shape(
        {
            "api_key_required": optional(exactly(True, False)),
            "authorization": exactly("NONE"),
            "http_method": exactly("DELETE", "GET", "PATCH", "POST", "PUT"),
            "operation_name": NAME,
            "request_models": mapped(TEXT, "application/json"),
            "request_parameters": mapped(exactly(True, False)),
            "request_validator_id": ref("id", "aws_api_gateway_request_validator"),
            "resource_id": TEXT,
            "rest_api_id": _API,
        }
    ),
    "aws_api_gateway_method_settings": shape(
        {"method_path": exactly("*/*"), "rest_api_id": _API, "stage_name": SUFFIX},
        {
            "settings": block(
                {
                    "data_trace_enabled": exactly(False),
                    "logging_level": exactly("ERROR"),
                    "metrics_enabled": exactly(True),
                    "throttling_burst_limit": between(1, 5000),
                    "throttling_rate_limit": between(1, 10000),
                }
            )
        },
    ),
    "aws_api_gateway_model": shape(
        {"content_type": exactly("application/json"), "name": NAME, "rest_api_id": _API, "schema": ANYTHING}
    ),
    "aws_api_gateway_request_validator": shape(
        {
            "name": NAME,
            "rest_api_id": _API,
            "validate_request_body": exactly(True),
            "validate_request_parameters": exactly(True),
        }
    ),
    "aws_api_gateway_resource": shape({"parent_id": TEXT, "path_part": NAME, "rest_api_id": _API}),
    "aws_api_gateway_rest_api": shape(
        {"binary_media_types": optional(listed(NAME)), "description": TEXT, "name": NAME},
        {"endpoint_configuration": block({"types": listed(exactly("REGIONAL"))})},
    ),
    "aws_api_gateway_stage": shape(
        {
            "deployment_id": ref("id", "aws_api_gateway_deployment"),
            "rest_api_id": _API,
            "stage_name": SUFFIX,
            "xray_tracing_enabled": exactly(True),
        },
        {
            "access_log_settings": block(
                {
                    "destination_arn": LOG_GROUP,
                    "format": said_by(
                        r"(?!.*(identity|authorizer|sourceIp|userAgent|requestOverride|\$context\.path\b)).*",
                        "free of what is personal: no address, user agent or path with parameters",
                    ),
                }
            )
        },
    ),
    "aws_api_gateway_usage_plan": shape(
        {"description": TEXT, "name": NAME},
        {
            "api_stages": block({"api_id": _API, "stage": SUFFIX}),
            "quota_settings": block({"limit": between(1, 1_000_000), "period": exactly("DAY")}),
            "throttle_settings": block({"burst_limit": between(1, 5000), "rate_limit": between(1, 10000)}),
        },
    ),
    "aws_backup_plan": shape(
        {"name": NAME},
        {
            "rule": block(
                {
                    "completion_window": between(60, 1440),
                    "rule_name": NAME,
                    "schedule": said_by(r"cron\(\d+ \d+ \* \* \? \*\)", "each day"),
                    "start_window": between(60, 480),
                    "target_vault_name": named("aws_backup_vault"),
                },
                {"lifecycle": block({"delete_after": between(30, 3650)})},
            )
        },
        only_where=("backups",),
    ),
    "aws_backup_selection": shape(
        {
            "iam_role_arn": ref("arn", "aws_iam_role"),
            "name": NAME,
            "plan_id": ref("id", "aws_backup_plan"),
            "resources": listed(arn_of("aws_dynamodb_table", here=True)),
        },
        only_where=("backups",),
    ),
    "aws_backup_vault": shape(
        {"force_destroy": setting("destroyable"), "kms_key_arn": KEY, "name": NAME}, only_where=("backups",)
    ),
    "aws_budgets_budget": shape(
        {
            "budget_type": exactly("COST"),
            "limit_amount": said_by(
                r"\$\{format\('%.2f', var\.context\.monthly_budget_usd\)\}", "the budget of the environment"
            ),
            "limit_unit": exactly("USD"),
            "name": NAME,
            "time_unit": exactly("MONTHLY"),
        },
        {
            "notification": block(
                {
                    "comparison_operator": exactly("GREATER_THAN"),
                    "notification_type": exactly("ACTUAL", "FORECASTED"),
                    "subscriber_email_addresses": listed(setting("alarm_email")),
                    "threshold": between(1, 100),
                    "threshold_type": exactly("PERCENTAGE"),
                },
                least=2,
                most=5,
            )
        },
    ),
    "aws_cloudwatch_dashboard": shape({"dashboard_body": ANYTHING, "dashboard_name": NAME}),
    "aws_cloudwatch_event_archive": shape(
        {"event_source_arn": ref("arn", "aws_cloudwatch_event_bus"), "name": NAME, "retention_days": between(30, 3650)}
    ),
    "aws_cloudwatch_event_bus": shape({"kms_key_identifier": KEY, "name": NAME}, {"dead_letter_config": _DEAD_LETTERS}),
    "aws_cloudwatch_event_rule": shape(
        {
            "description": TEXT,
            "event_bus_name": either(exactly("default"), named("aws_cloudwatch_event_bus")),
            "event_pattern": judged_by("CKV_FEP_46"),
            "name": NAME,
        }
    ),
    "aws_cloudwatch_event_target": shape(
        {
            "arn": either(arn_of("aws_sfn_state_machine", here=True), LOG_GROUP),
            "event_bus_name": either(exactly("default"), named("aws_cloudwatch_event_bus")),
            "input_path": optional(exactly("$.detail")),
            "role_arn": optional(ref("arn", "aws_iam_role")),
            "rule": named("aws_cloudwatch_event_rule"),
            "target_id": NAME,
        },
        {
            "dead_letter_config": _DEAD_LETTERS,
            "input_transformer": block(
                {"input_paths": mapped(said_by(r"\$\.[\w.-]+", "a path")), "input_template": TEXT}, least=0
            ),
            "retry_policy": block(
                {"maximum_event_age_in_seconds": between(600, 86400), "maximum_retry_attempts": between(1, 185)}
            ),
        },
    ),
    "aws_cloudwatch_log_group": shape({"kms_key_id": KEY, "name": TEXT, "retention_in_days": _DAYS_OF_LOGS}),
    "aws_cloudwatch_log_resource_policy": shape({"policy_document": judged_by("CKV_FEP_42"), "policy_name": NAME}),
    "aws_cloudwatch_metric_alarm": shape(
        {
            **_METRIC,
            "alarm_actions": listed(arn_of("aws_sns_topic", here=True)),
            "alarm_description": TEXT,
            "alarm_name": NAME,
            "comparison_operator": exactly("GreaterThanThreshold"),
            "evaluation_periods": between(1, 60),
            "ok_actions": listed(arn_of("aws_sns_topic", here=True)),
            "statistic": optional(exactly("Average", "Maximum", "Sum")),
            "threshold": between(0, 10**9),
            "treat_missing_data": exactly("notBreaching"),
        },
        {
            "metric_query": block(
                {
                    "expression": optional(TEXT),
                    "id": NAME,
                    "label": optional(TEXT),
                    "return_data": exactly(True, False),
                },
                {
                    "metric": block(
                        {**_METRIC, "stat": exactly("Average", "Maximum", "Sum")},
                        least=0,
                    )
                },
                least=0,
                most=3,
            )
        },
    ),
    "aws_default_security_group": shape({"tags": TAGS, "vpc_id": _VPC}),
    "aws_dynamodb_table": shape(
        {
            "billing_mode": exactly("PAY_PER_REQUEST"),
            "deletion_protection_enabled": no_setting("destroyable"),
            "hash_key": NAME,
            "name": TABLE_NAME,
            "range_key": optional(NAME),
        },
        {
            "attribute": block({"name": NAME, "type": exactly("S", "N", "B")}, most=20),
            "global_secondary_index": block(
                {"hash_key": NAME, "name": NAME, "projection_type": exactly("ALL"), "range_key": optional(NAME)},
                least=0,
                most=20,
            ),
            "point_in_time_recovery": block({"enabled": exactly(True), "recovery_period_in_days": exactly(35)}),
            "server_side_encryption": block({"enabled": exactly(True), "kms_key_arn": KEY}),
            "ttl": block({"attribute_name": NAME, "enabled": exactly(True)}, least=0),
        },
    ),
    "aws_ecr_lifecycle_policy": shape(
        {
            "policy": said_by(r'.*"tagStatus":"untagged".*', "to remove untagged images"),
            "repository": named("aws_ecr_repository"),
        }
    ),
    "aws_ecr_repository_policy": shape({"policy": judged_by("CKV_FEP_42"), "repository": named("aws_ecr_repository")}),
    "aws_ecr_repository": shape(
        {"force_delete": setting("destroyable"), "image_tag_mutability": exactly("IMMUTABLE"), "name": NAME},
        {
            "encryption_configuration": block({"encryption_type": exactly("KMS"), "kms_key": KEY}),
            "image_scanning_configuration": block({"scan_on_push": exactly(True)}),
        },
    ),
    "aws_flow_log": shape(
        {
            "iam_role_arn": ref("arn", "aws_iam_role"),
            "log_destination": LOG_GROUP,
            "log_destination_type": exactly("cloud-watch-logs"),
            "max_aggregation_interval": exactly(60, 600),
            "tags": TAGS,
            "traffic_type": exactly("ALL"),
            "vpc_id": _VPC,
        }
    ),
    "aws_iam_role": shape({"assume_role_policy": judged_by("CKV_FEP_42"), "name": NAME}, only_where=("backups",)),
    "aws_iam_role_policy": shape(
        {"name": NAME, "policy": judged_by("CKV_FEP_12"), "role": ref("id", "aws_iam_role")}, only_where=("backups",)
    ),
    "aws_kms_alias": shape(
        {"name": said_by(r"alias/(?!aws/)[^*?\s]+", "alias/ and a name"), "target_key_id": ref("key_id", "aws_kms_key")}
    ),
    "aws_kms_key": shape(
        {
            "deletion_window_in_days": by_setting("destroyable", 7, 30),
            "description": TEXT,
            "enable_key_rotation": exactly(True),
            "policy": judged_by("CKV_FEP_2"),
        }
    ),
    "aws_lambda_event_source_mapping": shape(
        {
            "batch_size": between(1, 10),
            "event_source_arn": QUEUE,
            "function_name": arn_of("aws_lambda_function", here=True),
            "function_response_types": listed(exactly("ReportBatchItemFailures")),
        },
        {"scaling_config": block({"maximum_concurrency": scaled(2)})},
    ),
    "aws_lambda_function": shape(
        {
            "architectures": listed(exactly("arm64")),
            "description": TEXT,
            "function_name": NAME,
            "handler": optional(
                said_by(rf"({_ARTIFACT}|\$\{{replace\({_ARTIFACT[4:]})handler.*\}}", "the `handler` of its artefact")
            ),
            "image_uri": optional(
                said_by(
                    rf"\$\{{[^}}]*aws_ecr_repository\.this\.repository_url\}}:{_ARTIFACT}tag\}}",
                    "an image of this system's repository",
                )
            ),
            "kms_key_arn": KEY,
            "memory_size": between(128, 10240),
            "package_type": exactly("Image", "Zip"),
            "reserved_concurrent_executions": scaled(1),
            "role": ref("arn", "aws_iam_role"),
            "runtime": _released("runtime"),
            "s3_bucket": optional(setting("artifact_bucket")),
            "s3_key": _released("key"),
            "timeout": between(1, 900),
        },
        {
            "dead_letter_config": block({"target_arn": QUEUE}, least=0),
            "environment": block({"variables": judged_by("CKV_FEP_48")}),
            "image_config": block({"command": listed(TEXT)}, least=0, doubtful=True),
            "tracing_config": block({"mode": exactly("Active")}),
            "vpc_config": block({"security_group_ids": ANYTHING, "subnet_ids": ANYTHING}, least=0, doubtful=True),
        },
    ),
    "aws_lambda_function_event_invoke_config": shape(
        {
            "function_name": named("aws_lambda_function", attribute="function_name"),
            "maximum_event_age_in_seconds": between(60, 21600),
            "maximum_retry_attempts": exactly(1, 2),
        },
        {"destination_config": block({}, {"on_failure": block({"destination": QUEUE})}, least=0)},
    ),
    "aws_lambda_permission": shape(
        {
            "action": exactly("lambda:InvokeFunction"),
            "function_name": named("aws_lambda_function", attribute="function_name"),
            "principal": exactly("apigateway.amazonaws.com", "s3.amazonaws.com", "sns.amazonaws.com"),
            "source_account": optional(setting("account_id")),
            "source_arn": judged_by("CKV_FEP_39"),
            "statement_id": NAME,
        }
    ),
    "aws_route_table": shape({"tags": TAGS, "vpc_id": _VPC}),
    "aws_route_table_association": shape(
        {"route_table_id": ref("id", "aws_route_table"), "subnet_id": ref("id", "aws_subnet")}
    ),
    "aws_s3_bucket": shape({"bucket": NAME, "force_destroy": setting("destroyable")}),
    "aws_s3_bucket_lifecycle_configuration": shape(
        {"bucket": named("aws_s3_bucket", attribute="bucket")},
        {
            "rule": block(
                {"id": NAME, "status": exactly("Enabled")},
                {
                    "abort_incomplete_multipart_upload": block({"days_after_initiation": between(1, 30)}, least=0),
                    "filter": block(),
                    "noncurrent_version_expiration": block({"noncurrent_days": between(30, 3650)}, least=0),
                    "noncurrent_version_transition": block(
                        {"noncurrent_days": _NUMBER_OF_DAYS, "storage_class": exactly("GLACIER")}, least=0
                    ),
                    "transition": block({"days": _NUMBER_OF_DAYS, "storage_class": exactly("GLACIER")}, least=0),
                },
                most=2,
            )
        },
    ),
    "aws_s3_bucket_notification": shape(
        {"bucket": named("aws_s3_bucket", attribute="bucket"), "eventbridge": optional(exactly(True))},
        {
            "lambda_function": block(
                {
                    "events": listed(exactly("s3:ObjectCreated:*")),
                    "filter_suffix": said_by(r"\.[a-z]+", "a suffix"),
                    "id": NAME,
                    "lambda_function_arn": arn_of("aws_lambda_function", here=True),
                },
                least=0,
                most=10,
            )
        },
    ),
    "aws_s3_bucket_ownership_controls": shape(
        {"bucket": named("aws_s3_bucket", attribute="bucket")},
        {"rule": block({"object_ownership": exactly("BucketOwnerEnforced")})},
    ),
    "aws_s3_bucket_policy": shape(
        {"bucket": named("aws_s3_bucket", attribute="bucket"), "policy": judged_by("CKV_FEP_42")}
    ),
    "aws_s3_bucket_public_access_block": shape(
        {
            "block_public_acls": exactly(True),
            "block_public_policy": exactly(True),
            "bucket": named("aws_s3_bucket", attribute="bucket"),
            "ignore_public_acls": exactly(True),
            "restrict_public_buckets": exactly(True),
        }
    ),
    "aws_s3_bucket_server_side_encryption_configuration": shape(
        {"bucket": named("aws_s3_bucket", attribute="bucket")},
        {
            "rule": block(
                {"bucket_key_enabled": exactly(True)},
                {
                    "apply_server_side_encryption_by_default": block(
                        {"kms_master_key_id": KEY, "sse_algorithm": exactly("aws:kms")}
                    )
                },
            )
        },
    ),
    "aws_s3_bucket_versioning": shape(
        {"bucket": named("aws_s3_bucket", attribute="bucket")},
        {"versioning_configuration": block({"status": exactly("Enabled")})},
    ),
    "aws_secretsmanager_secret": shape(
        {
            "description": TEXT,
            "kms_key_id": KEY,
            "name": NAME,
            "recovery_window_in_days": by_setting("destroyable", 0, 30),
        }
    ),
    "aws_security_group": shape(
        {"description": TEXT, "name": NAME, "tags": TAGS, "vpc_id": _VPC}, only_where=("functions_in_vpc",)
    ),
    "aws_sfn_state_machine": shape(
        {
            "definition": judged_by("CKV_FEP_25"),
            "name": NAME,
            "role_arn": ref("arn", "aws_iam_role"),
            "type": exactly("EXPRESS"),
        },
        {
            "encryption_configuration": block(
                {
                    "kms_data_key_reuse_period_seconds": between(60, 900),
                    "kms_key_id": KEY,
                    "type": exactly("CUSTOMER_MANAGED_KMS_KEY"),
                }
            ),
            "logging_configuration": block(
                {
                    "include_execution_data": exactly(False),
                    "level": exactly("ALL"),
                    "log_destination": arn_of("aws_cloudwatch_log_group", tail=":*", here=True),
                }
            ),
            "tracing_configuration": block({"enabled": exactly(True)}),
        },
    ),
    "aws_sns_topic": shape(
        {"kms_master_key_id": either(KEY, exactly("alias/aws/sns")), "name": NAME, "policy": judged_by("CKV_FEP_42")}
    ),
    "aws_sns_topic_subscription": shape(
        {
            "endpoint": either(setting("alarm_email"), arn_of("aws_lambda_function", here=True)),
            "protocol": exactly("email", "lambda"),
            "redrive_policy": optional(judged_by("CKV_FEP_22")),
            "topic_arn": ref("arn", "aws_sns_topic"),
        }
    ),
    "aws_sqs_queue": shape(
        {
            "kms_master_key_id": optional(KEY),
            "message_retention_seconds": between(4 * 86400, 14 * 86400),
            "name": NAME,
            "policy": judged_by("CKV_FEP_42"),
            "redrive_allow_policy": optional(judged_by("CKV_FEP_46")),
            "redrive_policy": optional(judged_by("CKV_FEP_33")),
            "sqs_managed_sse_enabled": optional(exactly(True)),
            "visibility_timeout_seconds": between(0, 43200),
        }
    ),
    "aws_subnet": shape(
        {
            "availability_zone": said_by(r"\$\{var\.context\.region\}[a-f]", "a zone of the region"),
            "cidr_block": TEXT,
            "map_public_ip_on_launch": exactly(False),
            "tags": TAGS,
            "vpc_id": _VPC,
        }
    ),
    "aws_vpc": shape(
        {
            "cidr_block": said_by(r"10\.\d+\.\d+\.\d+/\d+", "private addresses"),
            "enable_dns_hostnames": exactly(True),
            "enable_dns_support": exactly(True),
            "tags": TAGS,
        }
    ),
    "aws_vpc_endpoint": shape(
        {
            "policy": judged_by("CKV_FEP_36"),
            "private_dns_enabled": optional(exactly(True)),
            "route_table_ids": optional(listed(ref("id", "aws_route_table"))),
            "security_group_ids": optional(listed(ref("id", "aws_security_group"))),
            "service_name": said_by(
                r"com\.amazonaws\.\$\{var\.context\.region\}\.[a-z0-9.-]+", "a service of AWS in this region"
            ),
            "subnet_ids": optional(listed(ref("id", "aws_subnet"))),
            "tags": TAGS,
            "vpc_endpoint_type": exactly("Gateway", "Interface"),
            "vpc_id": _VPC,
        },
        only_where=("functions_in_vpc",),
    ),
    "aws_vpc_security_group_egress_rule": shape(
        {
            **_HTTPS,
            "prefix_list_id": optional(ref("prefix_list_id", "aws_vpc_endpoint")),
            "referenced_security_group_id": optional(ref("id", "aws_security_group")),
        },
        only_where=("functions_in_vpc",),
    ),
    "aws_vpc_security_group_ingress_rule": shape(
        {**_HTTPS, "referenced_security_group_id": ref("id", "aws_security_group")}, only_where=("functions_in_vpc",)
    ),
    "aws_wafv2_web_acl": shape(
        {"description": TEXT, "name": NAME, "scope": exactly("REGIONAL")},
        {
            "default_action": block(blocks={"allow": block()}),
            "rule": block(
                {"name": NAME, "priority": between(0, 100)},
                {
                    "action": block(blocks={"block": block()}, least=0),
                    "override_action": block(blocks={"none": block()}, least=0),
                    "statement": block(
                        blocks={
                            "managed_rule_group_statement": block(
                                {"name": exactly(*RULE_GROUPS), "vendor_name": exactly("AWS")},
                                {
                                    "rule_action_override": block(
                                        {"name": exactly(*COUNTED)},
                                        {"action_to_use": block(blocks={"count": block()})},
                                        least=0,
                                        most=6,
                                    )
                                },
                                least=0,
                            ),
                            "rate_based_statement": block(
                                {
                                    "aggregate_key_type": exactly("IP"),
                                    "evaluation_window_sec": exactly(300),
                                    "limit": between(10, 200_000),
                                },
                                least=0,
                            ),
                        }
                    ),
                    "visibility_config": _VISIBILITY,
                },
                least=5,
                most=10,
            ),
            "visibility_config": _VISIBILITY,
        },
    ),
    "aws_wafv2_web_acl_association": shape(
        {"resource_arn": ref("arn", "aws_api_gateway_stage"), "web_acl_arn": ref("arn", "aws_wafv2_web_acl")}
    ),
    "aws_wafv2_web_acl_logging_configuration": shape(
        {
            "log_destination_configs": listed(LOG_GROUP),
            "resource_arn": ref("arn", "aws_wafv2_web_acl"),
        },
        {
            "logging_filter": block(
                {"default_behavior": exactly("DROP")},
                {
                    "filter": block(
                        {"behavior": exactly("KEEP"), "requirement": exactly("MEETS_ANY")},
                        {
                            "condition": block(
                                blocks={"action_condition": block({"action": exactly("BLOCK", "COUNT")})},
                                least=2,
                                most=2,
                            )
                        },
                    )
                },
            ),
            "redacted_fields": block(blocks={"single_header": block({"name": NAME})}, least=2, most=10),
        },
    ),
}
