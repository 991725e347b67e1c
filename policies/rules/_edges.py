"""What several rules ask about the asynchronous edges between resources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.model import MISSING, Resource, Undecidable, Unknown, decode, options, points_at


def not_a_target(resource: Resource, value: Any, name: str, *types: str) -> Iterator[str]:
    """Why a value names nothing that keeps dead letters: it must be the ARN of a queue (or of one of `types`) of this
    configuration.
    """
    if value is MISSING or value == "":
        yield f"{name} is not set, or may not be"
        return
    if isinstance(value, Unknown) and not value.origins:
        raise Undecidable(f"{name} is {value}, which cannot be followed to a queue")
    if isinstance(value, str) and resource.world.form == "plan":
        if ":sqs:" not in value and not types:
            yield f"{name} is {value}, which is no queue"
        return
    types = ("aws_sqs_queue", *types)
    referred = isinstance(value, Unknown) and value.whole and value.resources(*types)
    if not referred and not any(points_at(value, queue) for queue in resource.world.of(*types, near=resource)):
        yield f"{name} is {value}, which is no queue of this configuration"


def no_dead_letter_target(resource: Resource, redrive_policy: Any) -> Iterator[str]:
    """Why a redrive policy (of a subscription or a queue) leads nowhere."""
    for option in options(redrive_policy):
        if option is MISSING:
            yield "redrive_policy is not set, or may not be"
        else:
            target = decode(option).get("deadLetterTargetArn")
            for value in options(target):
                yield from not_a_target(resource, value, "redrive_policy.deadLetterTargetArn")
