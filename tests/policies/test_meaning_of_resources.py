"""What the policies of topics, buckets, keys and roles mean, held against an independent evaluator.

Each begins as the policy that is wanted. Changes could widen it. Where the evaluator then admits what nobody wanted, or
no longer denies what must be denied, our rules must object.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.model import Resource, Undecidable
from policies.statements import Known, of_bucket, of_key, of_topic, of_trust, unknown_statements
from policies.worlds.configuration import Configuration
from tests.policies.meaning import (
    ACCOUNT,
    FOREIGN,
    GONE,
    OPERATORS,
    ROLE,
    STRANGER,
    Change,
    Evaluator,
    Request,
    Statement,
    changed,
)

PLACE = f"us-east-1:{ACCOUNT}"
ELSEWHERE = f"us-east-1:{FOREIGN}"
TOPIC, QUEUE, BUCKET = f"arn:aws:sns:{PLACE}:notices", f"arn:aws:sqs:{PLACE}:orders", "arn:aws:s3:::files"
KEY = f"arn:aws:kms:{PLACE}:key/k"
RULE = "${aws_cloudwatch_event_rule.hourly.arn}"
"""A rule's ARN also names its bus, so the rules know only the reference. The evaluator takes it as any text."""
GROUP, TAKEN = f"arn:aws:logs:{PLACE}:log-group:/aws/lambda/pinger", f"arn:aws:iam::{ACCOUNT}:role/it"
ROOT_USER, FOREIGN_ROOT = f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:iam::{FOREIGN}:root"

WORLD = f"""
resource "aws_sns_topic" "it" {{
  name = "notices"
}}
resource "aws_sqs_queue" "orders" {{
  name = "orders"
}}
resource "aws_s3_bucket" "it" {{
  bucket = "files"
}}
resource "aws_s3_bucket_policy" "it" {{
  bucket = aws_s3_bucket.it.id
}}
resource "aws_s3_bucket_server_side_encryption_configuration" "it" {{
  bucket = aws_s3_bucket.it.id
  rule {{
    apply_server_side_encryption_by_default {{
      kms_master_key_id = "{KEY}"
      sse_algorithm     = "aws:kms"
    }}
  }}
}}
resource "aws_kms_key" "it" {{
}}
resource "aws_cloudwatch_log_group" "pinger" {{
  name = "/aws/lambda/pinger"
}}
resource "aws_dynamodb_table" "orders" {{
  name = "orders"
}}
resource "aws_cloudwatch_event_rule" "hourly" {{
  name = "hourly"
}}
resource "aws_iam_role" "it" {{
  name = "it"
}}
"""


