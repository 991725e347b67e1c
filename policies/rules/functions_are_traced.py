"""Tracing of functions."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import Resource, options
from policies.rule import rule


@rule(
    "CKV_FEP_17",
    "Functions are traced",
    "aws_lambda_function",
    fix='Set tracing_config { mode = "Active" }.',
)
def functions_are_traced(function: Resource) -> Iterator[str]:
    """PLT-31, EVT-20, TXF-10, CSV-20: X-Ray active. `PassThrough` traces only what was traced before (and passes the
    built-in check).
    """
    if any(option != "Active" for option in options(function.get("tracing_config.mode"))):
        yield f"tracing_config.mode is {function.get('tracing_config.mode')}"
