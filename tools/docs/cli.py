"""`pipelines docs`: make the generated parts of the documentation, or say what on its pages is wrong."""

from __future__ import annotations

import argparse

from tools.arguments import Parser
from tools.docs import descriptions, generated, names, numbers, requirements, tables
from tools.docs.registry import everything
from tools.project import display


def docs_generate(parser: Parser) -> None:
    parser.set_defaults(run=_generate)


def docs_check(parser: Parser) -> None:
    parser.set_defaults(run=_check)


def _generate(_: argparse.Namespace) -> int:
    changed = 0
    for path, text in generated.written(everything()).items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"docs: wrote {display(path)}")
            changed += 1
    print(f"docs: {changed or 'no'} page{'' if changed == 1 else 's'} changed")
    descriptions.require(tables.modules())
    return _rest()


def _check(_: argparse.Namespace) -> int:
    descriptions.require(tables.modules())
    generated.require(everything())
    return _rest()


def _rest() -> int:
    """Check what no function can write."""
    names.require()
    numbers.require()
    requirements.require()
    print("docs: every part is up to date, names and numbers are right, inputs are described, requirements have tests")
    return 0
