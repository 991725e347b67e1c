"""What is generated in the documentation: a whole page, or the lines between two markers of one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.errors import WRONG_INPUT, Failure
from tools.project import display, files

_MARKER: Final = re.compile(r"^<!-- BEGIN ([A-Z_]+) -->$", re.MULTILINE)


@dataclass(frozen=True)
class Generated:
    """The function that makes a whole page, or what stands between `<!-- BEGIN name -->` and `<!-- END name -->`."""

    page: Path
    lines: Callable[[], Iterable[str]]
    name: str | None = None

    def __str__(self) -> str:
        return f"{display(self.page)} ({self.name})" if self.name else display(self.page)


def with_generated(text: str, page: Path, name: str, lines: Iterable[str]) -> str:
    """The text of a page with these lines between the two markers.

    Raises Failure when the page has no such place.
    """
    begin, end = f"<!-- BEGIN {name} -->", f"<!-- END {name} -->"
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


def stale(everything: Sequence[Generated]) -> list[Generated]:
    """What does not read as it would be generated now."""
    texts = {each.page: _read(each.page) for each in everything}
    return [each for each in everything if _with(texts[each.page], each) != texts[each.page]]


def written(everything: Sequence[Generated]) -> dict[Path, str]:
    """Each page that is generated, wholly or in part, with the text that it must have."""
    texts: dict[Path, str] = {}
    for each in everything:
        texts[each.page] = _with(texts.get(each.page, _read(each.page)), each)
    return texts


def orphans(everything: Sequence[Generated], pages: Iterable[Path]) -> list[str]:
    """Markers that no function fills: "docs/security.md (SKIPS)"."""
    known = {str(each) for each in everything}
    marked = (f"{display(page)} ({name})" for page in pages for name in _MARKER.findall(_read(page)))
    return [place for place in marked if place not in known]


def require(everything: Sequence[Generated]) -> None:
    """Raises Failure where a part is stale, or a page has a place that nothing fills."""
    if behind := stale(everything):
        raise Failure(
            f"{len(behind)} generated part{'' if len(behind) == 1 else 's'} of the documentation stale",
            where=", ".join(map(str, behind)),
            do="run `make docs` and commit what it writes",
        )
    if unfilled := orphans(everything, files("*.md")):
        raise Failure(
            f"no function fills {', '.join(unfilled)}",
            where="tools/docs/registry.py",
            do="add the function that makes the lines, or remove the markers",
            status=WRONG_INPUT,
        )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table in Markdown; an empty cell stays empty, and a `|` in a cell is escaped."""
    return [_row(head), _row(["---"] * len(head)), *map(_row, rows)]


def _row(cells: Sequence[str]) -> str:
    return "|".join(["", *(f" {cell.replace('|', chr(92) + '|')} " if cell else " " for cell in cells), ""])


def _with(text: str, each: Generated) -> str:
    if each.name is None:
        return "\n".join(each.lines())
    return with_generated(text, each.page, each.name, each.lines())


def _read(page: Path) -> str:
    return page.read_text(encoding="utf-8") if page.exists() else ""
