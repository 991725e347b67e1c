"""Why a notification, or one of its events, is not processed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from functions.common.errors import PermanentError
from functions.common.faults import Fault

# A dead letter has room for these and the notification, and so has an audit item of 400 KB. Of the other faults only
# the number is given: a notification may hold thousands.
MAXIMUM_FAULTS_TOLD = 50


class InvalidEvent(PermanentError):
    """The notification holds no valid payment event. Its text is JSON: `{"problem", "faults", "more_faults"}`."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(msgspec.json.encode(cause("the notification holds no valid payment event", faults)).decode())
        self.faults = tuple(faults)


def cause(problem: str, faults: Sequence[Fault]) -> dict[str, Any]:
    """What a dead letter says of the faults: the first fifty, and how many more there are."""
    first, more = told(faults)
    said = {"problem": problem, "faults": msgspec.to_builtins(first)}
    return said | {"more_faults": more} if more else said


def told(faults: Sequence[Fault]) -> tuple[Sequence[Fault], int]:
    """The first fifty faults, and how many more there are."""
    return faults[:MAXIMUM_FAULTS_TOLD], max(0, len(faults) - MAXIMUM_FAULTS_TOLD)
