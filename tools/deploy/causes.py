"""Which errors stopped a long run: what the innermost programs said, without what the outer ones add."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from tools.colours import without_colours

_SHOWN: Final = 5
_LINES: Final = 20
# What Terragrunt puts before a line of a unit's: "08:12:01.123 STDERR [webhooks/data] terraform: ".
_PREFIX: Final = re.compile(r"\d\d:\d\d:\d\d\.\d{3} \w+ +(?:\[(?P<unit>[^\]]*)\] )?(?:[\w./-]+: )?")
_FRAME: Final = "│"
# The stand-in's words for "a program below me failed".
_WRAPS: Final = re.compile(r"error: (?:the hook \S+ of \S+ |[\w-]+ failed$)", re.MULTILINE)


def causes(said: str) -> list[str]:
    """The errors in the output of Terragrunt or of the stand-in, each once, in the order in which they came.

    An error is one of a tool of ours with its three parts, one of Terraform's, or the last line of a traceback.
    """
    by_unit: dict[str, list[str]] = {}
    for line in without_colours(said).splitlines():
        prefix = _PREFIX.match(line)
        unit = (prefix["unit"] or "") if prefix else ""
        by_unit.setdefault(unit, []).append(line[prefix.end() :] if prefix else line)
    found = dict.fromkeys(error for unit, lines in by_unit.items() for error in _errors(lines, unit))
    return [error for error in found if not _WRAPS.match(error)] or [*found]


def report(errors: Sequence[str]) -> str:
    """The causes as the end of a command's output shows them; empty where there are none."""
    if not errors:
        return ""
    more = [f"... and {len(errors) - _SHOWN} more"] if len(errors) > _SHOWN else []
    return "\n\n".join(["──── what stopped it", *errors[:_SHOWN], *more])


def _errors(lines: list[str], unit: str) -> Iterator[str]:
    for at, line in enumerate(lines):
        if line.startswith("error: "):
            yield "\n".join([line, *_while(lines[at + 1 :], ("  where: ", "  do: "))])
        elif line.startswith((f"{_FRAME} Error: ", "Error: ")):
            framed = line.startswith(_FRAME)
            rest = [*_while(lines[at + 1 :], (_FRAME,))] if framed else _paragraphs(lines[at + 1 :])
            text = "\n".join(part.removeprefix(_FRAME).removeprefix(" ") if framed else part for part in [line, *rest])
            yield text.rstrip() + (f"\n  unit: {unit}" if unit else "")
        elif line.startswith("Traceback "):
            last = next((later for later in lines[at + 1 :] if later and not later.startswith(" ")), "")
            yield f"error: {last}"


def _while(lines: list[str], beginnings: tuple[str, ...]) -> Iterator[str]:
    for line in lines:
        if not line.startswith(beginnings):
            return
        yield line


def _paragraphs(lines: list[str]) -> list[str]:
    """What follows the first line of an error without a frame: where it is, which is indented, and the explanation."""
    taken: list[str] = []
    for line in lines[:_LINES]:
        if not line and any(part and not part.startswith(" ") for part in taken):
            break
        taken.append(line)
    return taken
