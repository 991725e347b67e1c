"""IAM from the inside: a function with the role in question makes calls, and tells how each was answered."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tools.release.manifest import RUNTIME
from tools.waiting import wait_for

Call = tuple[str, str, dict[str, Any]]
DENIED = frozenset({"AccessDenied", "AccessDeniedException", "AuthorizationError", "403"})

SOURCE = """
import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

def handler(event, context):
    answers = []
    for service, operation, arguments in event["calls"]:
        client = boto3.client(service, config=Config(retries={"total_max_attempts": 1}))
        try:
            getattr(client, operation)(**arguments)
            answers.append("ok")
        except ClientError as error:
            answers.append(error.response["Error"]["Code"])
    return answers
"""


@contextmanager
def probe(client: Callable[[str], Any], role_arn: str) -> Iterator[Callable[[list[Call]], list[str]]]:
    """A function with this role for the block: takes calls, answers "ok" or the error's code for each."""
    functions, name = client("lambda"), f"iam-probe-{uuid.uuid4().hex[:12]}"
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("probe.py", SOURCE)
    functions.create_function(
        FunctionName=name,
        Runtime=RUNTIME,
        Role=role_arn,
        Handler="probe.handler",
        Code={"ZipFile": package.getvalue()},
        Timeout=60,
    )
    try:
        wait_for(
            lambda: functions.get_function_configuration(FunctionName=name).get("State") == "Active",
            "the probe to be there",
        )

        def ask(calls: list[Call]) -> list[str]:
            answer = functions.invoke(FunctionName=name, Payload=json.dumps({"calls": calls}).encode())
            body = json.loads(answer["Payload"].read())
            assert "FunctionError" not in answer, body
            return list(body)

        yield ask
    finally:
        functions.delete_function(FunctionName=name)
