"""How a person's shell starts a program."""

from __future__ import annotations

import signal


def take_interrupts() -> None:
    """For `preexec_fn`: also where the tests run in the background, whose programs ignore interrupts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
