"""What several rules check about the asynchronous edges between resources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from policies.model import MISSING, Resource, Undecidable, Unknown, decode, options, points_at

QUEUE_SEND: Final = "arn:aws:states:::sqs:sendMessage"


def sends(state: Any) -> bool:
    """Whether a state of a workflow sends to a queue."""
    return isinstance(state, Mapping) and str(state.get("Resource", "")).startswith(QUEUE_SEND)


def not_a_target(resource: Resource, value: Any, name: str, *types: str) -> Iterator[str]:
    """Say why a value is not a place for dead letters. It must be the ARN of a queue of this configuration, or of a
    resource of one of `types`. Raises Undecidable for a value that cannot be traced to a resource.
    """
    if value is MISSING or value == "":
        yield f"{name} is not set, or not in every case"
        return
    if isinstance(value, Unknown) and not value.origins:
        raise Undecidable(f"{name} is {value}, which cannot be traced to a queue")
    if isinstance(value, str) and resource.world.form == "plan":
        if ":sqs:" not in value and not types:
            yield f"{name} is {value}, which is not a queue"
        return
    types = ("aws_sqs_queue", *types)
    referred = isinstance(value, Unknown) and value.whole and value.resources(*types)
    if not referred and isinstance(value, Unknown) and resource.world.form == "plan" and len(value.origins) > 1:
        raise Undecidable(f"{name} comes from one of several resources: {value}")
    if not referred and not any(points_at(value, queue) for queue in resource.world.of(*types, near=resource)):
        yield f"{name} is {value}, which is not a queue of this configuration"


def no_dead_letter_target(resource: Resource, redrive_policy: Any) -> Iterator[str]:
    """Say why the redrive policy of a subscription or a queue leads nowhere. Raises Undecidable."""
    for option in options(redrive_policy):
        if option is MISSING:
            yield "redrive_policy is not set, or not in every case"
        else:
            target = decode(option).get("deadLetterTargetArn")
            for value in options(target):
                yield from not_a_target(resource, value, "redrive_policy.deadLetterTargetArn")
