"""Every link between pages leads to a page that there is, and to a section that it has; every unit that a page tells
make to work on is one of the live tree.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.livetree import layout
from tools.project import display, files

PAGES = files("*.md")
_BLOCK = re.compile(r"```.*?```", re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s]+)\)")


def anchors(text: str) -> set[str]:
    """What a section is linked by: its heading in small letters, with hyphens for spaces and nothing else."""
    headings = re.findall(r"^#+ (.+)$", _BLOCK.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


def broken(page: Path) -> list[str]:
    """The links of a page that lead nowhere."""
    found = []
    for link in _LINK.findall(_BLOCK.sub("", page.read_text(encoding="utf-8"))):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (
            anchor and target.suffix == ".md" and anchor not in anchors(target.read_text(encoding="utf-8"))
        ):
            found.append(link)
    return found


@pytest.mark.parametrize("page", PAGES, ids=display)
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    assert broken(page) == []


def test_a_link_to_nowhere_is_found(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_text("# B\n## A key is `lost` (1 %)\n")
    page = tmp_path / "a.md"
    page.write_text("[b](b.md) [k](b.md#a-key-is-lost-1-) [x](c.md) [y](b.md#a-key) [z](#nowhere) [w](https://x.y)\n")
    assert broken(page) == ["c.md", "b.md#a-key", "#nowhere"]


@pytest.mark.requirement("PLT-51")
def test_the_units_that_a_runbook_names_are_there() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES if page.parent.name == "runbooks")
    named = set(re.findall(r"UNITS=([\w/-]+)", text))
    folders = {f"{place.region}/{place.system}" for place in layout.units()} | {
        p.in_environment for p in layout.units()
    }
    assert named
    assert named <= folders