@dataclass(frozen=True)
class Policy:
    """A policy that is wanted, and what it must never become."""

    type_: str
    known: Callable[[Resource], list[Known]]
    statements: list[Statement]
    wanted: list[Request]
    """What is allowed."""
    never: list[Request]
    """What nobody may be allowed."""
    denied: list[Request] = field(default_factory=list)
    """What must be denied, whatever other policies allow."""
    actions: list[Any] = field(default_factory=list)
    resources: list[Any] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def changes(self) -> st.SearchStrategy[list[Change]]:
        """One or two changes: each of one element of one statement, most of them of a condition."""
        return st.lists(
            st.one_of(
                [st.tuples(st.just(at), self._change(statement)) for at, statement in enumerate(self.statements)]
            ),
            min_size=1,
            max_size=2,
        )

    def _change(self, statement: Statement) -> st.SearchStrategy[tuple[str, Any]]:
        services = sorted({one.service for one in [*self.wanted, *self.never] if one.service})
        principals = [
            "*",
            *({"AWS": who} for who in ("*", FOREIGN, ROOT_USER, FOREIGN_ROOT, [ROOT_USER, FOREIGN_ROOT])),
            *({"Service": who} for who in [*services, services]),
            {"Service": services[0], "AWS": "*"},
        ]
        elements = {
            "Effect": st.sampled_from(["Allow", "Deny"]),
            "Principal": st.sampled_from(principals),
            "Action": st.sampled_from([*self.actions, "*"]),
            "NotAction": st.sampled_from(self.actions),
            "NotPrincipal": st.sampled_from(principals),
            GONE: st.just(True),
        } | ({"Resource": st.sampled_from([*self.resources, "*"])} if self.resources else {})
        other = st.one_of([st.tuples(st.just(name), values) for name, values in elements.items()])
        condition = st.sampled_from(list(self._conditions(statement.get("Condition", {}))))
        return st.one_of(other, st.tuples(st.just("Condition"), condition))

    def _conditions(self, own: dict[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """The condition without a part, with a part more, and with another operator, key or value in each place."""
        keys = sorted({*self.keys, "aws:SourceArn", "aws:SourceAccount", "aws:SecureTransport", "aws:UserAgent"})
        values = [*self.values, "*", ACCOUNT, FOREIGN, "true", "false", [ACCOUNT, FOREIGN]]
        yield {}
        for operator in OPERATORS:
            yield own | {operator: {keys[0]: values[0]}}
            yield from (own | {operator: {"aws:SourceAccount": who}} for who in (ACCOUNT, FOREIGN, "*"))
        for operator, names in own.items():
            rest = {name: said for name, said in own.items() if name != operator}
            yield rest
            yield from (rest | {another: names} for another in OPERATORS)
            for name, said in names.items():
                others = {key: kept for key, kept in names.items() if key != name}
                yield rest | {operator: others}
                yield from (rest | {operator: others | {key: said}} for key in keys)
                yield from (rest | {operator: others | {name: value}} for value in [*values, [said, *values[:1]]])


def service(name: str, action: str, resource: str, **keys: str) -> Request:
    """A request of a service; `keys` are context keys with `__` for the colon."""
    return Request(action, resource, STRANGER, name, True, {key.replace("__", ":"): one for key, one in keys.items()})


def tls(action: str, *resources: str) -> Statement:
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": list(resources),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


ALARM, FOREIGN_ALARM = f"arn:aws:cloudwatch:{PLACE}:alarm:errors", f"arn:aws:cloudwatch:{ELSEWHERE}:alarm:theirs"
TOPICS = Policy(
    "aws_sns_topic",
    of_topic,
    [
        tls("sns:Publish", TOPIC),
        {
            "Effect": "Allow",
            "Principal": {"AWS": ROOT_USER},
            "Action": ["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:Publish", "sns:Subscribe"],
            "Resource": TOPIC,
        },
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": TOPIC,
            "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{PLACE}:alarm:*"}},
        },
    ],
    wanted=[
        Request("sns:Publish", TOPIC, ROLE, "", True, {}),
        service("cloudwatch.amazonaws.com", "sns:Publish", TOPIC, aws__sourcearn=ALARM),
    ],
    never=[
        Request("sns:Publish", TOPIC, STRANGER, "", True, {}),
        Request("sns:Subscribe", TOPIC, STRANGER, "", True, {}),
        Request("sns:DeleteTopic", TOPIC, ROLE, "", True, {}),
        service("cloudwatch.amazonaws.com", "sns:Publish", TOPIC, aws__sourcearn=FOREIGN_ALARM),
        service("cloudwatch.amazonaws.com", "sns:Publish", TOPIC),
        service("cloudwatch.amazonaws.com", "sns:Subscribe", TOPIC, aws__sourcearn=ALARM),
        service("s3.amazonaws.com", "sns:Publish", TOPIC, aws__sourcearn=BUCKET, aws__sourceaccount=FOREIGN),
    ],
    denied=[Request("sns:Publish", TOPIC, ROLE, "", False, {})],
    actions=["sns:Publish", "sns:*", ["sns:Publish", "sns:Subscribe"], "sns:Get*"],
    resources=[TOPIC, f"{TOPIC}*", f"{TOPIC}-old"],
    values=[f"arn:aws:cloudwatch:{PLACE}:alarm:*", "arn:aws:cloudwatch:*:*:alarm:*", FOREIGN_ALARM, ALARM],
)

