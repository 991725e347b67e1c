"""`pipelines terragrunt plan|apply|destroy` and `pipelines up`: an environment, on the emulator or on AWS."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tools.deploy import leftovers, obstacles, remaining, terragrunt
from tools.deploy.destroy import destroy
from tools.deploy.target import Target, target
from tools.emulator import control


def add_commands(commands: argparse._SubParsersAction[Any]) -> None:
    parser = commands.add_parser("terragrunt", help="plan, apply or destroy an environment")
    parser.add_argument("action", choices=["plan", "apply", "destroy"])
    add_target_arguments(parser)
    parser.add_argument("--units", default=".", help="a folder below the environment's, as us-east-1/payment-events")
    parser.set_defaults(run=_terragrunt)
    up = commands.add_parser("up", help="start the emulator and apply live/dev on it")
    up.set_defaults(run=_up)


def add_target_arguments(parser: argparse.ArgumentParser) -> None:
    """`--env` and `--target`, the same for every command that works on an environment."""
    parser.add_argument("--env", default="dev", help="the name of a folder of live/ (dev)")
    parser.add_argument("--target", choices=["emulator", "aws"], default="emulator")


def _terragrunt(arguments: argparse.Namespace) -> int:
    where = terragrunt.folder(arguments.env, arguments.units)
    on = target(arguments.env, arguments.target)
    if on.emulator is None:
        obstacles.check_set_up(on)
    if arguments.action == "destroy":
        return destroy(on, where)
    if arguments.action == "apply" and on.emulator is None:
        obstacles.check(on, arguments.units)
    status = terragrunt.run(arguments.action, where, on.variables(), for_aws=on.emulator is None).returncode
    if arguments.action == "apply" and status == 0:
        _say_what_is_left_to_do(on, where)
    return status


def _say_what_is_left_to_do(on: Target, where: Path) -> None:
    for line in remaining.left_to_do(on, where):
        print(f"left to do: {line}")


def _up(_: argparse.Namespace) -> int:
    on = Target("dev", control.find_running() or control.start())
    for line in leftovers.clean_up(on):
        print(f"cleaned up: {line}", flush=True)
    status = terragrunt.run("apply", terragrunt.folder("dev"), on.variables()).returncode
    if status == 0 and on.emulator:
        _say_what_is_left_to_do(on, terragrunt.folder("dev"))
        print(f"live/dev is applied on {on.emulator.endpoint}; next: `make plan`, `make demo`; `make down` ends it")
    return status
