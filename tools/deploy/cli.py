"""`pipelines env plan|apply|destroy|up`: an environment, on the emulator or on AWS."""

from __future__ import annotations

import argparse
import os
from functools import partial
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Literal

from tools.arguments import Parser, add_environment, add_target
from tools.delivery import approved
from tools.delivery.affected import affected, changed_since
from tools.delivery.planning import Units, scratch
from tools.delivery.summary import COMMENT_LIMIT, Form, summary
from tools.deploy import obstacles, remaining, terragrunt
from tools.deploy.destroy import destroy
from tools.deploy.on_emulator import applied
from tools.deploy.target import Target, target
from tools.errors import WRONG_INPUT, Failure
from tools.livetree.layout import Place
from tools.livetree.reading.tree import Tree, discover
from tools.project import BUILD, head
from tools.release.manifest import RELEASED

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
    parser.add_argument("--changed-since", metavar="REVISION", help="of the units only those that the change touches")
    parser.add_argument(
        "--to", type=Path, help="with --summary: write summary.md, comment.md and the plan to approve into this folder"
    )
    parser.set_defaults(run=_plan)


def env_apply(parser: Parser) -> None:
    _add_arguments(parser, "apply")
    parser.add_argument(
        "--approved",
        type=Path,
        help="the folder that a plan was written to: do nothing that is not in that plan, and do not ask",
    )
    parser.add_argument(
        "--release",
        type=Path,
        help="with --approved: the folder that `release build` has filled: artefacts come from there",
    )
    parser.set_defaults(run=_apply)


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
        if arguments.to or arguments.changed_since:
            raise Failure("--to and --changed-since are for a summary", do="add --summary", status=WRONG_INPUT)
        return _terragrunt("plan", arguments)
    where = terragrunt.folder(arguments.env, arguments.units)
    folders = discover(where)
    if arguments.changed_since:
        touched = affected(changed_since(arguments.changed_since))
        folders = [folder for folder in folders if Place.of(folder) in touched]
    on = target(arguments.env, arguments.target)
    if on.emulator is None:
        obstacles.check_set_up(on)
    return summarise(on.environment, Units.of(on), folders, arguments.summary, arguments.to)


def summarise(environment: str, units: Units, folders: list[Path], form: Form, to: Path | None) -> int:
    """Plan units and print the summary, and write it to a folder with what an approval is for.

    Returns 1 if a unit could not be planned; what an approval is for is not written then.
    """
    with scratch() as files:
        planned = units.plan_all(folders, files)
    plans = [one.plan for one in planned]
    failed = any(plan.problem is not None for plan in plans)
    if to:
        to.mkdir(parents=True, exist_ok=True)
        (to / "summary.md").write_text(summary(environment, plans, "markdown"), encoding="utf-8")
        (to / "comment.md").write_text(summary(environment, plans, "markdown", COMMENT_LIMIT), encoding="utf-8")
        approved.write(to, [] if failed else planned, head())
    print(summary(environment, plans, form), end="")
    return 1 if failed else 0


def _apply(arguments: argparse.Namespace) -> int:
    if not arguments.approved:
        if arguments.release:
            raise Failure("--release is for a plan that was approved", do="add --approved", status=WRONG_INPUT)
        return _terragrunt("apply", arguments)
    if arguments.release and not arguments.release.is_dir():
        raise Failure(
            "there is no release",
            where=str(arguments.release),
            do="name the folder that `pipelines release build` has filled",
            status=WRONG_INPUT,
        )
    where = terragrunt.folder(arguments.env, arguments.units)
    records = approved.read(arguments.approved, head())
    on = target(arguments.env, arguments.target)
    if on.emulator is None:
        obstacles.check_set_up(on)
        obstacles.check(on, arguments.units)
    variables = {RELEASED: str(arguments.release.resolve())} if arguments.release else {}
    approved.apply(Units.of(on, variables), in_order(where), records)
    _say_what_is_left_to_do(on, where)
    return 0


def in_order(where: Path) -> list[Path]:
    """The folders of the units in a folder, each after those that it depends on."""
    tree = Tree(discover(where), os.environ)
    return [unit.folder for unit in TopologicalSorter(tree.order()).static_order()]


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
