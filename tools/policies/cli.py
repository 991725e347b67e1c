"""`pipelines policies source|plan|mutants`."""

from __future__ import annotations

import argparse

from tools.arguments import Parser, add_environment
from tools.deploy.target import target
from tools.errors import WRONG_INPUT, Failure
from tools.livetree.layout import check_environment, environments
from tools.policies.applied import check_applied
from tools.policies.mutation import check_mutants
from tools.policies.plan import check_plan
from tools.policies.source import check_source


def policies_source(parser: Parser) -> None:
    parser.set_defaults(run=lambda _: check_source())


def policies_mutants(parser: Parser) -> None:
    parser.set_defaults(run=lambda _: check_mutants())


def policies_plan(parser: Parser) -> None:
    add_environment(parser, default=None)
    parser.add_argument(
        "--target",
        choices=["emulator", "aws"],
        help="where --env is deployed: plan with its states, in the place of an empty account",
    )
    parser.set_defaults(run=_plan)


def _plan(arguments: argparse.Namespace) -> int:
    if arguments.env is not None:
        check_environment(arguments.env)
    if arguments.target is not None:
        if arguments.env is None:
            raise Failure("--target is for one environment", do="add --env", status=WRONG_INPUT)
        return check_applied(target(arguments.env, arguments.target))
    return check_plan([arguments.env] if arguments.env is not None else environments())
