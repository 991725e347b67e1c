"""Why a notification, or an event of one, goes no further."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from functions.common.errors import PermanentError
from functions.common.faults import Fault

# A dead letter has room for these beside the notification, and an audit item of 400 KB. Of the others their number is
# told: a notification may hold thousands.
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
