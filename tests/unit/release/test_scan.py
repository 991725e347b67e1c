"""What is said of the findings of ECR's scans."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tools.release.scan import deployed, scans

URI = "111111111111.dkr.ecr.us-east-1.amazonaws.com/event-processing-dev:event-trigger-12"


class Ecr:
    """Answers with pages of findings, by their severity; or with an error."""

    def __init__(self, *pages: list[str], status: str = "COMPLETE", error: str = "") -> None:
        self.pages, self.status, self.error = pages, status, error

    def describe_image_scan_findings(self, **asked: Any) -> dict[str, Any]:
        assert (asked["repositoryName"], asked["imageId"]) == ("event-processing-dev", {"imageTag": "event-trigger-12"})
        if self.error:
            raise ClientError({"Error": {"Code": self.error}}, "DescribeImageScanFindings")
        number = int(asked.get("nextToken", 0))
        findings = [
            {"name": f"CVE-{severity}", "severity": severity, "attributes": [{"key": "package_name", "value": "zlib"}]}
            for severity in (self.pages[number] if self.pages else [])
        ]
        following = {"nextToken": str(number + 1)} if number + 1 < len(self.pages) else {}
        return {"imageScanStatus": {"status": self.status}, "imageScanFindings": {"findings": findings}, **following}


def told(ecr: Ecr) -> tuple[str, int]:
    [scan] = scans({URI: ["event-trigger"]}, ecr)
    return "\n".join(scan.lines()), scan.critical


@pytest.mark.requirement("EVT-31", "CSV-20")
def test_findings_of_all_pages_are_listed_the_worst_first() -> None:
    text, critical = told(Ecr(["LOW", "HIGH"], ["CRITICAL"]))
    assert critical == 1
    assert [line.split()[0] for line in text.splitlines()[1:]] == ["CRITICAL", "HIGH", "LOW"]
    assert "CVE-CRITICAL: zlib" in text


@pytest.mark.parametrize(
    ("ecr", "why"),
    [
        (Ecr(error="ScanNotFoundException"), "has not scanned it yet"),
        (Ecr(error="ImageNotFoundException"), "not in the repository"),
        (Ecr(error="InvalidAction"), "does not scan"),
        (Ecr(status="IN_PROGRESS"), "status is IN_PROGRESS"),
        (Ecr(), "no vulnerability"),
    ],
)
def test_no_findings_are_told_with_the_reason(ecr: Ecr, why: str) -> None:
    text, critical = told(ecr)
    assert critical == 0
    assert f"no findings: {text.partition('no findings: ')[2]}" in text
    assert why in text


def test_an_image_of_two_functions_is_looked_at_once_and_zips_not_at_all() -> None:
    class Lambda:
        def get_function(self, FunctionName: str) -> dict[str, Any]:  # noqa: N803
            return {"Code": {"RepositoryType": "S3"} if FunctionName == "zip" else {"ImageUri": URI}}

    functions = {"api": {"name": "one"}, "validator": {"name": "two"}, "other": {"name": "zip"}}
    assert deployed(functions, Lambda()) == {URI: ["api", "validator"]}