SSE = "s3:x-amz-server-side-encryption"
OBJECT = f"{BUCKET}/a.csv"


def refusal(conditions: dict[str, Any]) -> Statement:
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"{BUCKET}/*",
        "Condition": conditions,
    }


BUCKETS = Policy(
    "aws_s3_bucket_policy",
    of_bucket,
    [
        {"Effect": "Allow", "Principal": {"AWS": ROOT_USER}, "Action": "s3:*", "Resource": [BUCKET, f"{BUCKET}/*"]},
        tls("s3:*", BUCKET, f"{BUCKET}/*"),
        refusal({"Null": {SSE: "false"}, "StringNotEquals": {SSE: "aws:kms"}}),
        refusal(
            {"Null": {f"{SSE}-aws-kms-key-id": "false"}, "StringNotEquals": {f"{SSE}-aws-kms-key-id": KEY}},
        ),
        refusal({"Null": {SSE: "false", f"{SSE}-aws-kms-key-id": "true"}}),
        refusal({"Null": {f"{SSE}-customer-algorithm": "false"}}),
    ],
    wanted=[
        Request("s3:PutObject", OBJECT, ROLE, "", True, {}),
        Request("s3:PutObject", OBJECT, ROLE, "", True, {SSE: "aws:kms", f"{SSE}-aws-kms-key-id": KEY}),
    ],
    never=[
        Request("s3:GetObject", OBJECT, STRANGER, "", True, {}),
        Request("s3:PutObject", OBJECT, STRANGER, "", True, {}),
        Request("s3:ListBucket", BUCKET, STRANGER, "", True, {}),
        service("logging.s3.amazonaws.com", "s3:PutObject", OBJECT, aws__sourceaccount=FOREIGN),
    ],
    denied=[
        Request("s3:GetObject", OBJECT, ROLE, "", False, {}),
        Request("s3:ListBucket", BUCKET, ROLE, "", False, {}),
        Request("s3:PutObject", OBJECT, ROLE, "", True, {SSE: "AES256"}),
        Request("s3:PutObject", OBJECT, ROLE, "", True, {SSE: "aws:kms"}),
        Request("s3:PutObject", OBJECT, ROLE, "", True, {SSE: "aws:kms", f"{SSE}-aws-kms-key-id": f"{KEY}2"}),
        Request("s3:PutObject", OBJECT, ROLE, "", True, {f"{SSE}-customer-algorithm": "AES256"}),
    ],
    actions=["s3:*", "s3:PutObject", "s3:GetObject", ["s3:GetObject", "s3:PutObject"], "s3:Put*"],
    resources=[BUCKET, f"{BUCKET}/*", f"{BUCKET}/a/*", f"{BUCKET}*", [BUCKET, f"{BUCKET}/*"]],
    keys=[SSE, f"{SSE}-aws-kms-key-id", f"{SSE}-customer-algorithm"],
    values=["aws:kms", "AES256", KEY, f"{KEY}*"],
)

USE = ["kms:Decrypt", "kms:GenerateDataKey*"]
LOGS = "logs.us-east-1.amazonaws.com"
CONTEXT = "kms:EncryptionContext:"


def use(who: str, conditions: dict[str, Any]) -> Statement:
    return {"Effect": "Allow", "Principal": {"Service": who}, "Action": USE, "Resource": "*", "Condition": conditions}


def of_service(who: str, action: str, context: dict[str, str]) -> Request:
    return Request(action, KEY, STRANGER, who, True, {name.lower(): value for name, value in context.items()})


