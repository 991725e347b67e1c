"""A dead letter says what failed, where and why, and holds what is needed to run it again (EVT-25)."""

from __future__ import annotations

import re
from typing import Any

import msgspec

# The most that SQS accepts: 256 KiB with the attributes of the message (there are none).
MAXIMUM_LETTER_BYTES = 262_144


# What SQS refuses in a message, apart from what JSON escapes anyway: control characters and lone surrogates
# (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html, "MessageBody").
_REFUSED = re.compile("[\ufffe\uffff]")


class DeadLetter(msgspec.Struct, frozen=True, omit_defaults=True):
    """`step` is the function that gave up, and `input` what it received. `payload_stored_in` names the item that holds
    the payload when the letter has no room for it.
    """

    step: str
    error: str
    cause: Any
    correlation_id: str
    input: dict[str, Any]
    payload_stored_in: dict[str, str] | None = None

    def encode(self) -> str:
        """JSON in characters that SQS accepts: U+FFFE and U+FFFF, which only a string can hold, are escaped."""
        return _REFUSED.sub(lambda match: f"\\u{ord(match.group()):04x}", msgspec.json.encode(self).decode())

    def fits(self) -> bool:
        return len(self.encode().encode()) <= MAXIMUM_LETTER_BYTES
