"""Dead letters of functions."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import MISSING, Resource, options
from policies.rule import rule
from policies.rules._edges import not_a_target


@rule(
    "CKV_FEP_21",
    "Functions keep the events that they failed on",
    "aws_lambda_function",
    fix="Set dead_letter_config { target_arn = <a queue's ARN> }, or give it a queue as on_failure destination.",
)
def functions_keep_failed_events(function: Resource) -> Iterator[str]:
    """PLT-31, EVT-20, WHK-12: a dead-letter path on every asynchronous edge. The built-in check takes any text for a
    target.
    """
    target = function.get("dead_letter_config.target_arn")
    if target is MISSING:
        for configuration in function.world.pointing_at(
            function, "aws_lambda_function_event_invoke_config", "function_name"
        ):
            if configuration.certain:
                target = configuration.get("destination_config.on_failure.destination")
    for option in options(target):
        yield from not_a_target(function.world, option, "dead_letter_config.target_arn")
