"""What a demonstration says while it works, and how it waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

# A burst of more starts a worker for each request on the emulator; warm clients keep to this many.
CONCURRENCY: Final = 8
POLL_EVERY_S: Final = 0.5
GIVE_UP_AFTER_S: Final = 90.0

Seen = TypeVar("Seen")


def say(what: str) -> None:
    print(f"  {what}", flush=True)


def look_until(look: Callable[[], Seen], done: Callable[[Seen], bool], size: Callable[[Seen], int]) -> Seen:
    """Look until it is done, or until what is seen stays at one size for a long time; answers what was seen last."""
    changed, last = time.monotonic(), -1
    while True:
        seen = look()
        if done(seen) or time.monotonic() - changed > GIVE_UP_AFTER_S:
            return seen
        if size(seen) != last:
            changed, last = time.monotonic(), size(seen)
        time.sleep(POLL_EVERY_S)