FOREIGN_CONTEXTS = {
    LOGS: {f"{CONTEXT}aws:logs:arn": f"arn:aws:logs:{ELSEWHERE}:log-group:/aws/lambda/pinger"},
    "sns.amazonaws.com": {f"{CONTEXT}aws:sqs:arn": f"arn:aws:sqs:{ELSEWHERE}:orders"},
    "s3.amazonaws.com": {"aws:SourceArn": "arn:aws:s3:::theirs", "aws:SourceAccount": FOREIGN},
    "dynamodb.amazonaws.com": {
        f"{CONTEXT}aws:dynamodb:subscriberId": FOREIGN,
        f"{CONTEXT}aws:dynamodb:tableName": "orders",
    },
}
OWN_CONTEXTS = {
    LOGS: {f"{CONTEXT}aws:logs:arn": GROUP},
    "sns.amazonaws.com": {f"{CONTEXT}aws:sqs:arn": QUEUE},
    "s3.amazonaws.com": {"aws:SourceArn": BUCKET, "aws:SourceAccount": ACCOUNT},
    "dynamodb.amazonaws.com": {
        f"{CONTEXT}aws:dynamodb:subscriberId": ACCOUNT,
        f"{CONTEXT}aws:dynamodb:tableName": "orders",
    },
}
KEYS = Policy(
    "aws_kms_key",
    of_key,
    [
        {"Effect": "Allow", "Principal": {"AWS": ROOT_USER}, "Action": "kms:*", "Resource": "*"},
        use(LOGS, {"ArnEquals": OWN_CONTEXTS[LOGS]}),
        use("sns.amazonaws.com", {"ArnLike": OWN_CONTEXTS["sns.amazonaws.com"]}),
        use(
            "s3.amazonaws.com", {"ArnEquals": {"aws:SourceArn": BUCKET}, "StringEquals": {"aws:SourceAccount": ACCOUNT}}
        ),
        use("dynamodb.amazonaws.com", {"StringEquals": OWN_CONTEXTS["dynamodb.amazonaws.com"]}),
    ],
    wanted=[
        Request("kms:Decrypt", KEY, ROLE, "", True, {}),
        *(of_service(who, "kms:Decrypt", context) for who, context in OWN_CONTEXTS.items()),
    ],
    never=[
        Request("kms:Decrypt", KEY, STRANGER, "", True, {}),
        Request("kms:CreateGrant", KEY, STRANGER, "", True, {}),
        *(of_service(who, "kms:Decrypt", context) for who, context in FOREIGN_CONTEXTS.items()),
        *(of_service(who, "kms:Decrypt", {}) for who in OWN_CONTEXTS),
        *(of_service(who, "kms:PutKeyPolicy", context) for who, context in OWN_CONTEXTS.items()),
        *(of_service(who, "kms:CreateGrant", context) for who, context in OWN_CONTEXTS.items()),
        of_service("ec2.amazonaws.com", "kms:Decrypt", {"aws:SourceAccount": FOREIGN}),
    ],
    actions=["kms:*", "kms:Decrypt", "kms:CreateGrant", ["kms:Decrypt", "kms:PutKeyPolicy"], "kms:De*"],
    resources=["*", KEY],
    keys=[name for context in OWN_CONTEXTS.values() for name in context],
    values=[GROUP, QUEUE, BUCKET, "orders", f"arn:aws:sqs:{ELSEWHERE}:*", f"arn:aws:sqs:{PLACE}:*", "arn:aws:s3:::*"],
)


def trust(who: str, conditions: dict[str, Any] | None = None) -> Statement:
    made = {"Effect": "Allow", "Principal": {"Service": who}, "Action": "sts:AssumeRole"}
    return made | ({"Condition": conditions} if conditions else {})


