"""How a plan is compared with its inventory."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.plan.inventory import Planned, differences
from tests.plan.terraform import merge

MODULE: dict[str, Any] = {
    "address": "module.queue--smallest",
    "resources": [
        {
            "address": "module.queue--smallest.aws_sqs_queue.this",
            "mode": "managed",
            "type": "aws_sqs_queue",
            "values": {
                "name": "payments",
                "delay_seconds": 0,
                "fifo_queue": False,
                "policy": json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "sqs:*"}]}),
            },
        },
        {
            "address": "module.queue--smallest.data.aws_iam_policy_document.this",
            "mode": "data",
            "type": "aws_iam_policy_document",
            "values": {},
        },
    ],
    "child_modules": [
        {
            "address": "module.queue--smallest.module.key",
            "resources": [
                {
                    "address": "module.queue--smallest.module.key.aws_kms_key.this[0]",
                    "mode": "managed",
                    "type": "aws_kms_key",
                    "values": {"enable_key_rotation": True},
                }
            ],
        }
    ],
}


@pytest.fixture
def planned() -> Planned:
    return Planned.of(MODULE, {"queue": {"name": "payments"}})


def test_addresses_are_relative_to_the_call_and_data_sources_are_no_resources(planned: Planned) -> None:
    assert set(planned.resources) == {"aws_sqs_queue.this", "module.key.aws_kms_key.this[0]"}
    assert [planned.count(what) for what in ("modules", "resources", "aws_sqs_queue", "aws_s3_bucket")] == [1, 2, 1, 0]


def test_an_inventory_that_holds_finds_no_difference(planned: Planned) -> None:
    inventory = {
        "counts": {"modules": 1, "resources": 2, "aws_kms_key": 1, "aws_s3_bucket": 0},
        "values": {
            "aws_sqs_queue.this": {"fifo_queue": False, "policy": {"Statement": [{"Effect": "Deny"}]}},
            "module.key.aws_kms_key.this[0]": {"enable_key_rotation": True},
        },
        "outputs": {"queue": {"name": "payments"}},
    }
    assert differences(inventory, planned) == []


@pytest.mark.parametrize(
    ("inventory", "said"),
    [
        ({"counts": {"resources": 3}}, "resources: the plan has 2, the inventory 3"),
        ({"values": {"aws_sqs_queue.other": {}}}, "aws_sqs_queue.other: not planned"),
        ({"values": {"aws_sqs_queue.this": {"name": "refunds"}}}, "aws_sqs_queue.this.name: is 'payments'"),
        ({"values": {"aws_sqs_queue.this": {"arn": "arn:..."}}}, "aws_sqs_queue.this.arn: not there"),
        ({"values": {"aws_sqs_queue.this": {"delay_seconds": False}}}, "delay_seconds: is 0, not False"),
        ({"values": {"aws_sqs_queue.this": {"name": {"a": 1}}}}, "which is not JSON"),
        ({"values": {"aws_sqs_queue.this": {"policy": {"Statement": []}}}}, "not a list of 0"),
        ({"values": {"aws_sqs_queue.this": {"policy": {"Statement": [{"Effect": "Allow"}]}}}}, "[0].Effect: is 'Deny'"),
        ({"outputs": {"queue": {"name": "refunds"}}}, "output queue.name: is 'payments'"),
        ({"outputs": {"topic": {}}}, "output topic: not there"),
    ],
)
def test_a_difference_says_where_it_is(planned: Planned, inventory: dict[str, Any], said: str) -> None:
    (only,) = differences(inventory, planned)
    assert said in str(only)


def test_changes_replace_what_they_name_and_leave_the_rest() -> None:
    base = {"limits": {"memory_mb": 256, "timeout_s": 30}, "names": ["a"]}
    assert merge(base, {"limits": {"timeout_s": 0}, "names": []}) == {
        "limits": {"memory_mb": 256, "timeout_s": 0},
        "names": [],
    }
