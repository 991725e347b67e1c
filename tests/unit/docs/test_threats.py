"""The threats on the page about security name tests that there are, for every system."""

from __future__ import annotations

import ast
import re

import pytest

from tools.operations.cli import SYSTEMS
from tools.project import ROOT, files

PAGE = ROOT / "docs" / "security.md"
TESTS = {
    node.name
    for path in files("tests/*.py")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
}


def threats() -> dict[str, list[list[str]]]:
    """The rows of each table of threats: {system: [[who, what, what stops it, shown by]]}."""
    text = PAGE.read_text(encoding="utf-8").partition("## Threats\n")[2].partition("\n## ")[0]
    sections = re.split(r"^### (.+)$", text, flags=re.MULTILINE)[1:]
    return {
        system: [line.strip("| ").split(" | ") for line in body.splitlines() if re.match(r"\| (?!who |---)", line)]
        for system, body in zip(sections[::2], sections[1::2], strict=True)
    }


@pytest.mark.requirement("PLT-51")
def test_every_system_has_its_threats() -> None:
    found = threats()
    assert set(found) == {"Every system", *SYSTEMS}
    assert {system for system, rows in found.items() if len(rows) < 5} == set()


@pytest.mark.requirement("PLT-51")
@pytest.mark.parametrize("system", ["Every system", *SYSTEMS])
def test_what_stops_a_threat_is_shown_by_tests_that_there_are(system: str) -> None:
    for row in threats()[system]:
        assert len(row) == 4, row
        named = re.findall(r"`(test_\w+)`", row[3])
        assert named, row
        assert set(named) <= TESTS, set(named) - TESTS