STATES = f"arn:aws:states:{PLACE}:stateMachine:it"
OF_ACCOUNT = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
TRUSTED = {
    "lambda.amazonaws.com": (trust("lambda.amazonaws.com"), {}),
    "backup.amazonaws.com": (trust("backup.amazonaws.com", OF_ACCOUNT), {"aws:sourceaccount": ACCOUNT}),
    "events.amazonaws.com": (
        trust("events.amazonaws.com", {"ArnEquals": {"aws:SourceArn": RULE}}),
        {"aws:sourcearn": RULE},
    ),
    "states.amazonaws.com": (
        trust(
            "states.amazonaws.com",
            OF_ACCOUNT | {"ArnLike": {"aws:SourceArn": f"arn:aws:states:{PLACE}:stateMachine:*"}},
        ),
        {"aws:sourcearn": STATES, "aws:sourceaccount": ACCOUNT},
    ),
}
ASSUME = "sts:AssumeRole"
FOREIGN_SOURCES = {"aws:sourcearn": f"arn:aws:states:{ELSEWHERE}:stateMachine:it", "aws:sourceaccount": FOREIGN}
TRUSTS = [
    Policy(
        "aws_iam_role",
        of_trust,
        [statement],
        wanted=[Request(ASSUME, TAKEN, STRANGER, who, True, keys)],
        never=[
            Request(ASSUME, TAKEN, STRANGER, "", True, {}),
            Request(ASSUME, TAKEN, ROLE, "", True, {}),
            Request(ASSUME, TAKEN, STRANGER, "ec2.amazonaws.com", True, {}),
            *(
                Request(ASSUME, TAKEN, STRANGER, another, True, given)
                for another in ("backup.amazonaws.com", "events.amazonaws.com", "states.amazonaws.com")
                for given in (FOREIGN_SOURCES, {})
            ),
            *(
                Request(action, TAKEN, STRANGER, who, True, keys)
                for action in ("sts:TagSession", "sts:AssumeRoleWithSAML")
            ),
        ],
        actions=[ASSUME, "sts:*", [ASSUME, "sts:TagSession"], "sts:Assume*"],
        values=[RULE, STATES, f"arn:aws:states:{PLACE}:stateMachine:*", "arn:aws:states:*:*:stateMachine:*"],
    )
    for who, (statement, keys) in TRUSTED.items()
]
ALL = {"topic": TOPICS, "bucket": BUCKETS, "key": KEYS} | dict(
    zip((f"trust in {who}" for who in TRUSTED), TRUSTS, strict=True)
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Resource]:
    folder = tmp_path_factory.mktemp("world")
    (folder / "main.tf").write_text(WORLD, encoding="utf-8")
    return {resource.type: resource for resource in Configuration([str(folder)]).resources}


def passes(made: dict[str, Any], policy: Policy, world: dict[str, Resource]) -> bool:
    try:
        return not list(unknown_statements(json.dumps(made), policy.known(world[policy.type_])))
    except Undecidable:
        return False


def faults(made: dict[str, Any], policy: Policy, evaluator: Evaluator) -> list[Request]:
    """What the evaluator allows and nobody wanted, and what it no longer denies."""
    allowed = [request for request in policy.never if evaluator.decide(made, request, "resource") == "Allow"]
    return allowed + [request for request in policy.denied if evaluator.decide(made, request, "resource") != "Deny"]


@pytest.mark.parametrize("name", ALL)
def test_the_policy_that_was_wanted_passes_and_allows_what_it_is_for(
    name: str, world: dict[str, Resource], evaluator: Evaluator
) -> None:
    policy = ALL[name]
    made = changed(policy.statements, [])
    assert list(unknown_statements(json.dumps(made), policy.known(world[policy.type_]))) == []
    assert faults(made, policy, evaluator) == []
    assert [evaluator.decide(made, request, "resource") for request in policy.wanted] == ["Allow"] * len(policy.wanted)


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_changed_policy_that_admits_more_is_refused(
    name: str, data: st.DataObject, world: dict[str, Resource], evaluator: Evaluator
) -> None:
    policy = ALL[name]
    made = changed(policy.statements, data.draw(policy.changes()))
    if passes(made, policy, world):
        assert faults(made, policy, evaluator) == [], made


@pytest.mark.parametrize("name", ALL)
def test_the_evaluator_sees_a_policy_that_admits_everybody(
    name: str, world: dict[str, Resource], evaluator: Evaluator
) -> None:
    """So that the property is not true because nothing is ever admitted."""
    policy = ALL[name]
    last = len(policy.statements) - 1
    everybody = [(last, ("Effect", "Allow")), (last, ("Principal", "*")), (last, ("Action", "*"))]
    made = changed(policy.statements, [*everybody, (last, ("Condition", {}))])
    assert len(faults(made, policy, evaluator)) > 1
    assert not passes(made, policy, world)
