"""Dead letters of functions."""

from __future__ import annotations

from collections.abc import Iterator

from policies import iam
from policies.model import MISSING, Resource, options, points_at
from policies.rule import rule
from policies.rules._edges import not_a_target

# These services wait for the function's response, and see its error.
WAITS = ("apigateway.amazonaws.com", "states.amazonaws.com")


@rule(
    "CKV_FEP_21",
    "Functions keep the events that they fail on",
    "aws_lambda_function",
    rows=("PLT-31", "EVT-20", "WHK-12"),
    reading={
        'AWS Lambda Developer Guide, "Retain records of asynchronous invocations"': "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html",
    },
    fix="Set `dead_letter_config` with the ARN of a queue as `target_arn`, or give the function a queue as "
    "`on_failure` destination.",
)
def functions_keep_failed_events(function: Resource) -> Iterator[str]:
    """After its retries, Lambda discards an event that a function was invoked with asynchronously. checkov's built-in
    check accepts any text as a target, and asks for one even where nobody invokes the function asynchronously.
    """
    callers = sorted(set(_asynchronous_callers(function)))
    if not callers:
        return
    targets = list(options(function.get("dead_letter_config.target_arn")))
    if targets == [MISSING]:
        type_ = "aws_lambda_function_event_invoke_config"
        for configuration in function.world.pointing_at(function, type_, "function_name"):
            if configuration.certain:
                targets = list(options(configuration.get("destination_config.on_failure.destination")))
    for target in targets:
        for problem in not_a_target(function, target, "the target of its dead letters"):
            yield f"{', '.join(callers)} may invoke it asynchronously, and {problem}"


def _asynchronous_callers(function: Resource) -> Iterator[str]:
    """The services and roles that may invoke a function without waiting for its response."""
    for permission in function.world.pointing_at(function, "aws_lambda_permission", "function_name"):
        for principal in options(permission.get("principal")):
            if principal not in WAITS:
                yield str(principal)
    for policy in function.world.of("aws_iam_role_policy", near=function):
        if not _role_waits(policy) and _may_invoke(policy, function):
            yield policy.address


def _may_invoke(policy: Resource, function: Resource) -> bool:
    return any(
        statement.allows and "lambda:InvokeFunction" in statement.actions and points_at(resource, function)
        for statement in iam.statements(policy.get("policy"))
        for resource in statement.resource_values
    )


def _role_waits(policy: Resource) -> bool:
    trusted = [
        who
        for role in policy.world.of("aws_iam_role", near=policy)
        if points_at(policy.get("role"), role)
        for statement in iam.statements(role.get("assume_role_policy"))
        for _, who in statement.principals
    ]
    return bool(trusted) and all(who in WAITS for who in trusted)
