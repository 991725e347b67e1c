"""The plan that was approved is applied, refused when it is stale, and drift is named: on the emulator."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.emulator.delivery.conftest import RESOURCES, UNIT, Unit
from tools.delivery import approved, drift
from tools.deploy.cli import summarise
from tools.errors import Failure
from tools.project import head

CHANGED = RESOURCES.replace("message_retention_seconds = 1209600", "message_retention_seconds = 86400")


def retention(unit: Unit) -> str:
    sqs = unit.emulator.client("sqs", unit.account_id)
    url = sqs.get_queue_url(QueueName="payments")["QueueUrl"]
    return str(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]["MessageRetentionPeriod"])


def change_by_hand(unit: Unit, seconds: int) -> None:
    sqs = unit.emulator.client("sqs", unit.account_id)
    url = sqs.get_queue_url(QueueName="payments")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"MessageRetentionPeriod": str(seconds)})


@pytest.mark.requirement("PLT-50")
def test_the_approved_plan_is_applied_once_and_refused_when_it_is_stale(
    unit: Unit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unit.write(CHANGED)
    assert summarise("dev", unit.units, [unit.folder], "markdown", tmp_path) == 0
    assert (tmp_path / "comment.md").read_text() == capsys.readouterr().out
    records = approved.read(tmp_path, head())

    # Somebody changes the queue between the plan and the apply: what is overwritten is not what was approved.
    change_by_hand(unit, 4711)
    with pytest.raises(Failure, match="is stale") as stale:
        approved.apply(unit.units, [unit.folder], records)
    assert "message_retention_seconds was another value" in str(stale.value)
    assert retention(unit) == "4711"

    change_by_hand(unit, 1209600)
    approved.apply(unit.units, [unit.folder], records)
    assert retention(unit) == "86400"
    capsys.readouterr()
    approved.apply(unit.units, [unit.folder], records)
    assert f"[1/1] {UNIT}: no changes" in capsys.readouterr().out

    # What somebody has changed by hand is drift.
    change_by_hand(unit, 4711)
    text = drift.report("dev", [unit.plan(tmp_path).plan])
    assert f"- `{UNIT}` `aws_sqs_queue.payments` is another" in text
    assert "  - `message_retention_seconds: is 4711, should be 86400`" in text


def test_a_unit_that_nobody_planned_is_not_applied(unit: Unit) -> None:
    with pytest.raises(Failure, match="has no approved plan"):
        approved.apply(unit.units, [unit.folder], {})
