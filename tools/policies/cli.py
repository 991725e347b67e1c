"""`pipelines policies source|plan|mutants`."""

from __future__ import annotations

import argparse

from tools.arguments import Parser, add_environment
from tools.livetree.layout import check_environment, environments
from tools.policies.mutation import check_mutants
from tools.policies.plan import check_plan
from tools.policies.source import check_source


def policies_source(parser: Parser) -> None:
    parser.set_defaults(run=lambda _: check_source())


def policies_mutants(parser: Parser) -> None:
    parser.set_defaults(run=lambda _: check_mutants())


def policies_plan(parser: Parser) -> None:
    add_environment(parser, default=None)
    parser.set_defaults(run=_plan)


def _plan(arguments: argparse.Namespace) -> int:
    if arguments.env is not None:
        check_environment(arguments.env)
    return check_plan([arguments.env] if arguments.env is not None else environments())
