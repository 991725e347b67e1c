"""`pipelines env drift|role`, `pipelines change environments`, `pipelines github comment|issue`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tools.arguments import Parser, add_environment, add_target
from tools.delivery import drift, github, identity
from tools.delivery.affected import affected, changed_since
from tools.delivery.planning import Units, scratch
from tools.deploy import obstacles, terragrunt
from tools.deploy.target import target
from tools.errors import Failure
from tools.livetree import layout
from tools.livetree.reading.tree import discover


def env_drift(parser: Parser) -> None:
    add_target(parser)
    parser.add_argument("--units", default=".", help="a folder below the environment's, as us-east-1/payment-events")
    parser.add_argument("--report", type=Path, help="write it to this file, too; an empty file says that there is none")
    parser.set_defaults(run=_drift)


def _drift(arguments: argparse.Namespace) -> int:
    try:
        where = terragrunt.folder(arguments.env, arguments.units)
        on = target(arguments.env, arguments.target)
        if on.emulator is None:
            obstacles.check_set_up(on)
        return report_drift(arguments.env, Units.of(on), discover(where), arguments.report)
    except Failure as failure:
        # Nobody reads the log of a nightly run: what stopped it goes where its findings go.
        if arguments.report:
            arguments.report.write_text(drift.unknown(arguments.env, failure), encoding="utf-8")
        raise


def report_drift(environment: str, units: Units, folders: list[Path], to: Path | None) -> int:
    """Compare units with what is deployed, and print what is different; also into a file, which is empty for nothing.

    Returns 1 where something is different, or a unit could not be compared.
    """
    with scratch() as files:
        plans = [planned.plan for planned in units.plan_all(folders, files)]
    text = drift.report(environment, plans)
    if to:
        to.write_text(text, encoding="utf-8")
    print(text or f"{environment} is as the configuration says ({len(plans)} units)")
    return 1 if text else 0


def env_role(parser: Parser) -> None:
    add_environment(parser)
    parser.add_argument("--to", choices=identity.KINDS, required=True, help="what it is to do")
    parser.set_defaults(run=_role)


def _role(arguments: argparse.Namespace) -> int:
    layout.check_environment(arguments.env)
    print(identity.role_arn(arguments.env, arguments.to))
    return 0


def change_environments(parser: Parser) -> None:
    parser.add_argument("--since", help="only those that the change since this revision touches, as origin/main")
    parser.set_defaults(run=_environments)


def _environments(arguments: argparse.Namespace) -> int:
    names = layout.environments()
    if arguments.since:
        touched = {place.environment for place in affected(changed_since(arguments.since))}
        names = [name for name in names if name in touched]
    print(json.dumps(names))
    return 0


def github_comment(parser: Parser) -> None:
    parser.add_argument("--pull-request", type=int, required=True, help="its number")
    parser.add_argument("--about", required=True, help="what it is about: a later comment about the same replaces it")
    parser.add_argument("file", type=Path, help="a file with the text, in Markdown")
    parser.set_defaults(run=_comment)


def _comment(arguments: argparse.Namespace) -> int:
    print(github.comment(arguments.pull_request, arguments.about, arguments.file.read_text(encoding="utf-8")))
    return 0


def github_issue(parser: Parser) -> None:
    parser.add_argument("--title", required=True, help="one issue with this title is open while there is a text")
    parser.add_argument("file", type=Path, help="a file with the text, in Markdown; an empty one closes the issue")
    parser.set_defaults(run=_issue)


def _issue(arguments: argparse.Namespace) -> int:
    print(github.issue(arguments.title, arguments.file.read_text(encoding="utf-8")))
    return 0
