"""What a policy means, held against an independent evaluator: the emulator's, which was written by others.

Policies are made from good ones by changes that could widen them. Where our rules accept one, the evaluator must refuse
whatever nobody wanted to allow. Where the evaluator allows something of that, our rules must object.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.model import Resource, Undecidable
from policies.permissions import wide_permissions
from policies.statements import of_queue, unknown_statements
from policies.worlds.configuration import Configuration
from tests.policies.meaning import (
    ACCOUNT,
    FOREIGN,
    OPERATORS,
    ROLE,
    STRANGER,
    Change,
    Evaluator,
    Request,
    Statement,
    changed,
)

QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:notices"

WORLD = """
resource "aws_sqs_queue" "orders" {
  name = "orders"
}

resource "aws_sns_topic" "notices" {
  name = "notices"
}

resource "aws_iam_role" "lambda" {
  name = "lambda"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "it" {
  role   = aws_iam_role.lambda.id
  policy = jsonencode(%s)
}
"""


def configuration(folder: Path, policy: Mapping[str, Any] | None = None) -> list[Resource]:
    (folder / "main.tf").write_text(WORLD % json.dumps(policy or {}), encoding="utf-8")
    return Configuration([str(folder)]).resources


@pytest.fixture(scope="module")
def queue(tmp_path_factory: pytest.TempPathFactory) -> Resource:
    return configuration(tmp_path_factory.mktemp("queue"))[0]


# Policies of a queue -------------------------------------------------------------------------------------------------

TLS: Statement = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "sqs:*",
    "Resource": QUEUE,
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
SENDER: Statement = {
    "Effect": "Allow",
    "Principal": {"Service": "sns.amazonaws.com"},
    "Action": "sqs:SendMessage",
    "Resource": QUEUE,
    "Condition": {"ArnEquals": {"aws:SourceArn": TOPIC}},
}
PRINCIPALS = [
    "*",
    {"AWS": "*"},
    {"AWS": FOREIGN},
    {"AWS": f"arn:aws:iam::{FOREIGN}:root"},
    {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    {"Service": "sns.amazonaws.com"},
    {"Service": ["sns.amazonaws.com", "events.amazonaws.com"]},
    {"Service": "sns.amazonaws.com", "AWS": "*"},
]
KEYS = [
    "aws:SourceArn",
    "aws:SourceAccount",
    "aws:SecureTransport",
    "aws:PrincipalAccount",
    "aws:sourcearn",
    "aws:UserAgent",
]
VALUES = [
    TOPIC, f"{TOPIC}*", "*", f"arn:aws:sns:us-east-1:{FOREIGN}:notices", "arn:aws:sns:*:*:notices", ACCOUNT, FOREIGN,
    "true", "false", [TOPIC, f"arn:aws:sns:us-east-1:{FOREIGN}:notices"],
]  # fmt: skip
CHANGES = st.one_of(
    st.tuples(st.just("Effect"), st.sampled_from(["Allow", "Deny"])),
    st.tuples(st.just("Principal"), st.sampled_from(PRINCIPALS)),
    st.tuples(
        st.just("Action"), st.sampled_from(["sqs:SendMessage", "sqs:*", "*", ["sqs:SendMessage", "sqs:ReceiveMessage"]])
    ),
    st.tuples(st.just("Resource"), st.sampled_from([QUEUE, f"{QUEUE}*", "*", f"{QUEUE}-old", [QUEUE, f"{QUEUE}-old"]])),
    st.tuples(
        st.just("Condition"),
        st.dictionaries(
            st.sampled_from(OPERATORS),
            st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), min_size=1, max_size=2),
            max_size=2,
        ),
    ),
)
FOREIGN_TOPIC = {"aws:sourcearn": f"arn:aws:sns:us-east-1:{FOREIGN}:notices", "aws:sourceaccount": FOREIGN}
NEVER = [
    Request("sqs:SendMessage", QUEUE, STRANGER, "", True, {}),
    Request("sqs:ReceiveMessage", QUEUE, STRANGER, "", True, {}),
    Request("sqs:SendMessage", QUEUE, STRANGER, "sns.amazonaws.com", True, FOREIGN_TOPIC),
    Request("sqs:SendMessage", QUEUE, STRANGER, "events.amazonaws.com", True, FOREIGN_TOPIC),
    Request("sqs:SendMessage", QUEUE, STRANGER, "sns.amazonaws.com", True, {}),
    Request("sqs:DeleteQueue", QUEUE, STRANGER, "sns.amazonaws.com", True, {"aws:sourcearn": TOPIC}),
]
IN_CLEAR = [
    Request("sqs:SendMessage", QUEUE, ROLE, "", False, {}),
    Request("sqs:ReceiveMessage", QUEUE, ROLE, "", False, {}),
    Request("sqs:SendMessage", QUEUE, ROLE, "sns.amazonaws.com", False, {"aws:sourcearn": TOPIC}),
]


def accepted_of_queue(policy: Mapping[str, Any], queue: Resource) -> bool:
    try:
        return not list(unknown_statements(json.dumps(policy), of_queue(queue)))
    except Undecidable:
        return False


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, 1), CHANGES), max_size=2))
def test_a_policy_of_a_queue_that_passes_admits_nobody_from_outside(
    changes: list[Change], queue: Resource, evaluator: Evaluator
) -> None:
    policy = changed([TLS, SENDER], changes)
    admitted = [request for request in NEVER if evaluator.decide(policy, request, "resource") == "Allow"]
    in_clear = [request for request in IN_CLEAR if evaluator.decide(policy, request, "resource") != "Deny"]
    if admitted or in_clear:
        assert not accepted_of_queue(policy, queue), (policy, admitted, in_clear)


def test_the_policy_that_was_wanted_passes_and_lets_its_topic_send(queue: Resource, evaluator: Evaluator) -> None:
    policy = changed([TLS, SENDER], [])
    own = Request("sqs:SendMessage", QUEUE, ROLE, "sns.amazonaws.com", True, {"aws:sourcearn": TOPIC})
    assert accepted_of_queue(policy, queue)
    assert evaluator.decide(policy, own, "resource") == "Allow"


def test_the_evaluator_admits_a_stranger_where_a_condition_is_turned_around(
    queue: Resource, evaluator: Evaluator
) -> None:
    """So that the property is not true because nothing is ever admitted."""
    policy = changed([TLS, SENDER], [(1, ("Condition", {"ArnNotEquals": {"aws:SourceArn": TOPIC}}))])
    assert evaluator.decide(policy, NEVER[2], "resource") == "Allow"
    assert not accepted_of_queue(policy, queue)


# Policies of a role --------------------------------------------------------------------------------------------------

GRANT: Statement = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": QUEUE}
GUARD: Statement = {"Effect": "Deny", "Action": ["dynamodb:DeleteTable", "s3:DeleteBucket"], "Resource": "*"}
GRANT_CHANGES = st.one_of(
    st.tuples(st.just("Effect"), st.sampled_from(["Allow", "Deny"])),
    st.tuples(
        st.just("Action"),
        st.sampled_from(
            [
                "sqs:*",
                "*",
                "sqs:Send*",
                "sqs:DeleteQueue",
                ["sqs:SendMessage", "iam:PassRole"],
                "sns:Publish",
                "s3:DeleteBucket",
            ]
        ),
    ),
    st.tuples(
        st.just("Resource"),
        st.sampled_from(
            [
                "*",
                f"{QUEUE}*",
                f"{QUEUE}-old",
                f"arn:aws:sqs:us-east-1:{FOREIGN}:orders",
                TOPIC,
                [QUEUE, TOPIC],
                f"arn:aws:sqs:*:{ACCOUNT}:orders",
            ]
        ),
    ),
    st.tuples(st.just("NotAction"), st.sampled_from(["sqs:SendMessage", "iam:*"])),
    st.tuples(st.just("NotResource"), st.sampled_from([QUEUE, TOPIC])),
    st.tuples(
        st.just("Condition"),
        st.sampled_from([{}, {"StringLike": {"aws:PrincipalArn": "*"}}, {"Bool": {"aws:SecureTransport": "true"}}]),
    ),
)
NOT_FOR_ROLES = [
    Request(action, resource, ROLE, "", True, {})
    for action, resource in (
        ("sqs:SendMessage", f"{QUEUE}-old"),
        ("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{FOREIGN}:orders"),
        ("sqs:DeleteQueue", QUEUE),
        ("sqs:SetQueueAttributes", QUEUE),
        ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/admin"),
        ("s3:DeleteBucket", "arn:aws:s3:::files"),
        ("sns:Publish", f"{TOPIC}-old"),
    )
]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, 1), GRANT_CHANGES), max_size=2))
def test_a_policy_of_a_role_that_passes_allows_nothing_elsewhere(
    changes: list[Change], tmp_path: Path, evaluator: Evaluator
) -> None:
    policy = changed([GRANT, GUARD], changes)
    allowed = [request for request in NOT_FOR_ROLES if evaluator.decide(policy, request, "identity") == "Allow"]
    if allowed:
        assert objects_to_role(policy, tmp_path), (policy, allowed)


def test_the_permission_that_was_wanted_passes(tmp_path: Path) -> None:
    assert not objects_to_role(changed([GRANT, GUARD], []), tmp_path)


def objects_to_role(policy: Mapping[str, Any], folder: Path) -> bool:
    [it] = [resource for resource in configuration(folder, policy) if resource.type == "aws_iam_role_policy"]
    try:
        return bool(list(wide_permissions(it)))
    except Undecidable:
        return True
