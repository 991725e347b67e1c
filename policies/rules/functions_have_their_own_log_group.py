"""Log groups of functions."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import MISSING, Resource, options, text
from policies.rule import rule


@rule(
    "CKV_FEP_20",
    "Functions have a log group of their own in the configuration",
    "aws_lambda_function",
    rows=("PLT-31", "EVT-20", "TXF-51", "WHK-22"),
    fix="Add an `aws_cloudwatch_log_group` with the name `/aws/lambda/<function name>`.",
)
def functions_have_their_own_log_group(function: Resource) -> Iterator[str]:
    """Without one, Lambda creates the log group at the first invocation: without a customer-managed key, and kept for
    ever.
    """
    groups = {
        text(name)
        for group in function.world.of("aws_cloudwatch_log_group", near=function)
        if group.certain
        for name in options(group.get("name"))
        if name is not MISSING
    }
    named = function.get("logging_config.log_group")
    wanted = f"/aws/lambda/{text(function.get('function_name'))}" if named is MISSING else text(named)
    if wanted not in groups:
        yield f"there is no log group {wanted}"
