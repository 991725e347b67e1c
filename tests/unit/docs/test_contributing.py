"""CONTRIBUTING.md names files and tests: they are there."""

from __future__ import annotations

import re

import pytest

from tools.docs.names import EXAMPLES
from tools.project import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
NAMED = sorted(
    set(re.findall(r"(?<![\w/])(?:tests|tools|modules|functions|live|docs|policies)/[\w./{}:,<>-]*\w", TEXT))
)


def is_of_this_repository(name: str) -> bool:
    """Not of what a recipe makes."""
    return not re.search(rf"(?<![A-Za-z])({'|'.join(EXAMPLES)})(?![A-Za-z])|<", name)


@pytest.mark.parametrize("name", [name for name in NAMED if is_of_this_repository(name)])
def test_what_is_named_is_there(name: str) -> None:
    path, _, test = name.partition("::")
    assert (ROOT / path).exists()
    assert f"def {test}(" in (ROOT / path).read_text() if test else True
