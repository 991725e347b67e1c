"""What has become of an upload. It goes forward only, whatever arrives twice or out of order (CSV-14).

An order on (attempt, state) decides: a write goes through if it is later than what stands. COMPLETED and FAILED are the
same step, so of the two the first one stays. A redrive of what failed is the next attempt; what is completed stays so.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, Protocol

import msgspec


class State(StrEnum):
    RECEIVED = "RECEIVED"
    VALIDATING = "VALIDATING"
    TRANSFORMING = "TRANSFORMING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


_STEPS: Final[Mapping[State, int]] = {
    State.RECEIVED: 0,
    State.VALIDATING: 1,
    State.TRANSFORMING: 2,
    State.COMPLETED: 3,
    State.FAILED: 3,
}
_STEPS_OF_AN_ATTEMPT: Final = 4


class Step(msgspec.Struct, frozen=True):
    """A state of an attempt (from 1)."""

    attempt: int
    state: State

    @property
    def order(self) -> int:
        """Of two steps the later one has the greater number."""
        return self.attempt * _STEPS_OF_AN_ATTEMPT + _STEPS[self.state]

    @property
    def is_final(self) -> bool:
        return self.state in (State.COMPLETED, State.FAILED)


class Statuses(Protocol):
    def advance(self, upload_id: str, step: Step, facts: Mapping[str, Any]) -> Step:
        """Write a step with what is known by then, if it is later than the one that stands, and that is not COMPLETED.

        Returns the step that stands afterwards. Raises TransientError.
        """

    def note(self, upload_id: str, step: Step, facts: Mapping[str, Any]) -> None:
        """Add what has become known, while this step stands. Raises TransientError."""

    def claim(self, upload_id: str, step: Step, execution: str) -> bool:
        """Let this execution tell that the attempt succeeded, while this step stands and no other one has the claim.

        From then on no other execution can write that the attempt failed. Done again by the same one, it is the same.
        Raises TransientError.
        """

    def facts(self, upload_id: str) -> dict[str, Any]:
        """All that is known of an upload; empty for one that nobody knows. Raises TransientError."""
