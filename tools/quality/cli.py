"""`pipelines project lint|test`: each runs its steps, shows how long they take, and names those that failed."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import time
from dataclasses import dataclass
from typing import Final

from tools.arguments import Parser
from tools.project import ROOT
from tools.toolchain import DEVELOPMENT, require, script, terraform, terraform_environment


@dataclass(frozen=True)
class Step:
    """A command, what it makes sure of, and the command that mends what it finds."""

    name: str
    command: tuple[str, ...]
    remedy: str


def _module(name: str) -> tuple[str, ...]:
    """The beginning of the command line that runs a module of the development environment as a program."""
    return (str(require(DEVELOPMENT)), "-m", name)


def lint_steps() -> list[Step]:
    pipelines = str(ROOT / "tools" / "pipelines")
    tflint = shutil.which("tflint")
    return [
        Step("Python formatting", (*_module("ruff"), "format", "--check", "."), ".venv/bin/ruff format ."),
        Step("Python lint", (*_module("ruff"), "check", "."), ".venv/bin/ruff check --fix ."),
        Step("types", _module("mypy"), "mend the lines named above"),
        Step("imports point one way", tuple(script(DEVELOPMENT, "lint-imports")), "mend the import named above"),
        Step("HCL formatting", (terraform(), "fmt", "-check", "-recursive", "-diff"), "terraform fmt -recursive"),
        # Its rules for any provider (nothing unused, nothing deprecated), where it is installed.
        *(
            [Step("HCL lint", (tflint, "--chdir=modules", "--recursive"), "mend the lines named above")]
            if tflint
            else []
        ),
        Step("settings", (pipelines, "env", "settings"), "mend the settings named above"),
        Step("documentation is up to date", (pipelines, "docs", "check"), "make docs"),
        Step("policies", (pipelines, "policies", "source"), "mend the resources named above"),
    ]


# The emulator's tests share one applied environment and one port: they run in one process, after the others.
EMULATOR_TESTS: Final = "tests/emulator"


def test_steps() -> list[Step]:
    again = "the failed tests alone: .venv/bin/pytest --last-failed"
    return [
        Step(
            "tests without an emulator", (*_module("pytest"), "-n", "2", "tests", f"--ignore={EMULATOR_TESTS}"), again
        ),
        Step("tests on the emulator", (*_module("pytest"), EMULATOR_TESTS), again),
    ]


def named_tests(words: str) -> list[Step]:
    """The tests that a person names as for pytest: "tests/unit/livetree", "tests/unit -k redrive"."""
    return [Step(f"tests of {words}", (*_module("pytest"), *shlex.split(words)), "mend what is named above")]


def run(steps: list[Step]) -> int:
    """Run all steps, whatever fails before. Returns 1 if any failed."""
    failed = []
    environment = terraform_environment()
    for step in steps:
        print(f"\n== {step.name}", flush=True)
        started = time.monotonic()
        answer = subprocess.run(step.command, cwd=ROOT, env=environment, check=False)
        verdict = "ok" if answer.returncode == 0 else f"FAILED (exit status {answer.returncode})"
        print(f"== {step.name}: {verdict}, {time.monotonic() - started:.0f} s", flush=True)
        if answer.returncode:
            failed.append(step)
    print()
    for step in failed:
        print(f"failed: {step.name}\n  do: {step.remedy}", flush=True)
    return 1 if failed else 0


def project_lint(parser: Parser) -> None:
    parser.set_defaults(run=lambda _: run(lint_steps()))


def project_test(parser: Parser) -> None:
    parser.add_argument("--only", help="these tests and nothing else, as for pytest: tests/unit/livetree, or with -k")
    parser.set_defaults(
        run=lambda arguments: run(named_tests(arguments.only) if arguments.only else lint_steps() + test_steps())
    )
