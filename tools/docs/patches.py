"""The table of patches in docs/emulator.md, made from what each patch says that it restores."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

from tools.docs.generated import table
from tools.emulator.patches import names
from tools.errors import WRONG_INPUT, Failure
from tools.project import ROOT, display

PAGE: Final = ROOT / "docs" / "emulator.md"
FOLDER: Final = ROOT / "tools" / "emulator" / "patches"


def render() -> list[str]:
    """A row for each patch, in the order in which they are applied."""
    return table(("patch", "restores"), ((f"`{name}`", restores(FOLDER / f"{name}.py")) for name in names()))


def restores(patch: Path) -> str:
    """The `RESTORES` of a patch. The file is read, not imported: what it imports is in the emulator's environment.

    Raises Failure for a patch without it.
    """
    for node in ast.parse(patch.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == "RESTORES":
            return str(ast.literal_eval(node.value)) if node.value else ""
    raise Failure(
        "a patch does not say what it restores",
        where=display(patch),
        do='write `RESTORES: Final = "<service>: <what it restores>"`',
        status=WRONG_INPUT,
    )
