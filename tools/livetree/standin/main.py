"""The stand-in for the Terragrunt binary, for machines without it and for the emulator only (PLT-17)."""

from __future__ import annotations

import ipaddress
import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from tools.errors import FAILED, WRONG_INPUT, Failure
from tools.livetree.guard import check_one_account
from tools.livetree.reading.evaluation import evaluate_with_outputs
from tools.livetree.reading.tree import Tree, discover, repository_of
from tools.livetree.standin.command_line import CommandLine, parse
from tools.livetree.standin.dependencies import dependency_outputs
from tools.livetree.standin.execution import INTERRUPTED, Run
from tools.livetree.standin.rendering import rendered
from tools.livetree.state import States

ANNOUNCEMENT: Final = "terragrunt: the built-in stand-in (tools/livetree) runs Terraform here, for the emulator only"
VERSION: Final = "terragrunt stand-in for v0.89.4 and v1.x"


def main(words: Sequence[str] | None = None) -> int:
    """Carry out a command line. Returns its exit status: Terraform's, or 1 for every failure.

    Not 2 for wrong input, as other tools here: to those who call Terragrunt, 2 is a plan with changes.
    """
    try:
        line = parse(sys.argv[1:] if words is None else words, os.environ)
        if line.command == "version":
            print(VERSION)
            return 0
        print(ANNOUNCEMENT, file=sys.stderr, flush=True)
        refuse_real_accounts(os.environ)
        return _carry_out(line)
    except Failure as failure:
        print(failure, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has exited. Whatever Python still prints must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _carry_out(line: CommandLine) -> int:
    folders = discover(line.folder) if line.all_units else [line.folder]
    if line.all_units:
        check_one_account(line.folder, repository_of(line.folder))
    tree = Tree(folders, os.environ, (line.command, *line.arguments))
    if line.command != "render":
        return Run(line, tree).execute()
    unit = tree.units[0]
    outputs, _ = dependency_outputs(tree, States(), unit, line.command)
    evaluate_with_outputs(tree.terraform, {unit: outputs})
    print(json.dumps(rendered(unit.configuration())))
    return 0


def refuse_real_accounts(environment: Mapping[str, str]) -> None:
    """Raise Failure unless every AWS call of this process and its children goes to this machine."""
    endpoints = {name: value for name, value in environment.items() if name.startswith("AWS_ENDPOINT_URL") and value}
    if "AWS_ENDPOINT_URL" not in endpoints:
        raise _refused("AWS_ENDPOINT_URL is not set", "AWS_ENDPOINT_URL")
    if environment.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        raise _refused(
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS turns AWS_ENDPOINT_URL off", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
        )
    for name, value in endpoints.items():
        if not _is_this_machine(value):
            raise _refused(f"{name} is {value}, which is not this machine", name)


def _is_this_machine(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refused(problem: str, where: str) -> Failure:
    return Failure(
        f"the stand-in does not deploy to a real account, and {problem}",
        where=where,
        do="`make up` starts the emulator: set AWS_ENDPOINT_URL to it; for AWS, install Terragrunt (`mise install`)",
        status=WRONG_INPUT,
    )
