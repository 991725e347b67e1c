"""Encryption of event buses."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import Resource, options
from policies.rule import rule
from policies.rules._edges import not_a_target
from policies.rules._keys import not_customer_managed


@rule(
    "CKV_FEP_35",
    "Event buses are encrypted with a customer-managed key, and keep what the key fails on",
    "aws_cloudwatch_event_bus",
    fix="Set kms_key_identifier to the ARN of a key of ours, and dead_letter_config { arn = <a queue's ARN> }.",
)
def buses_use_a_customer_managed_key(bus: Resource) -> Iterator[str]:
    """PLT-31, EVT-03: every store is encrypted with a key of ours. An event that the bus cannot encrypt or decrypt has
    been accepted from its sender, and is lost without a dead-letter queue (Amazon EventBridge User Guide, "Using
    dead-letter queues to capture encrypted event errors").
    """
    yield from not_customer_managed(bus.get("kms_key_identifier"), "kms_key_identifier")
    for option in options(bus.get("dead_letter_config.arn")):
        yield from not_a_target(bus, option, "dead_letter_config.arn")
