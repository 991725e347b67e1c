"""A workflow writes text with the characters that it holds, and SQS refuses those that a message cannot have.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-sqs.html (an object as `MessageBody` is sent as its JSON)
https://docs.jsonata.org/string-functions#string (as JSON.stringify, which escapes no character outside ASCII)
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html (`InvalidMessageContents`)

ministack escapes every character outside ASCII on both ways, so that a message with U+FFFE passed.
"""

from __future__ import annotations

import json
from typing import Any, Final

from jsonata.functions import Functions
from ministack.services import stepfunctions

from tools.emulator import places

RESTORES: Final = (
    "Step Functions: `$string` and a message to a queue keep their characters, so that SQS refuses U+FFFE and U+FFFF"
)


def apply() -> None:
    send = places.take(stepfunctions, "_invoke_sqs_send_message", "7f9c14f5e027")
    to_text = places.take(Functions, "_string", "7668646b364f")

    def send_with_its_characters(resource: str, arguments: dict[str, Any]) -> Any:
        body = arguments.get("MessageBody")
        if isinstance(body, dict | list):
            text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
            arguments = {**arguments, "MessageBody": text}
        return send(resource, arguments)

    def to_text_with_its_characters(value: Any, prettify: bool) -> str:
        text = str(to_text(value, prettify))
        if prettify or not isinstance(value, dict | list):
            return text
        return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))

    places.put(stepfunctions, "_invoke_sqs_send_message", send_with_its_characters)
    places.put(Functions, "_string", to_text_with_its_characters)
