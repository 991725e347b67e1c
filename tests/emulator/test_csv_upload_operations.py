"""What the commands of csv-upload say of the deployed system."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.emulator import faults
from tests.emulator.csv_upload_system import CsvUploadSystem
from tools.errors import Failure
from tools.operations.trace import trace
from tools.waiting import wait_for


@pytest.mark.requirement("CSV-02", "CSV-20")
def test_a_trace_follows_an_upload_from_its_request_to_the_last_step(csv_upload: CsvUploadSystem) -> None:
    upload_id = csv_upload.deployed.upload("a.csv", csv_upload.csv(csv_upload.rows(5)))
    csv_upload.ended(upload_id)
    text = wait_for(
        lambda: text if "ExecutionSucceeded" in (text := str(trace(csv_upload.deployed, upload_id, None))) else None,
        "the log of the workflow",
    )
    for part in (
        "POST /upload: 202",
        "INFO validated",
        "INFO transformed",
        "INFO told",
        "COMPLETED, attempt 1: 5 rows",
    ):
        assert part in text
    assert f"verdict: {upload_id} is done: 5 rows, 5 valid" in text


@pytest.mark.requirement("CSV-10")
def test_status_and_trace_name_what_is_to_be_redriven(target: str, csv_upload: CsvUploadSystem) -> None:
    if target == "aws":
        pytest.skip("IAM needs seconds to minutes until a denial holds everywhere: there a test cannot time a fault")
    role = csv_upload.function("data-transformer")["role_name"]
    with faults.denied(csv_upload.client, role, ["dynamodb:PutItem"]):
        upload_id = csv_upload.upload(csv_upload.csv(csv_upload.rows(5)))
        csv_upload.letter(upload_id)
        csv_upload.ended(upload_id)
    told = list(csv_upload.deployed.status(datetime.now(UTC) - timedelta(hours=1)))
    assert any(line.split()[:1] == ["FAILED"] for line in told)
    assert any(line.startswith("dead letters of workflow: ") for line in told)
    text = str(trace(csv_upload.deployed, upload_id, None))
    assert "is dead-lettered by data-transformer" in text
    assert "system redrive csv-upload --queue workflow" in text
    assert csv_upload.redrive(upload_id) == 1
    assert csv_upload.ended(upload_id, attempt=2)["stored"] == 5


@pytest.mark.requirement("CSV-02", "CSV-03")
def test_a_larger_file_is_sent_with_a_form_and_a_wrong_one_is_refused_with_its_faults(
    csv_upload: CsvUploadSystem, tmp_path: Path
) -> None:
    content = csv_upload.csv(csv_upload.rows(5_000, description="a row of a large file " * 40))
    assert len(content) > 4 * 1024 * 1024
    upload_id = csv_upload.deployed.upload(str(tmp_path / "large.csv"), content)
    assert csv_upload.ended(upload_id)["stored"] == 5_000
    with pytest.raises(Failure, match="the API answered 400: the file cannot be used"):
        csv_upload.deployed.upload("a.csv", b"a,b\n1,2\n")
