"""Faults that a test makes in the deployed system; each is gone when its block ends."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any


@contextmanager
def denied(
    client: Callable[[str], Any], role_name: str, actions: Sequence[str], resources: Sequence[str] = ("*",)
) -> Iterator[None]:
    """A role to which these actions are denied: to the function it is as if it died, or were refused, at that call."""
    iam, policy = client("iam"), f"fault-{uuid.uuid4().hex[:12]}"
    statement = {"Effect": "Deny", "Action": list(actions), "Resource": list(resources)}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=role_name, PolicyName=policy, PolicyDocument=document)
    try:
        yield
    finally:
        iam.delete_role_policy(RoleName=role_name, PolicyName=policy)


@contextmanager
def timeout(client: Callable[[str], Any], function_name: str, seconds: int) -> Iterator[None]:
    """A function with another timeout."""
    functions = client("lambda")
    before = functions.get_function_configuration(FunctionName=function_name)["Timeout"]

    def change(to: int) -> None:
        functions.update_function_configuration(FunctionName=function_name, Timeout=to)
        functions.get_waiter("function_updated_v2").wait(FunctionName=function_name)

    change(seconds)
    try:
        yield
    finally:
        change(before)


def restart(client: Callable[[str], Any], function_name: str) -> None:
    """Let a function start anew: a change of its configuration ends every warm instance."""
    seconds = client("lambda").get_function_configuration(FunctionName=function_name)["Timeout"]
    with timeout(client, function_name, seconds - 1):
        pass
