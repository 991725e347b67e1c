"""The list of tools in docs/architecture.md, made from their docstrings."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

from tools.docs.generated import table
from tools.errors import WRONG_INPUT, Failure
from tools.project import ROOT, display

PAGE: Final = ROOT / "docs" / "architecture.md"
FOLDER: Final = ROOT / "tools"


def tools() -> list[str]:
    """A row for each package and each module at the top of `tools/`."""
    packages = [path.parent for path in FOLDER.glob("*/__init__.py")]
    modules = [path for path in FOLDER.glob("*.py") if path.name != "__init__.py"]
    rows = []
    for path in [*sorted(packages), *sorted(modules)]:
        source = path / "__init__.py" if path.is_dir() else path
        name = f"tools/{path.name}{'/' if path.is_dir() else ''}"
        rows.append((f"`{name}`", _summary(source)))
    return table(("tool", "what it does"), rows)


def _summary(source: Path) -> str:
    """The first paragraph of a module's docstring. Raises Failure for a module without one."""
    docstring = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8")))
    if not docstring:
        raise Failure(
            "a tool does not say what it does",
            where=display(source),
            do="give the module a docstring: docs/architecture.md shows its first paragraph",
            status=WRONG_INPUT,
        )
    return " ".join(docstring.partition("\n\n")[0].split())
