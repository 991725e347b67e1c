"""The patches as a whole: which there are, what they say of themselves, and what happens when one does not fit."""

from __future__ import annotations

import ast
import sys
from types import ModuleType

import pytest

from tools.docs.patches import FOLDER, restores
from tools.emulator import patches
from tools.errors import Failure
from tools.project import ROOT


def _module(name: str) -> ast.Module:
    return ast.parse((ROOT / "tools" / "emulator" / "patches" / f"{name}.py").read_text())


@pytest.mark.parametrize("name", patches.names())
def test_a_patch_names_the_documentation_of_what_it_restores(name: str) -> None:
    assert "https://docs.aws.amazon.com/" in (ast.get_docstring(_module(name)) or "")


@pytest.mark.parametrize("name", patches.names())
def test_a_patch_has_tests_that_show_what_it_restores(name: str) -> None:
    assert (ROOT / "tests" / "emulator" / "fidelity" / f"test_{name}.py").exists()


@pytest.mark.requirement("PLT-20")
def test_the_page_about_the_emulator_lists_exactly_the_patches_that_there_are() -> None:
    page = (ROOT / "docs" / "emulator.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| `") and line.count("|") == 3]
    listed = [row for row in rows if row.split("`")[1] in {*patches.names()}]
    assert listed == [f"| `{name}` | {restores(FOLDER / f'{name}.py')} |" for name in patches.names()]


def test_a_patch_that_does_not_fit_stops_the_start_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def misfit() -> None:
        raise Failure("the place of this patch is not as expected: it does not exist", where="ministack.mail.send")

    broken = ModuleType("tools.emulator.patches.broken")
    broken.apply = misfit  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, broken.__name__, broken)
    monkeypatch.setattr(patches, "names", lambda: ["broken"])
    monkeypatch.setattr("importlib.metadata.version", lambda _: "9.9.9")
    with pytest.raises(Failure) as failure:
        list(patches.apply_all())
    assert "the patch broken does not fit ministack 9.9.9" in failure.value.problem
    assert failure.value.where == "ministack.mail.send"
