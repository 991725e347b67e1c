"""Pages that are generated in part: what stands between two markers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tools.errors import WRONG_INPUT, Failure
from tools.livetree.syntax import display


def with_generated(page: Path, name: str, lines: Iterable[str]) -> str:
    """The page with these lines between `<!-- BEGIN name -->` and `<!-- END name -->`.

    Raises Failure when the page has no such place.
    """
    begin, end = f"<!-- BEGIN {name} -->", f"<!-- END {name} -->"
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    before, found_begin, rest = text.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found_begin and found_end):
        raise Failure(
            f"{page.name} has no place for what is generated",
            where=display(page),
            do=f"give it the lines {begin} and {end}, then `make docs`",
            status=WRONG_INPUT,
        )
    return "\n".join([f"{before}{begin}", *lines, f"{end}{after}"])
