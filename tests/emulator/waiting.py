"""Waiting for what must come to be, by looking."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LOOK_EVERY_S = 0.2
GIVE_UP_AFTER_S = 90.0


def wait_for(look: Callable[[], T | None], what: str, within_s: float = GIVE_UP_AFTER_S) -> T:
    """Look until there is something. Fails after a time in which anything healthy would have come."""
    deadline = time.monotonic() + within_s
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {within_s:.0f} s for {what}")
        time.sleep(LOOK_EVERY_S)
