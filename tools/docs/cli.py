"""`pipelines docs`: make the generated parts of the documentation, or say which are stale."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tools.docs import requirements, skips, tables
from tools.errors import Failure
from tools.policies import page as policies
from tools.toolchain import ROOT


def add_commands(commands: argparse._SubParsersAction[Any]) -> None:
    docs = commands.add_parser("docs", help="generate the tables in the documentation, or check them")
    actions = docs.add_subparsers(dest="action", required=True, metavar="action")
    generate = actions.add_parser("generate", help="write the modules' tables and docs/requirements.md")
    generate.set_defaults(run=_generate)
    check = actions.add_parser("check", help="fail where they are stale, or a requirement has no test")
    check.set_defaults(run=_check)


def _read() -> tuple[dict[Path, str], list[requirements.Requirement]]:
    """Every page that is generated, wholly or in part, with the text that it must have; and the rows without a test."""
    rows = requirements.catalogue()
    progress, proofs = requirements.progress(rows), requirements.collect()
    pages = {module / "README.md": tables.with_tables(module) for module in tables.modules()}
    pages[requirements.PAGE] = requirements.render(rows, proofs, progress)
    pages[policies.PAGE] = policies.render()
    pages[skips.PAGE] = skips.render()
    return pages, requirements.unproved(rows, proofs, progress)


def _generate(_: argparse.Namespace) -> int:
    written = 0
    for path, text in _read()[0].items():
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
            print(f"docs: wrote {path.relative_to(ROOT)}")
            written += 1
    print(f"docs: {written or 'no'} page{'' if written == 1 else 's'} changed")
    return 0


def _check(_: argparse.Namespace) -> int:
    pages, missing = _read()
    stale = [path for path, text in pages.items() if not path.exists() or path.read_text() != text]
    if stale:
        raise Failure(
            f"{len(stale)} generated page{'' if len(stale) == 1 else 's'} stale",
            where=", ".join(str(path.relative_to(ROOT)) for path in stale),
            do="run `make docs` and commit what it writes",
        )
    if missing:
        raise Failure(
            f"no test names {', '.join(row.id for row in missing)}",
            where="docs/requirements.md",
            do='mark the test that proves the row with `@pytest.mark.requirement("<id>")`, or write it',
        )
    print("docs: every generated page is up to date, and every requirement has a test")
    return 0
