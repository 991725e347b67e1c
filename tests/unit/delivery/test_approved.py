"""A plan is applied only if it does nothing that was not approved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tools.delivery import approved
from tools.delivery.changes import UnitPlan
from tools.delivery.planning import Planned
from tools.errors import Failure

UNIT = "us-east-1/webhooks/service"
MOCK = "arn:aws:kms:us-east-1:111111111111:key/mock"
KEY = "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555"


def planned(
    after: dict[str, Any] | None,
    actions: str = "update",
    before: dict[str, Any] | None = None,
    reads: str = KEY,
    unknown: dict[str, Any] | None = None,
    address: str = "aws_sqs_queue.this",
) -> Planned:
    change = {
        "actions": actions.split(),
        "before": before if before is not None else {"delay_seconds": 0},
        "after": after,
        "after_unknown": unknown or {},
    }
    document = {
        "variables": {"context": {"value": {"environment": "dev"}}, "data": {"value": {"keys": [{"arn": reads}]}}},
        "resource_changes": [{"address": address, "mode": "managed", "type": "aws_sqs_queue", "change": change}],
    }
    return Planned(UNIT, UnitPlan.of(UNIT, document), document, Path("plan"))


def beyond(then: Planned, now: Planned) -> list[str]:
    """The differences, once the approved plan has been written down and read again."""
    return list(approved.differences(json.loads(json.dumps(approved.record(then, "0" * 40))), now))


@pytest.mark.requirement("PLT-50")
@pytest.mark.parametrize(
    ("then", "now"),
    [
        (planned({"delay_seconds": 5}), planned({"delay_seconds": 5})),
        # Half-way applied: the rest is still what was approved.
        (planned({"delay_seconds": 5}), planned(None, "no-op")),
        # Planned before what it depends on was applied.
        (
            planned({"key": MOCK, "policy": f'{{"Resource": "{MOCK}/*"}}'}, reads=MOCK),
            planned({"key": KEY, "policy": f'{{"Resource": "{KEY}/*"}}'}),
        ),
        # Nobody knew then, and whoever approved it saw that.
        (planned({}, unknown={"policy": True}), planned({"policy": "text"})),
        (planned({}, unknown={"list": True}), planned({"list": [{"name": "x"}]})),
    ],
)
def test_the_same_or_less_is_what_was_approved(then: Planned, now: Planned) -> None:
    assert beyond(then, now) == []


@pytest.mark.requirement("PLT-50")
@pytest.mark.parametrize(
    ("then", "now", "says"),
    [
        (planned({"delay_seconds": 5}), planned({"delay_seconds": 6}), "delay_seconds becomes another value"),
        (
            planned({"delay_seconds": 5}),
            planned({"delay_seconds": 5}, before={"delay_seconds": 9}),
            "was another value",
        ),
        (planned({"delay_seconds": 5}), planned({"delay_seconds": 5, "name": "x"}), "name becomes another value"),
        (planned({"delay_seconds": 5}), planned({"delay_seconds": 5}, "delete create"), "a change was approved"),
        (planned({"delay_seconds": 5}), planned(None, "delete", address="aws_sqs_queue.other"), "was not approved"),
        # Another key than the one that the unit is given now.
        (
            planned({"key": MOCK}, reads=MOCK),
            planned({"key": KEY.replace("5555", "6666")}),
            "key becomes another value",
        ),
        (planned({"delay_seconds": 5}), planned({}, unknown={"delay_seconds": True}), "becomes another value"),
    ],
)
def test_anything_else_is_stale(then: Planned, now: Planned, says: str) -> None:
    [line] = beyond(then, now)
    assert says in line


def test_a_sensitive_value_is_not_written_down() -> None:
    one = planned({"secret": "s3cr3t-value"})
    one.document["resource_changes"][0]["change"]["after_sensitive"] = {"secret": True}
    again = Planned(UNIT, UnitPlan.of(UNIT, one.document), one.document, one.file)
    assert "s3cr3t-value" not in json.dumps(approved.record(again, "0" * 40))


@pytest.mark.requirement("PLT-50")
def test_a_plan_of_another_commit_is_refused(tmp_path: Path) -> None:
    approved.write(tmp_path, [planned({"delay_seconds": 5})], "a" * 40)
    assert list(approved.read(tmp_path, "a" * 40)) == [UNIT]
    with pytest.raises(Failure, match="approved for commit aaaaaaaaaaaa, and this is bbbbbbbbbbbb"):
        approved.read(tmp_path, "b" * 40)


def test_a_folder_without_a_plan_is_refused(tmp_path: Path) -> None:
    approved.write(tmp_path, [planned({"delay_seconds": 5})], "a" * 40)
    approved.write(tmp_path, [], "a" * 40)
    with pytest.raises(Failure, match="there is no approved plan"):
        approved.read(tmp_path, "a" * 40)


@pytest.mark.requirement("PLT-50")
def test_what_a_unit_is_given_and_no_change_shows_is_not_written_down() -> None:
    one = planned({"key": KEY})
    one.document["variables"]["service"] = {"value": {"token": "sensitive-4711", "suffix": "dev"}}
    text = json.dumps(approved.record(one, "0" * 40))
    assert "4711" not in text
    assert KEY in text
