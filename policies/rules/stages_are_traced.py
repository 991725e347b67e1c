"""Tracing of APIs."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import Resource, options
from policies.rule import rule


@rule(
    "CKV_FEP_30",
    "API stages are traced, and log every access",
    "aws_api_gateway_stage",
    rows=("PLT-31", "WHK-01", "CSV-01"),
    fix="Set `xray_tracing_enabled = true`, and `access_log_settings` with the ARN of a log group as "
    "`destination_arn`.",
)
def stages_are_traced(stage: Resource) -> Iterator[str]:
    """The access log is the only record of a request that never reached a function."""
    if any(option is not True for option in options(stage.get("xray_tracing_enabled"))):
        yield f"xray_tracing_enabled is {stage.get('xray_tracing_enabled')}"
    if not stage.get("access_log_settings.destination_arn"):
        yield "access_log_settings.destination_arn is not set"
