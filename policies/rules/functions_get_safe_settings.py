"""What functions read from their environment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from policies import owned
from policies.model import MISSING, Input, Resource, Unknown, options, text
from policies.rule import rule
from policies.shapes import NO_RULE, Wanted, arn_of, exactly, named, said_by, setting

_RELEASED: Final = r"\$\{jsondecode\(file\(var\.context\.release_manifest\)\)\.[\w-]+\.[\w-]+\.hash\}"

# By the end of a setting's name: what it may be.
KINDS: Final[tuple[tuple[str, Wanted], ...]] = (
    (r"LOG_LEVEL", exactly("ERROR", "INFO", "WARNING")),
    (r"POWERTOOLS_METRICS_NAMESPACE", said_by(r"[A-Z][A-Za-z]{2,30}", "a name such as PaymentEvents")),
    (r"POWERTOOLS_SERVICE_NAME", said_by(r"[a-z][a-z-]{2,40}", "a name such as event-trigger")),
    (r"REGION", setting("region")),
    (r"RELEASE", said_by(_RELEASED, "the hash of its artefact in the release manifest")),
    (r"ACCEPT_TEST_EVENTS", setting("accept_test_events")),
    (r".*_(TABLE|TABLE_NAME)|TABLE", named("aws_dynamodb_table")),
    (r".*BUCKET_NAME", named("aws_s3_bucket", attribute="bucket")),
    (r".*BUS_NAME", named("aws_cloudwatch_event_bus")),
    (r".*LAMBDA_NAME", named("aws_lambda_function", attribute="function_name")),
    (r".*QUEUE_URL", Wanted("the URL of a queue of this system", lambda value, resource: _is_url(value, resource))),
    (r".*SECRET_ARN", arn_of("aws_secretsmanager_secret")),
    (r".*KEY_ARN", arn_of("aws_kms_key")),
    (r".*TOPIC_ARN", arn_of("aws_sns_topic")),
    (r".*_(DAYS|PERCENT|SECONDS|BYTES)", Wanted("a number", lambda value, _: _is_number(value))),
    (r".*_REQUIRED", Wanted("true", lambda value, _: _is_required(value))),
)


@rule(
    "CKV_FEP_48",
    "Functions get no secret and no weaker setting from their environment",
    "aws_lambda_function",
    rows=("PLT-31", "EVT-20", "WHK-07", "WHK-13"),
    reading={
        'AWS Lambda Developer Guide, "Securing Lambda environment variables"': "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html",
    },
    fix="Give the name, URL or ARN of a resource of this system, a number, or a setting of the environment. Keep a "
    "secret in Secrets Manager, and give its ARN. For a new kind of setting, write into the rule what it may be.",
    forms=("hcl",),
)
def functions_get_safe_settings(function: Resource) -> Iterator[str]:
    """Everybody who may look at a function sees its environment, and so does the state. And a setting that is off by
    default, such as `SIGNATURE_REQUIRED`, opens the door where nobody looks.
    """
    for option in options(function.get("environment.variables")):
        if option is MISSING:
            yield "environment.variables is not set, or not in every case"
        elif not isinstance(option, Mapping):
            yield f"its variables are not known here: {option}"
        else:
            for name, value in option.items():
                yield from _problems(str(name), value, function)


def _problems(name: str, value: Any, function: Resource) -> Iterator[str]:
    for pattern, wanted in KINDS:
        if re.fullmatch(pattern, name):
            yield from wanted.problems(value, name, function)
            return
    yield f"{name}: {NO_RULE}"


def _is_url(value: Any, resource: Resource) -> bool:
    system = owned.system_of(resource)
    queues = [queue for queue in resource.world.of("aws_sqs_queue") if owned.system_of(queue) == system]
    return isinstance(value, str | Unknown) and text(value) in {owned.reference_text(queue, "url") for queue in queues}


def _is_number(value: Any) -> bool:
    if isinstance(value, Unknown):
        return value.whole and all(isinstance(origin, Input) for origin in value.origins) and bool(value.origins)
    return re.fullmatch(r"\d{1,9}", str(value)) is not None


def _is_required(value: Any) -> bool:
    """On, or an input of the unit that is on by default: the default is the other value that it can have."""
    return value in (True, "true") or (isinstance(value, Unknown) and value.text == "${var.signature_required}")
