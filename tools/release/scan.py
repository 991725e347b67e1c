"""What ECR has found in the images that are deployed.

Scans on push find known vulnerabilities of packages of the image, by ECR itself or, where a registry says so, by Amazon
Inspector, whose findings have another form:
https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from botocore.exceptions import ClientError

from tools.release.manifest import repository_and_tag

SEVERITIES: Final = ("CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL")  # any other comes after these
# Why there are no findings yet; the emulator does not know the question.
_NONE_YET: Final = {
    "ScanNotFoundException": "ECR has not scanned it yet",
    "ImageNotFoundException": "the image is not in the repository any more",
    "InvalidAction": "this registry does not scan",
}


@dataclass(frozen=True)
class Finding:
    """A known vulnerability: "CVE-2026-1234", its severity ("HIGH"), the packages ("zlib 1.2.11"), where to read on."""

    name: str
    severity: str
    packages: str
    address: str

    @classmethod
    def of_ecr(cls, finding: Mapping[str, Any]) -> Self:
        """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageScanFinding.html"""
        package = {each["key"]: each.get("value", "") for each in finding.get("attributes", [])}
        named = f"{package.get('package_name', '?')} {package.get('package_version', '')}"
        return cls(finding["name"], finding["severity"], named.strip(), finding.get("uri", ""))

    @classmethod
    def of_inspector(cls, finding: Mapping[str, Any]) -> Self:
        """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_EnhancedImageScanFinding.html"""
        details = finding.get("packageVulnerabilityDetails", {})
        packages = [
            f"{each['name']} {each.get('version', '')}".strip() for each in details.get("vulnerablePackages", [])
        ]
        name = details.get("vulnerabilityId") or finding.get("title", "?")
        return cls(name, finding["severity"], ", ".join(packages) or "?", details.get("sourceUrl", ""))

    @property
    def rank(self) -> int:
        return SEVERITIES.index(self.severity) if self.severity in SEVERITIES else len(SEVERITIES)


@dataclass(frozen=True)
class Scan:
    """What is known of one image: why there are no findings, or all of them."""

    uri: str
    functions: tuple[str, ...]
    missing: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def critical(self) -> int:
        return sum(finding.severity == "CRITICAL" for finding in self.findings)

    def lines(self) -> Iterator[str]:
        """For people: the image, then a line for each finding, the worst first."""
        yield f"{', '.join(self.functions)}: {self.uri}"
        if self.missing:
            yield f"  no findings: {self.missing}"
        elif not self.findings:
            yield "  no findings: ECR knows of no vulnerability in it"
        for finding in sorted(self.findings, key=lambda each: each.rank):
            yield f"  {finding.severity} {finding.name}: {finding.packages} {finding.address}".rstrip()


def deployed(functions: Mapping[str, Mapping[str, Any]], aws_lambda: Any) -> dict[str, list[str]]:
    """The images that functions run from, by URI, with who runs from each. `functions` are a service's output."""
    images: dict[str, list[str]] = {}
    for name, function in sorted(functions.items()):
        code = aws_lambda.get_function(FunctionName=function["name"])["Code"]
        if "ImageUri" in code:
            images.setdefault(code["ImageUri"], []).append(name)
    return images


def scans(images: Mapping[str, list[str]], ecr: Any) -> Iterator[Scan]:
    """What ECR has found in each image."""
    for uri, functions in images.items():
        repository, tag = repository_and_tag(uri)
        yield _scan(uri, tuple(functions), lambda **page: ecr.describe_image_scan_findings(**page), repository, tag)


def _scan(uri: str, functions: tuple[str, ...], ask: Callable[..., Any], repository: str, tag: str) -> Scan:
    findings: list[Finding] = []
    page: dict[str, str] = {}
    while True:
        try:
            answer = ask(repositoryName=repository, imageId={"imageTag": tag}, **page)
        except ClientError as error:
            missing = _NONE_YET.get(error.response["Error"]["Code"])
            if missing is None:
                raise
            return Scan(uri, functions, missing)
        status = answer["imageScanStatus"]["status"]
        if status not in ("COMPLETE", "ACTIVE"):
            return Scan(uri, functions, f"the scan's status is {status}")
        found = answer["imageScanFindings"]
        findings += map(Finding.of_ecr, found.get("findings", []))
        findings += map(Finding.of_inspector, found.get("enhancedFindings", []))
        if not answer.get("nextToken"):
            return Scan(uri, functions, findings=tuple(findings))
        page = {"nextToken": answer["nextToken"]}
