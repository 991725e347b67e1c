"""Waiting, by looking again and again. Standard library only."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

LOOK_EVERY_S: Final = 0.2
# On an emulator, anything that works takes less.
GIVE_UP_AFTER_S: Final = 90.0
# Such a look reads whole tables and queues.
_LOOK_AT_ALL_EVERY_S: Final = 0.5

Seen = TypeVar("Seen")


def until(look: Callable[[], Seen], within_s: float = GIVE_UP_AFTER_S, every_s: float = LOOK_EVERY_S) -> Seen:
    """Look until what is seen is true, or the time is up. Returns what was seen last."""
    deadline = time.monotonic() + within_s
    while not (seen := look()) and time.monotonic() < deadline:
        time.sleep(every_s)
    return seen


def wait_for(look: Callable[[], Seen | None], what: str, within_s: float = GIVE_UP_AFTER_S) -> Seen:
    """Look until what is seen is true. Raises TimeoutError, which says what was waited for, when the time is up."""
    seen = until(look, within_s)
    if not seen:
        raise TimeoutError(f"waited {within_s:.0f} s for {what}")
    return seen


def until_settled(look: Callable[[], Seen], done: Callable[[Seen], bool], size: Callable[[Seen], int]) -> Seen:
    """Look until it is done, or until what is seen keeps its size for GIVE_UP_AFTER_S. Returns what was seen last."""
    changed, last = time.monotonic(), -1
    while True:
        seen = look()
        if done(seen) or time.monotonic() - changed > GIVE_UP_AFTER_S:
            return seen
        if size(seen) != last:
            changed, last = time.monotonic(), size(seen)
        time.sleep(_LOOK_AT_ALL_EVERY_S)
