"""Concurrency."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from policies.model import Input, Resource, Unknown, options
from policies.rule import rule


@rule(
    "CKV_FEP_16",
    "Functions reserve their concurrency",
    "aws_lambda_function",
    rows=("PLT-31", "EVT-20", "TXF-10", "CSV-20", "WHK-10"),
    reading={
        'AWS Lambda Developer Guide, "Understanding Lambda function scaling"': "https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html",
    },
    fix="Set `reserved_concurrent_executions` to the function's peak, 1 or more.",
)
def functions_reserve_concurrency(function: Resource) -> Iterator[str]:
    """A reservation stops one function from taking another's share. 0 switches a function off. -1, which a plan shows
    where nothing is set, reserves nothing, although checkov's built-in check accepts it. Where a setting of the
    environment or of the unit scales the value, `max` keeps it at 1 or more.
    """
    for reserved in options(function.get("reserved_concurrent_executions")):
        if _is_scaled(reserved):
            continue
        if not isinstance(reserved, int) or reserved < 1:
            yield f"reserved_concurrent_executions is {reserved}"


_SETTINGS = frozenset({Input("context.reserved_concurrency_percent"), Input("validator_concurrency")})


def _is_scaled(reserved: Any) -> bool:
    """Whether it is `max(1, ...)` of these settings and of nothing else."""
    return (
        isinstance(reserved, Unknown)
        and re.match(r"\$\{max\([1-9]\d*, ", reserved.text) is not None
        and frozenset() < reserved.origins <= _SETTINGS
    )
