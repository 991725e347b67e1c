"""`pipelines env plan|apply|destroy|up`: an environment, on the emulator or on AWS."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import Literal

from tools.arguments import Parser, add_environment, add_target
from tools.delivery.planning import Units, scratch
from tools.delivery.summary import Form, summary
from tools.deploy import obstacles, remaining, terragrunt
from tools.deploy.destroy import destroy
from tools.deploy.on_emulator import applied
from tools.deploy.target import Target, target
from tools.livetree.reading.tree import discover
from tools.project import BUILD

Action = Literal["plan", "apply", "destroy"]


def env_plan(parser: Parser) -> None:
    _add_arguments(parser, "plan")
    parser.add_argument(
        "--summary",
        nargs="?",
        choices=["terminal", "markdown"],
        const="terminal",
        help="say what changes and what to look at first, instead of each whole plan (terminal)",
    )
    parser.set_defaults(run=_plan)


def env_apply(parser: Parser) -> None:
    _add_arguments(parser, "apply")


def env_destroy(parser: Parser) -> None:
    _add_arguments(parser, "destroy")


def env_up(parser: Parser) -> None:
    add_environment(parser)
    parser.set_defaults(run=_up)


def _add_arguments(parser: Parser, action: Action) -> None:
    add_target(parser)
    parser.add_argument("--units", default=".", help="a folder below the environment's, as us-east-1/payment-events")
    parser.set_defaults(run=partial(_terragrunt, action))


def _plan(arguments: argparse.Namespace) -> int:
    if not arguments.summary:
        return _terragrunt("plan", arguments)
    where = terragrunt.folder(arguments.env, arguments.units)
    on = target(arguments.env, arguments.target)
    if on.emulator is None:
        obstacles.check_set_up(on)
    return _summarised(on, where, arguments.summary)


def _summarised(on: Target, where: Path, form: Form) -> int:
    units = Units.of(on)
    with scratch() as folder:
        plans = [planned.plan for planned in units.plan_all(discover(where), folder)]
    print(summary(on.environment, plans, form), end="")
    return 1 if any(plan.problem is not None for plan in plans) else 0


def _terragrunt(action: Action, arguments: argparse.Namespace) -> int:
    where = terragrunt.folder(arguments.env, arguments.units)
    on = target(arguments.env, arguments.target)
    if on.emulator is None:
        obstacles.check_set_up(on)
    if action == "destroy":
        return destroy(on, where)
    if action == "apply" and on.emulator is None:
        obstacles.check(on, arguments.units)
    status = terragrunt.run(action, where, on.variables(), for_aws=on.emulator is None).returncode
    if action == "apply" and status == 0:
        _say_what_is_left_to_do(on, where)
    return status


def _say_what_is_left_to_do(on: Target, where: Path) -> None:
    for line in remaining.left_to_do(on, where):
        print(f"left to do: {line}")


def _up(arguments: argparse.Namespace) -> int:
    where = terragrunt.folder(arguments.env)
    with applied(arguments.env, BUILD / "deploy" / "up.log", keep=True) as environment:
        _say_what_is_left_to_do(environment.target, where)
        print(
            f"live/{arguments.env} is applied on {environment.emulator.endpoint}; next: `make plan`, `make demo`; "
            "`make down` stops the emulator"
        )
    return 0
