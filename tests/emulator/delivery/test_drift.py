"""What is deployed is changed from outside, and the command for drift names unit, resource and attribute."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.emulator.delivery.conftest import RESOURCES, UNIT, Unit
from tools.delivery.cli import report_drift

pytestmark = pytest.mark.requirement("PLT-50")


def compared(unit: Unit, to: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit status, and the report, which is printed and written."""
    capsys.readouterr()
    status = report_drift("dev", unit.units, [unit.folder], to / "drift.md")
    written = (to / "drift.md").read_text()
    assert capsys.readouterr().out.strip() == (written.strip() or "dev is as the configuration says (1 units)")
    return status, written


def test_what_is_as_it_should_be_has_an_empty_report(
    unit: Unit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compared(unit, tmp_path, capsys) == (0, "")


def test_an_attribute_that_was_changed_and_a_resource_that_was_deleted_are_named(
    unit: Unit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sqs, dynamodb = (unit.emulator.client(service, unit.account_id) for service in ("sqs", "dynamodb"))
    url = sqs.get_queue_url(QueueName="payments")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "7"})
    dynamodb.delete_table(TableName="old")
    status, report = compared(unit, tmp_path, capsys)
    assert status == 1
    lines = [line for line in report.splitlines() if line.startswith(("- ", "  - "))]
    assert lines == [
        f"- `{UNIT}` `aws_dynamodb_table.old` is missing",
        f"- `{UNIT}` `aws_sqs_queue.payments` is another",
        "  - `visibility_timeout_seconds: is 7, should be 30`",
    ]


def test_a_unit_that_cannot_be_read_is_named_with_the_reason(
    unit: Unit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unit.write(RESOURCES.replace('hash_key                    = "event_id"', 'hash_key = "missing"'))
    status, report = compared(unit, tmp_path, capsys)
    assert status == 1
    assert f"- `{UNIT}` could not be planned: " in report
    assert "all attributes must be indexed" in report
