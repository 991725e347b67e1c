"""What a pull request would do to what is deployed, the most urgent first: on plans that Terraform made."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.emulator.delivery.conftest import RESOURCES, UNIT, Unit
from tools.delivery.attention import TITLES, Rank, findings
from tools.delivery.changes import UnitPlan
from tools.delivery.planning import Planned
from tools.delivery.summary import summary

TABLE = RESOURCES[RESOURCES.index('resource "aws_dynamodb_table" "old"') : RESOURCES.index('resource "aws_sqs_queue"')]

# What a pull request changes in the text of a unit, and what the summary says of it.
CHANGES = {
    "deletes a table": (
        (TABLE, ""),
        (Rank.LOST, "aws_dynamodb_table.old", "is destroyed, and with it its items"),
    ),
    "replaces a queue": (
        ('= "payments"\n  message', '= "refunds"\n  message'),
        (Rank.LOST, "aws_sqs_queue.payments", "is replaced, because name changes, and with it the messages in it"),
    ),
    "adds a public policy": (
        ('{ AWS = "arn:aws:iam::${var.context.account_id}:root" }', '"*"'),
        (Rank.PUBLIC, "aws_sqs_queue_policy.payments", "policy admits everybody: sqs:SendMessage on * to AWS *"),
    ),
    "takes a protection off": (
        ("deletion_protection_enabled = true", "deletion_protection_enabled = false"),
        (Rank.UNPROTECTED, "aws_dynamodb_table.events", "deletion_protection_enabled becomes false"),
    ),
    "widens a role": (
        ('["sqs:SendMessage"]', '["sqs:SendMessage", "sqs:PurgeQueue"]'),
        (
            Rank.WIDER,
            "aws_iam_role_policy.router",
            "policy allows more: sqs:PurgeQueue on arn:aws:sqs:us-east-1:*:payments",
        ),
    ),
    "takes a denial away": (
        ('\n      { Effect = "Deny", Action = "dynamodb:DeleteTable", Resource = "*" },', ""),
        (Rank.WIDER, "aws_iam_role_policy.router", "policy no longer denies dynamodb:DeleteTable on *"),
    ),
}


@pytest.fixture(scope="module")
def pull_request(applied: Unit, tmp_path_factory: pytest.TempPathFactory) -> Planned:
    """One plan of all the changes."""
    text = RESOURCES
    for (old, new), _ in CHANGES.values():
        assert old in text
        text = text.replace(old, new)
    applied.write(text)
    planned = applied.plan(tmp_path_factory.mktemp("pull-request"))
    assert planned.plan.problem is None, planned.plan.problem
    return planned


@pytest.mark.requirement("PLT-50")
def test_the_most_urgent_of_many_changes_comes_first(pull_request: Planned) -> None:
    found = [(each.rank, each.address, each.what) for each in findings([pull_request.plan])]
    assert found[: len(CHANGES)] == [expected for _, expected in CHANGES.values()]
    assert {rank for rank, *_ in found[len(CHANGES) :]} == {Rank.GONE}


@pytest.mark.requirement("PLT-50")
@pytest.mark.parametrize("name", CHANGES)
def test_each_of_them_alone_is_at_the_top_of_both_summaries(pull_request: Planned, name: str) -> None:
    _, (rank, address, what) = CHANGES[name]
    entries = [entry for entry in pull_request.document["resource_changes"] if entry["address"] == address]
    plan = UnitPlan.of(UNIT, {"resource_changes": entries})
    markdown, terminal = (summary("dev", [plan], form).splitlines() for form in ("markdown", "terminal"))
    assert markdown[2:5] == ["**Look at this first**", "", f"- **{TITLES[rank]}**"]
    assert f"  - `{UNIT}` `{address}` {what}" in markdown[5:7]
    assert terminal[2:4] == ["look at this first", f"  {TITLES[rank]}:"]
    assert f"    {UNIT}: {address} {what}" in terminal[4:6]


@pytest.mark.requirement("PLT-50")
def test_the_summary_counts_what_is_made_changed_replaced_and_destroyed(pull_request: Planned) -> None:
    assert f"| {UNIT} | 0 | 2 | 2 | 1 |" in summary("dev", [pull_request.plan], "markdown").splitlines()


def test_a_unit_that_is_as_it_should_be_has_no_changes(unit: Unit, tmp_path: Path) -> None:
    assert summary("dev", [unit.plan(tmp_path).plan], "terminal").splitlines()[-1] == "No changes in any unit."


def test_a_plan_that_fails_says_why_in_the_summary(unit: Unit, tmp_path: Path) -> None:
    unit.write(RESOURCES.replace('hash_key                    = "event_id"', 'hash_key = "missing"'))
    plan = unit.plan(tmp_path).plan
    assert "all attributes must be indexed" in summary("dev", [plan], "markdown")
