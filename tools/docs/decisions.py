"""The index of decisions in docs/decisions/README.md, made from the pages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from tools.docs.generated import table
from tools.errors import WRONG_INPUT, Failure
from tools.project import ROOT

PAGE: Final = ROOT / "docs" / "decisions" / "README.md"
_NAME: Final = re.compile(r"(\d{4}-\d{2}-\d{2})-[a-z0-9-]+\.md")
_PARTS: Final = ("**What forced it.**", "**What was chosen.**", "**What it costs.**", "**What would change our mind.**")


def index(folder: Path = PAGE.parent) -> list[str]:
    """A row for each decision, by date. Raises Failure for a page that lacks a date, a title or a part."""
    return table(("date", "decision"), map(_row, sorted(set(folder.glob("*.md")) - {folder / PAGE.name})))


def _row(page: Path) -> tuple[str, str]:
    name, text = _NAME.fullmatch(page.name), page.read_text(encoding="utf-8")
    title = re.match(r"# (?:\d{4}-\d{2}-\d{2}: )?(.+)", text)
    missing = [part for part in _PARTS if part not in text]
    if not (name and title) or missing:
        raise Failure(
            "a decision is not a dated page in the form of the others",
            where=f"docs/decisions/{page.name}",
            do=f"name it `<date>-<what>.md`, begin it with `# <title>`, and write {' '.join(missing or _PARTS)}",
            status=WRONG_INPUT,
        )
    return name[1], f"[{title[1]}]({page.name})"
