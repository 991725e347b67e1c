"""What a demonstration prints while it works, and how much it sends at a time."""

from __future__ import annotations

from typing import Final

# A burst of more starts a worker for each request on the emulator; warm clients keep to this many.
CONCURRENCY: Final = 8


def say(what: str) -> None:
    print(f"  {what}", flush=True)
