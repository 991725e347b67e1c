"""`pipelines docs`: make the generated parts of the documentation, or say which are stale."""

from __future__ import annotations

import argparse
import subprocess
from pathlib import Path
from typing import Any

from tools.docs import descriptions, generated, requirements, tables
from tools.docs.names import Repository
from tools.docs.registry import everything
from tools.errors import WRONG_INPUT, Failure
from tools.toolchain import ROOT


def add_commands(commands: argparse._SubParsersAction[Any]) -> None:
    docs = commands.add_parser("docs", help="generate parts of the documentation, or check them")
    actions = docs.add_subparsers(dest="action", required=True, metavar="action")
    generate = actions.add_parser("generate", help="write every page and place that is generated")
    generate.set_defaults(run=_generate)
    check = actions.add_parser(
        "check", help="fail where one is stale, or a name, an input or a requirement lacks what it needs"
    )
    check.set_defaults(run=_check)


def _generate(_: argparse.Namespace) -> int:
    changed = 0
    for path, text in generated.written(everything()).items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"docs: wrote {path.relative_to(ROOT)}")
            changed += 1
    print(f"docs: {changed or 'no'} page{'' if changed == 1 else 's'} changed")
    return 0


def _check(_: argparse.Namespace) -> int:
    all_of_them = everything()
    if stale := generated.stale(all_of_them):
        raise Failure(
            f"{len(stale)} generated part{'' if len(stale) == 1 else 's'} of the documentation stale",
            where=", ".join(map(str, stale)),
            do="run `make docs` and commit what it writes",
        )
    if orphans := generated.orphans(all_of_them, _pages()):
        raise Failure(
            f"no function fills {', '.join(orphans)}",
            where="tools/docs/registry.py",
            do="add the function that makes the lines, or remove the markers",
            status=WRONG_INPUT,
        )
    if problems := Repository().problems():
        raise Failure(
            f"{len(problems)} name{'' if len(problems) == 1 else 's'} in backticks that the repository does not have",
            where="\n         ".join(map(str, problems)),
            do="correct the name; one that is not ours goes into EXCEPTIONS of tools/docs/names.py, with the reason",
        )
    descriptions.require(tables.modules())
    rows = requirements.catalogue()
    missing = requirements.unproved(rows, requirements.collect(), requirements.progress(rows))
    if missing:
        raise Failure(
            f"no test names {', '.join(row.id for row in missing)}",
            where="docs/requirements.md",
            do='mark the test that proves the row with `@pytest.mark.requirement("<id>")`, or write it',
        )
    print("docs: every part is up to date, every name known, every input described, and every requirement has a test")
    return 0


def _pages() -> list[Path]:
    """Every page of Markdown that git knows."""
    listed = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.splitlines() if (ROOT / name).exists()]
