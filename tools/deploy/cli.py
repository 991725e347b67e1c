"""`pipelines terragrunt plan|apply|destroy` and `pipelines up`: an environment, on the emulator or on AWS."""

from __future__ import annotations

import argparse
from typing import Any

from tools.deploy import terragrunt
from tools.emulator import control
from tools.errors import WRONG_INPUT, Failure
from tools.livetree.settings import load


def add_commands(commands: argparse._SubParsersAction[Any]) -> None:
    parser = commands.add_parser("terragrunt", help="plan, apply or destroy an environment")
    parser.add_argument("action", choices=["plan", "apply", "destroy"])
    parser.add_argument("--env", default="dev", help="dev, staging or prod")
    parser.add_argument("--target", choices=["emulator", "aws"], default="emulator")
    parser.add_argument("--units", default=".", help="a folder below the environment's, as us-east-1/payment-events")
    parser.set_defaults(run=_terragrunt)
    up = commands.add_parser("up", help="start the emulator and apply live/dev on it")
    up.set_defaults(run=_up)


def _terragrunt(arguments: argparse.Namespace) -> int:
    where = terragrunt.folder(arguments.env, arguments.units)
    if arguments.target == "aws":
        return terragrunt.run(arguments.action, where, {"AWS_ENDPOINT_URL": None}, for_aws=True).returncode
    running = control.find_running()
    if running is None:
        raise Failure(
            "no emulator is running",
            where="build/emulator/",
            do="run `make up`, or name a real account's credentials and TARGET=aws",
            status=WRONG_INPUT,
        )
    return terragrunt.run(arguments.action, where, _variables(running, arguments.env)).returncode


def _up(_: argparse.Namespace) -> int:
    emulator = control.find_running() or control.start()
    status = terragrunt.run("apply", terragrunt.folder("dev"), _variables(emulator, "dev")).returncode
    if status == 0:
        print(f"live/dev is applied on {emulator.endpoint}; next: `make plan`, `make demo`; `make down` ends it")
    return status


def _variables(emulator: control.Emulator, environment: str) -> dict[str, str | None]:
    return emulator.variables(load(environment).account_id)
