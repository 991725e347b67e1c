"""The parser of every command of `pipelines`, and the arguments that several commands share, each defined here once."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Final, NoReturn

from tools.errors import WRONG_INPUT, Failure

DEFAULT_ENVIRONMENT: Final = "dev"


class Parser(argparse.ArgumentParser):
    """The parser of one command. A wrong command line raises Failure, as any other wrong input does."""

    def __init__(self, command: str, description: str) -> None:
        # An abbreviation in a runbook would break with the next option that begins in the same way.
        super().__init__(prog=f"pipelines {command}", description=description, allow_abbrev=False)

    def parse(self, words: Sequence[str]) -> argparse.Namespace:
        parsed, unknown = self.parse_known_args(words)
        if unknown:
            options = re.findall(r"--[\w-]+", self.format_help())
            self._refuse(f"{unknown[0]!r} is not an argument of `{self.prog}`", unknown[0], options)
        return parsed

    def error(self, message: str) -> NoReturn:
        """What argparse calls for every other fault of a command line."""
        # "argument --target: invalid choice: 'asw' (choose from 'emulator', 'aws')"; some versions quote less.
        wrong = re.search(r"invalid choice: '(.*?)' \(choose from (.*)\)", message)
        self._refuse(message, *((wrong[1], re.findall(r"[\w-]+", wrong[2])) if wrong else ("", [])))

    def _refuse(self, problem: str, wrong: str, known: Iterable[str]) -> NoReturn:
        usage = " ".join(self.format_usage().split())
        raise Failure(problem, where=f"`{self.prog}`", do=did_you_mean(wrong, known) or usage, status=WRONG_INPUT)


def did_you_mean(wrong: str, known: Iterable[str]) -> str | None:
    """The question for the known word that is closest to a wrong one; None where none is close."""
    near = difflib.get_close_matches(wrong, list(known), 1)
    return f"did you mean {near[0]}?" if near else None


def add_environment(parser: Parser, *, default: str | None = DEFAULT_ENVIRONMENT) -> None:
    """`--env`. A command that works on all environments without it has the default None."""
    parser.add_argument("--env", default=default, help=f"the name of a folder of live/ ({default or 'all of them'})")


def add_target(parser: Parser) -> None:
    """`--env` and `--target`: an environment, and where it is deployed."""
    add_environment(parser)
    parser.add_argument(
        "--target", choices=["emulator", "aws"], default="emulator", help="where it is deployed (emulator)"
    )


def add_region(parser: Parser, *, required: bool = False) -> None:
    """`--region`."""
    parser.add_argument(
        "--region", required=required, help="an AWS region; needed where a system runs in several of the environment"
    )
