"""A call of SQS or SNS that carries a batch needs the permission for one message.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html ("you need the permission sns:Publish")

ministack asks for a permission of the call's own name, which IAM does not know: a role that AWS allows is denied.
"""

from __future__ import annotations

from typing import Any, Final

from ministack.core import iam_actions

from tools.emulator import places

RESTORES: Final = "SQS, SNS: a batch needs the permission for one message (else roles that AWS allows are denied)"

_PERMISSIONS: Final = {
    "sns:PublishBatch": "sns:Publish",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}


def apply() -> None:
    extract = places.take(iam_actions, "extract_iam_action", "ec476b92d969")

    def extract_permission(*arguments: Any) -> str | None:
        action: str | None = extract(*arguments)
        return _PERMISSIONS.get(action or "", action)

    places.put(iam_actions, "extract_iam_action", extract_permission)
