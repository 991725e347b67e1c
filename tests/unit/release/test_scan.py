"""What is said of the findings of ECR's scans."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tools import cli
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


def test_findings_of_inspector_count_as_those_of_ecr() -> None:
    class Inspector(Ecr):
        def describe_image_scan_findings(self, **_: Any) -> dict[str, Any]:
            details = {
                "vulnerabilityId": "CVE-2026-1",
                "sourceUrl": "https://example.org/CVE-2026-1",
                "vulnerablePackages": [{"name": "zlib", "version": "1.2"}, {"name": "zlib-dev"}],
            }
            findings = [
                {"severity": "UNTRIAGED", "title": "a secret in the image"},
                {"severity": "CRITICAL", "title": "CVE-2026-1 - zlib", "packageVulnerabilityDetails": details},
            ]
            return {"imageScanStatus": {"status": "ACTIVE"}, "imageScanFindings": {"enhancedFindings": findings}}

    text, critical = told(Inspector())
    assert critical == 1
    assert text.splitlines()[1:] == [
        "  CRITICAL CVE-2026-1: zlib 1.2, zlib-dev https://example.org/CVE-2026-1",
        "  UNTRIAGED a secret in the image: ?",
    ]


@pytest.mark.requirement("EVT-31", "CSV-20")
@pytest.mark.parametrize(
    ("ecr", "uri", "status", "last"),
    [
        (Ecr(["CRITICAL", "LOW"]), URI, 1, "2 findings, 1 critical"),
        (Ecr(["HIGH"]), URI, 0, "1 findings, 0 critical"),
        (Ecr(error="ScanNotFoundException"), URI, 0, "0 findings, 0 critical"),
        (Ecr(), None, 0, "the functions of payment-events run from zips, which ECR does not scan"),
    ],
)
def test_the_command_fails_for_critical_findings_alone(
    ecr: Ecr,
    uri: str | None,
    status: int,
    last: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = {"ImageUri": uri} if uri else {"RepositoryType": "S3"}
    clients = {"ecr": ecr, "lambda": SimpleNamespace(get_function=lambda **_: {"Code": code})}
    on = SimpleNamespace(
        environment="dev",
        outputs=lambda place: {"functions": {"event-trigger": {"name": f"{place.system}-trigger"}}},
        client=lambda service, region: clients[service],
    )
    monkeypatch.setattr("tools.deploy.target.target", lambda *_: on)
    assert cli.main(["release", "scan", "payment-events"]) == status
    assert capsys.readouterr().out.splitlines()[-1] == last


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
