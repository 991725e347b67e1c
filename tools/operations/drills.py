"""Breaking a deployed function on purpose, for a drill; the block restores the function when it ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient


@contextmanager
def reserved_concurrency(functions: LambdaClient, name: str, reserved: int) -> Iterator[None]:
    """A function with another reserved concurrency; with 0 it takes no invocation."""
    before = functions.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"]
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=reserved)
    try:
        yield
    finally:
        functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=before)
