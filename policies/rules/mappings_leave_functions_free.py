"""How many instances a queue keeps busy."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import MISSING, Resource, options, points_at
from policies.rule import rule


@rule(
    "CKV_FEP_38",
    "Queues keep no more instances busy than their function reserves",
    "aws_lambda_event_source_mapping",
    rows=("TXF-16", "TXF-31", "PLT-31"),
    reading={
        'AWS Lambda Developer Guide, "Configuring scaling behavior for SQS event source mappings"': "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html",
    },
    fix="Set `scaling_config.maximum_concurrency` to at most the function's `reserved_concurrent_executions`.",
)
def mappings_leave_functions_free(mapping: Resource) -> Iterator[str]:
    """Without a maximum, Lambda receives more messages than the function has instances for. It is throttled, and each
    message that waits in vain counts as received. After some receives it is a dead letter, although nothing ever
    looked at it.
    """
    if mapping.get("starting_position") is not MISSING:
        return  # a stream: only these have a position, and Lambda reads each of their shards in order
    for maximum in options(mapping.get("scaling_config.maximum_concurrency")):
        if maximum is MISSING:
            yield "scaling_config.maximum_concurrency is not set, or not in every case"
        for function in mapping.world.of("aws_lambda_function", near=mapping):
            if any(points_at(value, function) for value in options(mapping.get("function_name"))):
                for reserved in options(function.get("reserved_concurrent_executions")):
                    if isinstance(maximum, int) and isinstance(reserved, int) and maximum > reserved >= 0:
                        yield f"maximum_concurrency is {maximum}, and {function.address} reserves {reserved}"
