"""JSON in characters that SQS accepts in a message, and the most that one message holds."""

from __future__ import annotations

import re
from typing import Final

import msgspec

# 256 KiB with the message's attributes. SQS takes more by now; queues made before it do not.
MAXIMUM_MESSAGE_BYTES: Final = 262_144

# What SQS refuses in a message, apart from what JSON escapes anyway: control characters and lone surrogates
# (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html, "MessageBody").
_REFUSED: Final = re.compile("[\ufffe\uffff]")


def as_message(content: msgspec.Struct) -> str:
    """U+FFFE and U+FFFF, which only a string can hold, are escaped."""
    return _REFUSED.sub(lambda match: f"\\u{ord(match.group()):04x}", msgspec.json.encode(content).decode())
