"""What the summary of a plan says of each kind of change."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tools.delivery.attention import Rank, findings
from tools.delivery.changes import Change, UnitPlan
from tools.delivery.grants import Grant, added, policy
from tools.delivery.summary import summary

UNIT = "us-east-1/webhooks/data"


def entry(
    type_: str,
    actions: list[str],
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    **change: Any,
) -> dict[str, Any]:
    """An entry of `resource_changes` as Terraform writes it."""
    whole = {"actions": actions, "before": before, "after": after, "after_unknown": {}, **change}
    return {"address": f"{type_}.this", "mode": "managed", "type": type_, "change": whole}


def plan(*entries: dict[str, Any], outputs: dict[str, Any] | None = None) -> UnitPlan:
    return UnitPlan.of(UNIT, {"resource_changes": list(entries), "output_changes": outputs or {}})


def first(*entries: dict[str, Any]) -> tuple[Rank, str]:
    found = findings([plan(*entries)])[0]
    return found.rank, found.what


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: str, resource: str = "*", **rest: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **rest}


@pytest.mark.requirement("PLT-50")
@pytest.mark.parametrize(
    ("actions", "counts"),
    [
        (["create"], (1, 0, 0, 0)),
        (["update"], (0, 1, 0, 0)),
        (["delete", "create"], (0, 0, 1, 0)),
        (["create", "delete"], (0, 0, 1, 0)),
        (["delete"], (0, 0, 0, 1)),
        (["no-op"], (0, 0, 0, 0)),
        (["read"], (0, 0, 0, 0)),
    ],
)
def test_each_kind_of_change_is_counted(actions: list[str], counts: tuple[int, ...]) -> None:
    one = plan(entry("aws_sns_topic", actions, {}, {}))
    assert tuple(one.count(action) for action in ("create", "change", "replace", "destroy")) == counts


def test_an_attribute_is_told_with_both_values_and_what_is_known_later() -> None:
    change = Change.of(
        entry(
            "aws_sqs_queue",
            ["update"],
            {"delay_seconds": 0, "tags": {"Owner": "a"}, "list": ["x", "y"], "arn": "old"},
            {"delay_seconds": 5, "tags": {"Owner": "b"}, "list": ["x"]},
            after_unknown={"arn": True},
        )
    )
    assert change is not None
    assert [str(attribute) for attribute in change.attributes] == [
        "arn: old -> (known after the apply)",
        "delay_seconds: 0 -> 5",
        "list[1]: y -> not set",
        "tags.Owner: a -> b",
    ]


@pytest.mark.requirement("PLT-50")
def test_a_sensitive_value_is_compared_and_never_shown() -> None:
    change = entry(
        "aws_secretsmanager_secret_version",
        ["update"],
        {"secret_string": "before-4711", "list": ["kept"]},
        {"secret_string": "after-4712", "list": ["kept"]},
        before_sensitive={"secret_string": True, "list": [True]},
        after_sensitive={"secret_string": True, "list": [True]},
    )
    for form in ("terminal", "markdown"):
        text = summary("dev", [plan(change)], form)
        assert "secret_string: (sensitive) -> (sensitive)" in text
        assert "list" not in text
        assert "471" not in text


@pytest.mark.requirement("PLT-50")
@pytest.mark.parametrize(
    ("change", "rank", "says"),
    [
        (entry("aws_kms_key", ["delete"], {}), Rank.LOST, "is destroyed, and with it all that is encrypted"),
        (
            entry("aws_dynamodb_table", ["delete", "create"], {}, {}, replace_paths=[["attribute", 0, "type"]]),
            Rank.LOST,
            "is replaced, because attribute[0].type changes",
        ),
        (entry("aws_s3_bucket_public_access_block", ["delete"], {}), Rank.PUBLIC, "are destroyed"),
        (
            entry("aws_s3_bucket_public_access_block", ["update"], {}, {"block_public_policy": False}),
            Rank.PUBLIC,
            "block_public_policy is false",
        ),
        (entry("aws_s3_bucket_acl", ["create"], None, {"acl": "public-read"}), Rank.PUBLIC, "acl is public-read"),
        (
            entry("aws_lambda_function_url", ["create"], None, {"authorization_type": "NONE"}),
            Rank.PUBLIC,
            "everybody can call the function",
        ),
        (entry("aws_lambda_permission", ["create"], None, {"principal": "*"}), Rank.PUBLIC, "nothing binds it"),
        (
            entry("aws_vpc_security_group_ingress_rule", ["create"], None, {"cidr_ipv4": "0.0.0.0/0"}),
            Rank.PUBLIC,
            "every address",
        ),
        (
            entry("aws_security_group", ["create"], None, {"ingress": [{"ipv6_cidr_blocks": ["::/0"]}]}),
            Rank.PUBLIC,
            "every address",
        ),
        (
            entry("aws_kms_key", ["update"], {"enable_key_rotation": True}, {"enable_key_rotation": False}),
            Rank.UNPROTECTED,
            "enable_key_rotation becomes false",
        ),
        (
            entry("aws_s3_bucket", ["update"], {"force_destroy": False}, {"force_destroy": True}),
            Rank.UNPROTECTED,
            "force_destroy becomes true",
        ),
        (
            entry("aws_cloudwatch_log_group", ["update"], {"retention_in_days": 90}, {"retention_in_days": 30}),
            Rank.UNPROTECTED,
            "falls from 90 to 30",
        ),
        (
            entry("aws_iam_role_policy_attachment", ["create"], None, {"policy_arn": "arn:aws:iam::aws:policy/Admin"}),
            Rank.WIDER,
            "attaches the policy arn:aws:iam::aws:policy/Admin",
        ),
        (
            entry("aws_iam_role_policy", ["create"], None, {"policy": document(allow("s3:GetObject", "arn:b/*"))}),
            Rank.WIDER,
            "allows s3:GetObject on arn:b/*",
        ),
        (
            entry(
                "aws_iam_role_policy",
                ["update"],
                {"policy": document(allow("s3:*"))},
                {},
                after_unknown={"policy": True},
            ),
            Rank.WIDER,
            "known after the apply",
        ),
        (
            entry(
                "aws_iam_role_policy",
                ["update"],
                {"policy": document(allow("s3:*"))},
                {"policy": document({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})},
            ),
            Rank.WIDER,
            "everything except what it lists",
        ),
        (
            entry(
                "aws_iam_role_policy",
                ["update"],
                {"policy": document(allow("s3:*"))},
                {"policy": document(allow("s3:GetObject", "arn:b"))},
            ),
            Rank.IAM,
            "allows less",
        ),
        (
            entry("aws_iam_role_policy", ["delete"], {"policy": document({**allow("s3:*"), "Effect": "Deny"})}),
            Rank.WIDER,
            "takes away what denied s3:*",
        ),
        (
            entry(
                "aws_iam_role",
                ["update"],
                {"inline_policy": [{"name": "a", "policy": document(allow("sqs:SendMessage"))}]},
                {"inline_policy": [{"name": "a", "policy": document(allow("sqs:*"))}]},
            ),
            Rank.WIDER,
            "inline_policy allows more: sqs:* on *",
        ),
        (
            entry("aws_iam_role", ["update"], {"managed_policy_arns": ["arn:a"]}, {"managed_policy_arns": ["arn:b"]}),
            Rank.WIDER,
            "attaches the policy arn:b",
        ),
        (
            entry("aws_iam_role", ["update"], {"permissions_boundary": "arn:a"}, {"permissions_boundary": "arn:b"}),
            Rank.UNPROTECTED,
            "its permissions boundary becomes arn:b, in place of arn:a",
        ),
        (
            entry("aws_cloudwatch_event_permission", ["create"], None, {"principal": "*"}),
            Rank.PUBLIC,
            "everybody may put events on the bus",
        ),
        (
            entry(
                "aws_dynamodb_table",
                ["update"],
                {"point_in_time_recovery": [{"enabled": True, "recovery_period_in_days": 35}]},
                {"point_in_time_recovery": [{"enabled": True, "recovery_period_in_days": 1}]},
            ),
            Rank.UNPROTECTED,
            "point_in_time_recovery[0].recovery_period_in_days falls from 35 to 1",
        ),
        (entry("aws_wafv2_web_acl_association", ["delete"], {}), Rank.UNPROTECTED, "no request is filtered any more"),
        (
            entry("aws_wafv2_web_acl", ["update"], {"rule": [{"action": "block"}]}, {"rule": [{"action": "count"}]}),
            Rank.UNPROTECTED,
            "look at its rules",
        ),
        (
            entry(
                "aws_s3_bucket_acl",
                ["create"],
                None,
                {"access_control_policy": [{"uri": "http://acs.amazonaws.com/groups/global/AllUsers"}]},
            ),
            Rank.PUBLIC,
            "the bucket's acl names everybody",
        ),
        (
            entry("aws_apigatewayv2_route", ["create"], None, {"authorization_type": "NONE"}),
            Rank.PUBLIC,
            "everybody can call it",
        ),
        (entry("aws_iam_role", ["create"], None, {"name": "x"}), Rank.IAM, "are made"),
        (entry("aws_sns_topic", ["delete"], {}), Rank.GONE, "is destroyed"),
    ],
)
def test_what_somebody_has_to_look_at_is_found(change: dict[str, Any], rank: Rank, says: str) -> None:
    found = first(change)
    assert found[0] == rank
    assert says in found[1]


def test_what_is_neither_lost_nor_allowed_nor_public_is_no_finding() -> None:
    changes = [
        entry("aws_sqs_queue", ["update"], {"delay_seconds": 0}, {"delay_seconds": 5}),
        entry("aws_dynamodb_table", ["create"], None, {"deletion_protection_enabled": False}),
        entry("aws_lambda_permission", ["create"], None, {"principal": "*", "source_account": "111111111111"}),
        entry("aws_lambda_permission", ["create"], None, {"principal": "*"}, after_unknown={"source_arn": True}),
        entry("aws_cloudwatch_log_group", ["update"], {"retention_in_days": 30}, {"retention_in_days": 90}),
        entry("aws_security_group_rule", ["create"], None, {"type": "egress", "cidr_blocks": ["0.0.0.0/0"]}),
        entry("aws_sqs_queue_policy", ["create"], None, {"policy": document(allow("sqs:SendMessage"))}),
    ]
    assert findings([plan(*changes)]) == []


@pytest.mark.requirement("PLT-50")
@pytest.mark.parametrize(
    ("condition", "public"),
    [
        ({}, True),
        ({"StringEquals": {"aws:SourceAccount": "111111111111"}}, False),
        ({"StringLike": {"aws:PrincipalOrgID": "*"}}, True),
        ({"StringEqualsIfExists": {"aws:SourceAccount": "111111111111"}}, True),
        ({"StringNotEquals": {"aws:PrincipalAccount": "111111111111"}}, True),
        ({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}, True),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, False),
        ({"Bool": {"aws:SecureTransport": "true"}}, True),
        ({"Null": {"aws:SourceAccount": "false"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::files"}}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:events:us-east-1:*:rule/*"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:events:us-east-1:111111111111:rule/*"}}, False),
    ],
)
def test_a_principal_of_everybody_is_public_unless_a_condition_binds_it(
    condition: dict[str, Any], public: bool
) -> None:
    found = policy(document(allow("sqs:SendMessage", Principal="*", Condition=condition)))
    assert found is not None
    assert bool(found.public) == public


@pytest.mark.requirement("PLT-50")
@pytest.mark.parametrize(
    ("claims", "public"),
    [
        ({}, True),
        ({"aud": "sts.amazonaws.com"}, True),
        ({"aud": "sts.amazonaws.com", "sub": "repo:*"}, True),
        ({"sub": "repo:acme/*"}, False),
        ({"repository_id": "4711"}, False),
    ],
)
def test_a_role_for_whoever_a_provider_gives_a_token_is_public(claims: dict[str, str], public: bool) -> None:
    provider = "arn:aws:iam::111111111111:oidc-provider/tokens.example"
    condition = {"StringLike": {f"tokens.example:{name}": value for name, value in claims.items()}}
    trust = {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": provider}}
    found = policy(document({**trust, "Condition": condition}))
    assert found is not None
    assert bool(found.public) == public


def test_a_denial_for_everybody_is_not_public() -> None:
    found = policy(document({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}))
    assert found is not None
    assert found.public == []


@pytest.mark.parametrize(
    ("before", "after", "more"),
    [
        ([allow("sqs:*")], [allow("sqs:SendMessage")], []),
        ([allow("sqs:SendMessage", "arn:*")], [allow("sqs:SendMessage", "arn:a")], []),
        ([allow("sqs:SendMessage", "arn:a")], [allow("sqs:SendMessage", "arn:*")], [("sqs:SendMessage", "arn:*")]),
        ([allow("SQS:sendmessage")], [allow("sqs:SendMessage")], []),
        (
            [allow("sqs:SendMessage", Condition={"Bool": {"aws:SecureTransport": "true"}})],
            [allow("sqs:SendMessage")],
            [("sqs:SendMessage", "*")],
        ),
        ([allow("a:B"), allow("c:D")], [allow("c:D"), allow("a:B")], []),
    ],
)
def test_only_what_was_not_allowed_before_is_more(
    before: list[dict[str, Any]], after: list[dict[str, Any]], more: list[tuple[str, str]]
) -> None:
    old, new = policy(document(*before)), policy(document(*after))
    assert old is not None
    assert new is not None
    assert added(old, new) == [Grant(*each) for each in more]


def test_a_text_that_is_no_policy_is_none() -> None:
    assert [policy(value) for value in (None, 1, "text", '{"a": 1}', '{"Statement": ')] == [None] * 5


def test_a_unit_that_changes_outputs_only_is_in_the_summary() -> None:
    one = plan(outputs={"table": {"actions": ["update"]}, "queue": {"actions": ["no-op"]}})
    text = summary("dev", [one, UnitPlan("us-east-1/webhooks/service")], "terminal")
    assert "  outputs: table" in text
    assert text.endswith("1 of 2 units are without changes.\n")


@pytest.mark.requirement("PLT-50")
def test_a_summary_that_is_too_long_for_a_comment_keeps_what_matters_and_says_what_is_left_out() -> None:
    many = [entry("aws_sns_topic", ["update"], {f"a{n}": "x"}, {f"a{n}": "y"}) for n in range(900)]
    lost = entry("aws_dynamodb_table", ["delete"], {})
    small = UnitPlan.of("us-east-1/webhooks/service", {"resource_changes": [many[0]]})
    text = summary("dev", [plan(*many, lost), small], "markdown", limit=3000)
    assert len(text) <= 3000
    assert "is destroyed, and with it its items" in text
    assert f"| {UNIT} | 0 | 900 | 0 | 1 |" in text
    assert "<details><summary>us-east-1/webhooks/service</summary>" in text
    assert "The changes of 1 units do not fit here" in text
    assert f"<details><summary>{UNIT}" not in text


def test_what_a_value_holds_is_no_markdown() -> None:
    change = entry("aws_sns_topic", ["update"], {"name": "a"}, {"name": "`@everybody`\n# heading"})
    lines = summary("dev", [plan(change)], "markdown").splitlines()
    assert "  - `name: a -> '@everybody' # heading`" in lines
