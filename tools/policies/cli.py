"""`pipelines policies`: `check` judges the source, `plan` the plans of an environment, `mutants` the rules."""

from __future__ import annotations

import argparse
from typing import Any

from tools.livetree.layout import check_environment
from tools.policies.mutation import check_mutants
from tools.policies.plan import check_plan
from tools.policies.source import check_source


def add_commands(commands: argparse._SubParsersAction[Any]) -> None:
    policies = commands.add_parser("policies", help="judge the configuration, the plans of an environment, the rules")
    forms = policies.add_subparsers(dest="form", required=True, metavar="form")
    source = forms.add_parser("check", help="checkov with our rules over the source, and whether every rule looked")
    source.set_defaults(run=lambda _: check_source())
    mutants = forms.add_parser("mutants", help="break the modules in every forbidden way, and see each break caught")
    mutants.set_defaults(run=lambda _: check_mutants())
    plan = forms.add_parser("plan", help="our rules over the plan of all units of an environment")
    plan.add_argument("--env", required=True, help="the name of a folder of live/")
    plan.set_defaults(run=_plan)


def _plan(arguments: argparse.Namespace) -> int:
    check_environment(arguments.env)
    return check_plan(arguments.env)
