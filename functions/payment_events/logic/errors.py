"""Why a notification, or an event of one, goes no further."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from functions.common.errors import PermanentError
from functions.common.faults import Fault

# A dead letter has room for these beside the notification; the audit table holds all of them.
MAXIMUM_FAULTS_TOLD = 50


class InvalidEvent(PermanentError):
    """The notification holds no valid payment event. Its text is JSON: `{"problem", "faults", "more_faults"}`."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(msgspec.json.encode(cause("the notification holds no valid payment event", faults)).decode())
        self.faults = tuple(faults)


def cause(problem: str, faults: Sequence[Fault]) -> dict[str, Any]:
    """What a dead letter says of the faults: the first fifty, and how many more there are."""
    told = {"problem": problem, "faults": msgspec.to_builtins(faults[:MAXIMUM_FAULTS_TOLD])}
    more = len(faults) - MAXIMUM_FAULTS_TOLD
    return told | {"more_faults": more} if more > 0 else told
