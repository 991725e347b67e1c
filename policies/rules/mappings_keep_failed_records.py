"""Dead letters of event source mappings."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import MISSING, Resource, Undecidable, items, options, points_at
from policies.rule import rule
from policies.rules._edges import no_dead_letter_target, not_a_target


@rule(
    "CKV_FEP_24",
    "Event source mappings report failed records one by one, and keep them",
    "aws_lambda_event_source_mapping",
    rows=("PLT-31", "TXF-30", "TXF-31"),
    fix='Set `function_response_types = ["ReportBatchItemFailures"]`. Give the source queue a '
    "`redrive_policy`, or the mapping of a stream a queue as `on_failure` destination.",
)
def mappings_keep_failed_records(mapping: Resource) -> Iterator[str]:
    """Without partial batch responses, one bad record repeats its whole batch. Without a place for failed records, they
    are lost.
    """
    if "ReportBatchItemFailures" not in items(mapping.get("function_response_types")):
        yield "function_response_types does not contain ReportBatchItemFailures: one bad record repeats its whole batch"
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
    """Whether a queue itself holds dead letters: what fails there stays in it until its retention ends."""
    return any(option is not MISSING for option in options(queue.get("redrive_allow_policy")))
