"""What ECR has found in the images that are deployed.

Scans on push find known vulnerabilities of packages of the image:
https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-basic.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

# https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageScanFinding.html
SEVERITIES: Final = ("CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNDEFINED")
# Why there are no findings yet; the emulator does not know the question.
_NONE_YET: Final = {
    "ScanNotFoundException": "ECR has not scanned it yet",
    "ImageNotFoundException": "the image is not in the repository any more",
    "InvalidAction": "this registry does not scan",
}


@dataclass(frozen=True)
class Scan:
    """What is known of one image: why there are no findings, or all of them."""

    uri: str
    functions: tuple[str, ...]
    missing: str = ""
    findings: tuple[Mapping[str, Any], ...] = ()

    @property
    def critical(self) -> int:
        return sum(finding["severity"] == "CRITICAL" for finding in self.findings)

    def lines(self) -> Iterator[str]:
        """For people: the image, then a line for each finding, the worst first."""
        yield f"{', '.join(self.functions)}: {self.uri}"
        if self.missing:
            yield f"  no findings: {self.missing}"
        elif not self.findings:
            yield "  no findings: ECR knows of no vulnerability in it"
        for finding in sorted(self.findings, key=lambda each: SEVERITIES.index(each["severity"])):
            package = {each["key"]: each.get("value", "") for each in finding.get("attributes", [])}
            named = f"{package.get('package_name', '?')} {package.get('package_version', '')}".strip()
            yield f"  {finding['severity']} {finding['name']}: {named} {finding.get('uri', '')}".rstrip()


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
        repository, _, tag = uri.partition("/")[2].partition(":")
        yield _scan(uri, tuple(functions), lambda **page: ecr.describe_image_scan_findings(**page), repository, tag)


def _scan(uri: str, functions: tuple[str, ...], ask: Callable[..., Any], repository: str, tag: str) -> Scan:
    findings: list[Mapping[str, Any]] = []
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
        findings += answer["imageScanFindings"].get("findings", [])
        if not answer.get("nextToken"):
            return Scan(uri, functions, findings=tuple(findings))
        page = {"nextToken": answer["nextToken"]}
