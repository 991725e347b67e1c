"""Architecture."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import Resource, items
from policies.rule import rule


@rule(
    "CKV_FEP_15",
    "Functions run on arm64",
    "aws_lambda_function",
    rows=("PLT-31", "EVT-20", "TXF-10", "CSV-20", "WHK-10"),
    fix='Set `architectures = ["arm64"]`.',
)
def functions_run_on_arm64(function: Resource) -> Iterator[str]:
    """The artefacts are built for arm64. Without `architectures`, Lambda uses x86_64."""
    if items(function.get("architectures")) != ["arm64"]:
        yield f"architectures is {function.get('architectures')}"
