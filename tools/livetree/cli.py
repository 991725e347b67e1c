"""`pipelines settings check`, `pipelines bootstrap`, and `pipelines unit check`, which a hook of every unit runs."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any


def add_commands(commands: argparse._SubParsersAction[Any]) -> None:
    settings = commands.add_parser("settings", help="the settings of the environments")
    actions = settings.add_subparsers(dest="action", required=True, metavar="action")
    check = actions.add_parser("check", help="name every fault of live/<environment>/environment.yaml")
    check.add_argument("environment", nargs="*", help="the name of a folder of live/; without one, all of them")
    check.add_argument("--explain", action="store_true", help="say what each setting is, and what it takes")
    check.set_defaults(run=_check)
    bootstrap = commands.add_parser("bootstrap", help="make an account's state bucket, its key, and the lock table")
    bootstrap.add_argument("environment", help="the name of a folder of live/")
    bootstrap.set_defaults(run=_bootstrap)
    unit = commands.add_parser("unit", help="what a unit's hook asks before Terraform runs in the unit")
    actions = unit.add_subparsers(dest="action", required=True, metavar="action")
    guard = actions.add_parser("check", help="refuse what would fail half-way, or destroy what was not meant")
    where = ("bucket", "region", "key")
    guard.add_argument("--states", nargs=3, required=True, metavar=where, help="where states are kept, and their key")
    guard.add_argument("folder", type=Path, help="the unit's folder")
    guard.add_argument("command", nargs=argparse.REMAINDER, help="Terraform's command, and its arguments")
    guard.set_defaults(run=_check_unit)


# What they need is imported when they run: every hook of every unit starts this program, most for another command.
def _check(arguments: argparse.Namespace) -> int:
    from tools.livetree import layout, settings

    names = arguments.environment or layout.environments()
    if arguments.explain:
        print("\n\n".join(map(settings.explain, names)) + "\n", flush=True)
    settings.check(names)
    print(f"settings: {', '.join(names)} as they should be")
    return 0


def _check_unit(arguments: argparse.Namespace) -> int:
    from tools.livetree import guard

    command, *words = arguments.command
    # Before the first command of a unit Terragrunt runs `init` by itself; only the variable tells.
    guard.check(arguments.folder, os.environ.get("TG_CTX_COMMAND", command), words, tuple(arguments.states))
    return 0


def _bootstrap(arguments: argparse.Namespace) -> int:
    from tools.livetree.bootstrap import bootstrap_environment

    backend, made = bootstrap_environment(arguments.environment)
    for line in made:
        print(f"bootstrap: made {line}")
    if not made:
        print(f"bootstrap: {backend.bucket}, {backend.kms_key} and {backend.dynamodb_table} are as they should be")
    if not os.environ.get("AWS_ENDPOINT_URL"):
        _say_what_stands_in_the_way(arguments.environment)
    return 0


def _say_what_stands_in_the_way(environment: str) -> None:
    from tools.deploy.obstacles import obstacles
    from tools.deploy.target import Target

    print("bootstrap: looking for what would stop an apply ...", flush=True)
    found = list(obstacles(Target(environment, None)))
    for obstacle in found:
        print(f"bootstrap: {obstacle.problem}\n  where: {obstacle.where}\n  before the first apply: {obstacle.do}")
    if not found:
        print(f"bootstrap: nothing stands in the way of `make apply ENV={environment} TARGET=aws`")
