"""`pipelines env settings|bootstrap`, and `pipelines unit check`, which a hook of every unit runs."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from tools.arguments import Parser, add_environment


def env_settings(parser: Parser) -> None:
    add_environment(parser, default=None)
    parser.add_argument("--explain", action="store_true", help="say what each setting is, and what it takes")
    parser.set_defaults(run=_check)


def env_bootstrap(parser: Parser) -> None:
    add_environment(parser)
    parser.add_argument("--repository", help="also make the roles that its workflows become: owner/name on GitHub")
    parser.add_argument(
        "--github", choices=["print", "run"], default="print", help="the commands that make its environments (print)"
    )
    parser.set_defaults(run=_bootstrap)


def unit_check(parser: Parser) -> None:
    where = ("bucket", "region", "key")
    parser.add_argument("--states", nargs=3, required=True, metavar=where, help="where states are kept, and their key")
    parser.add_argument("folder", type=Path, help="the unit's folder")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="Terraform's command, and its arguments")
    parser.set_defaults(run=_check_unit)


# Each command imports what it needs when it runs: every hook of every unit starts this program, most for another one.
def _check(arguments: argparse.Namespace) -> int:
    from tools.livetree import layout, settings

    names = [arguments.env] if arguments.env else layout.environments()
    if arguments.explain:
        print("\n\n".join(map(settings.explain, names)) + "\n", flush=True)
    settings.check(names)
    print(f"settings: {', '.join(names)} as they should be")
    return 0


def _check_unit(arguments: argparse.Namespace) -> int:
    from tools.livetree import guard

    command, *words = arguments.command
    # Before the first command in a unit Terragrunt runs `init` by itself. Only the variable says so.
    guard.check(arguments.folder, os.environ.get("TG_CTX_COMMAND", command), words, tuple(arguments.states))
    return 0


def _bootstrap(arguments: argparse.Namespace) -> int:
    from tools.livetree.bootstrap import bootstrap_environment

    backend, made = bootstrap_environment(arguments.env)
    if arguments.repository:
        from tools.delivery.bootstrap import bootstrap_delivery

        made += bootstrap_delivery(arguments.env, backend, arguments.repository, on_github=arguments.github == "run")
    for line in made:
        print(f"bootstrap: made {line}")
    if not made:
        print(f"bootstrap: {backend.bucket}, {backend.kms_key} and {backend.dynamodb_table} are as they should be")
    if not os.environ.get("AWS_ENDPOINT_URL"):
        _say_what_would_stop_an_apply(arguments.env)
    return 0


def _say_what_would_stop_an_apply(environment: str) -> None:
    from tools.deploy.obstacles import obstacles
    from tools.deploy.target import Target

    print("bootstrap: looking for what would stop an apply ...", flush=True)
    found = list(obstacles(Target(environment, None)))
    for obstacle in found:
        print(f"bootstrap: {obstacle.problem}\n  where: {obstacle.where}\n  before the first apply: {obstacle.do}")
    if not found:
        print(f"bootstrap: nothing would stop `make apply ENV={environment} TARGET=aws`")
