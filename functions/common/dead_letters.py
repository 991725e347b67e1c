"""A dead letter says what failed, where and why, and holds what is needed to run it again (EVT-25)."""

from __future__ import annotations

from typing import Any

import msgspec

from functions.common.messages import MAXIMUM_MESSAGE_BYTES, as_message


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
        return as_message(self)

    def fits(self) -> bool:
        return len(self.encode().encode()) <= MAXIMUM_MESSAGE_BYTES
