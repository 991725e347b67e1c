"""Trying again inside one invocation what a service refused for the moment."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Final

from functions.common.errors import TransientError

ATTEMPTS: Final = 5
FIRST_PAUSE_S: Final = 0.1


class Attempts:
    """Counts attempts that failed, one after another. Between two of them is a pause, each time up to twice as long:
    with full jitter, so that those who met each other do not meet again.
    """

    def __init__(self, pause: Callable[[float], None] = time.sleep) -> None:
        self._pause = pause
        self._failed = 0

    def failed(self, what: str) -> None:
        """Wait for the next attempt. Raises TransientError(what) where there is none."""
        self._failed += 1
        if self._failed == ATTEMPTS:
            raise TransientError(what)
        self._pause(random.uniform(0, FIRST_PAUSE_S * 2**self._failed))  # noqa: S311 -- not a secret

    def succeeded(self) -> None:
        self._failed = 0
