"""Encryption of event buses."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import Resource, options
from policies.rule import rule
from policies.rules._edges import not_a_target
from policies.rules._keys import not_customer_managed


@rule(
    "CKV_FEP_35",
    "Event buses are encrypted with a customer-managed key, and keep events that the key fails on",
    "aws_cloudwatch_event_bus",
    rows=("PLT-31", "EVT-03"),
    reading={
        'Amazon EventBridge User Guide, "Using dead-letter queues to capture encrypted event errors"': "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-event-bus-dlq.html",
    },
    fix="Set `kms_key_identifier` to the ARN of a customer-managed key, and `dead_letter_config` with the ARN "
    "of a queue as `arn`.",
)
def buses_use_a_customer_managed_key(bus: Resource) -> Iterator[str]:
    """The bus accepts an event before it encrypts it. Without a dead-letter queue, an event that it cannot encrypt or
    decrypt is lost.
    """
    yield from not_customer_managed(bus.get("kms_key_identifier"), "kms_key_identifier")
    for option in options(bus.get("dead_letter_config.arn")):
        yield from not_a_target(bus, option, "dead_letter_config.arn")
