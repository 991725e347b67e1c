"""Dead letters of event source mappings."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import MISSING, Resource, Undecidable, items, options, points_at
from policies.rule import rule
from policies.rules._edges import no_dead_letter_target, not_a_target


@rule(
    "CKV_FEP_24",
    "Event source mappings report single failures, and keep the records that they failed on",
    "aws_lambda_event_source_mapping",
    fix='Set function_response_types = ["ReportBatchItemFailures"]; give the source queue a redrive_policy, or the '
    "mapping of a stream destination_config { on_failure { destination_arn = <a queue's ARN> } }.",
)
def mappings_keep_failed_records(mapping: Resource) -> Iterator[str]:
    """PLT-31, TXF-30, TXF-31: a dead-letter path on every asynchronous edge, partial batch responses."""
    if "ReportBatchItemFailures" not in items(mapping.get("function_response_types")):
        yield "function_response_types lacks ReportBatchItemFailures: one bad record repeats its whole batch"
    for source in options(mapping.get("event_source_arn")):
        if source is MISSING:
            raise Undecidable("event_source_arn is not set")
        queues = [queue for queue in mapping.world.of("aws_sqs_queue", near=mapping) if points_at(source, queue)]
        for queue in queues:
            if not _is_for_dead_letters(queue):
                yield from no_dead_letter_target(queue, queue.get("redrive_policy"))
        if not queues:
            for target in options(mapping.get("destination_config.on_failure.destination_arn")):
                yield from not_a_target(
                    mapping, target, "destination_config.on_failure.destination_arn", "aws_sns_topic"
                )


def _is_for_dead_letters(queue: Resource) -> bool:
    """The last station: what fails there stays in the queue until its retention ends."""
    return any(option is not MISSING for option in options(queue.get("redrive_allow_policy")))
