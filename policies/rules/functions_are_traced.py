"""Tracing of functions."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import Resource, options
from policies.rule import rule


@rule(
    "CKV_FEP_17",
    "Functions are traced",
    "aws_lambda_function",
    rows=("PLT-31", "EVT-20", "TXF-10", "CSV-20"),
    fix='Set `tracing_config` with `mode = "Active"`.',
)
def functions_are_traced(function: Resource) -> Iterator[str]:
    """X-Ray shows where an event spent its time. `PassThrough` traces only requests that the caller traces already,
    although checkov's built-in check accepts it.
    """
    if any(option != "Active" for option in options(function.get("tracing_config.mode"))):
        yield f"tracing_config.mode is {function.get('tracing_config.mode')}"
