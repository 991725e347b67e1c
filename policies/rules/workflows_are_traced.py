"""Tracing of workflows."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import Resource, options
from policies.rule import rule


@rule(
    "CKV_FEP_18",
    "Workflows are traced",
    "aws_sfn_state_machine",
    rows=("PLT-31", "EVT-10"),
    fix="Set `tracing_configuration` with `enabled = true`.",
)
def workflows_are_traced(workflow: Resource) -> Iterator[str]:
    """X-Ray shows which step of an execution was slow or failed."""
    if any(option is not True for option in options(workflow.get("tracing_configuration.enabled"))):
        yield f"tracing_configuration.enabled is {workflow.get('tracing_configuration.enabled')}"
