"""How the tools report to a person that something is wrong."""

from __future__ import annotations

from typing import Final

FAILED: Final = 1
WRONG_INPUT: Final = 2
MISSING_ON_THIS_MACHINE: Final = 3


class AskedToEnd(KeyboardInterrupt):
    """SIGTERM: the command stops as on Ctrl-C."""


class Failure(Exception):
    """Something that a person can fix: what is wrong, where, and what to do about it.

    `status` is the exit status of the command: 1 it failed, 2 an input or a setting is wrong, 3 something is missing on
    this machine. Anything else that escapes a command is a bug of ours and ends in a traceback.
    """

    def __init__(self, problem: str, *, where: str | None = None, do: str | None = None, status: int = FAILED) -> None:
        super().__init__(problem)
        self.problem = problem
        self.where = where
        self.do = do
        self.status = status

    def __str__(self) -> str:
        lines = [f"error: {self.problem}"]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.do:
            lines.append(f"  do: {self.do}")
        return "\n".join(lines)
