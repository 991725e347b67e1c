"""The emulator's evaluator of policies, written by others, as a program: it runs in the emulator's environment.

Reads one JSON object a line: `{"kind": "resource" | "identity", "policy", "action", "resource", "principal", "service",
"secure", "keys"}`. Writes "Allow", "Deny" or "ImplicitDeny" a line.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from ministack.core import iam_evaluator as evaluator


def decide(asked: dict[str, Any]) -> str:
    context = evaluator.EvalContext(
        principal_arn=asked["principal"],
        principal_type="AssumedRole",
        principal_account=asked["principal"].split(":")[4],
        action=asked["action"],
        resource_arn=asked["resource"],
        region="us-east-1",
        source_ip="192.0.2.1",
        secure_transport=asked["secure"],
        service_context=asked["keys"],
    )
    if asked["kind"] == "resource":
        return str(evaluator.evaluate_resource_policy(asked["policy"], context, asked["service"] or None).decision)
    return str(evaluator.evaluate(context, [evaluator.parse_policy_document(asked["policy"])]).decision)


def main() -> None:
    for line in sys.stdin:
        print(decide(json.loads(line)), flush=True)


if __name__ == "__main__":
    main()
