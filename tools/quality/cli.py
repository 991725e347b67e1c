"""`pipelines project lint|test`: each runs its steps, shows how long they take, and names those that failed."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import time
from dataclasses import dataclass
from typing import Final

from tools.arguments import Parser
from tools.errors import WRONG_INPUT, Failure
from tools.project import ROOT, files
from tools.toolchain import DEVELOPMENT, require, script, terraform, terraform_environment


@dataclass(frozen=True)
class Step:
    """A command, what it makes sure of, and what a person does about a failure.

    `command` is None where its program is not installed. `fix` is the command that corrects what the step finds, where
    there is one. A step of lint has the id of its hook in .pre-commit-config.yaml.
    """

    name: str
    command: tuple[str, ...] | None
    remedy: str
    id: str = ""
    fix: tuple[str, ...] | None = None
    waits_for_push: bool = False


def _module(name: str) -> tuple[str, ...]:
    """The beginning of the command line that runs a module of the development environment as a program."""
    return (str(require(DEVELOPMENT)), "-m", name)


def _program(name: str, *arguments: str) -> tuple[str, ...] | None:
    """The command line of a program that not everybody has."""
    found = shutil.which(name)
    return (found, *arguments) if found else None


def _actionlint() -> tuple[str, ...] | None:
    """The command line of actionlint: from the PATH, else as Go builds it from its lock (some seconds, once)."""
    workflows = [str(path) for path in files(".github/workflows/*.yml")]
    if go := shutil.which("go"):
        built = (go, "-C", str(ROOT / "requirements" / "actionlint"), "tool", "actionlint", *workflows)
    else:
        built = None
    return _program("actionlint") or built


def lint_steps() -> list[Step]:
    """The one list of what a commit must pass. The hooks call these steps, and a test compares the two."""
    ruff, pipelines = _module("ruff"), str(ROOT / "tools" / "pipelines")
    lines = "fix the lines named above"
    return [
        Step(
            "Python formatting",
            (*ruff, "format", "--check", "."),
            ".venv/bin/ruff format .",
            "ruff-format",
            (*ruff, "format", "."),
        ),
        Step(
            "Python lint",
            (*ruff, "check", "."),
            ".venv/bin/ruff check --fix .",
            "ruff-check",
            (*ruff, "check", "--fix", "."),
        ),
        Step("types", _module("mypy"), lines, "mypy"),
        Step("imports point one way", tuple(script(DEVELOPMENT, "lint-imports")), lines, "import-contracts"),
        Step(
            "HCL formatting",
            (terraform(), "fmt", "-check", "-recursive", "-diff"),
            "terraform fmt -recursive",
            "terraform-fmt",
            (terraform(), "fmt", "-recursive"),
        ),
        Step(
            "Terragrunt formatting",
            _program("terragrunt", "hcl", "fmt", "--check"),
            "terragrunt hcl fmt",
            "terragrunt-fmt",
            _program("terragrunt", "hcl", "fmt"),
        ),
        # Its rules for any provider: nothing unused, nothing deprecated.
        Step("HCL lint", _program("tflint", "--chdir=modules", "--recursive"), lines, "tflint"),
        Step("settings", (pipelines, "env", "settings"), "fix the settings named above", "settings"),
        Step(
            "documentation is up to date",
            (pipelines, "docs", "check"),
            "make docs, then what is named above",
            "docs",
            (pipelines, "docs", "generate"),
        ),
        Step("workflows", _actionlint(), lines, "actionlint"),
        # Offline: what it would ask GitHub, whether a tag moved, is not what a commit changes.
        Step(
            "security of workflows",
            (str(require(DEVELOPMENT).with_name("zizmor")), "--offline", "--no-progress", "--quiet", ".github"),
            "fix the lines named above, or say in .github/zizmor.yml why not",
            "zizmor",
        ),
        Step("policies", (pipelines, "policies", "source"), "fix the resources named above", "checkov"),
        Step(
            "plans of all environments, judged by the policies",
            (pipelines, "policies", "plan"),
            "fix the resources named above",
            "validation",
            waits_for_push=True,
        ),
    ]


def chosen(ids: list[str]) -> list[Step]:
    """The steps with these ids; without any, all that a commit runs. Raises Failure for an id that no step has."""
    steps = lint_steps()
    known = [step.id for step in steps]
    unknown = [each for each in ids if each not in known]
    if unknown:
        raise Failure(
            f"no step is called {', '.join(unknown)}",
            where="`--only`",
            do=f"take one of {', '.join(known)}",
            status=WRONG_INPUT,
        )
    return [step for step in steps if (step.id in ids if ids else not step.waits_for_push)]


# They share applied environments, and start an emulator for each worker: they run after the others.
EMULATOR_TESTS: Final = "tests/emulator"
# They deploy and wreck whole environments of their own, which takes as long as all others: a pull request's checks run
# them, and a person by name.
DRILLS: Final = "tests/emulator/drills"


def test_steps() -> list[Step]:
    again = "the failed tests alone: .venv/bin/pytest --last-failed"
    return [
        Step(
            "tests without an emulator",
            (*_module("pytest"), "-n", "2", "--durations=25", "tests", f"--ignore={EMULATOR_TESTS}"),
            again,
        ),
        Step(
            "tests on the emulator",
            (*_module("pytest"), "-n", "2", "--durations=25", EMULATOR_TESTS, f"--ignore={DRILLS}"),
            again,
        ),
    ]


def named_tests(words: str) -> list[Step]:
    """The tests that a person names as for pytest: "tests/unit/livetree", "tests/unit -k redrive"."""
    return [Step(f"tests of {words}", (*_module("pytest"), *shlex.split(words)), "fix what is named above")]


def run(steps: list[Step], *, fix: bool = False) -> int:
    """Run all steps, whatever fails before; with `fix`, the command that corrects, where a step has one.

    Returns 1 if any failed.
    """
    failed = []
    environment = terraform_environment()
    for step in steps:
        print(f"\n== {step.name}", flush=True)
        command = step.fix if fix and step.fix else step.command
        if command is None:
            print(f"== {step.name}: left out, its program is not installed (`mise install` brings it)", flush=True)
            continue
        started = time.monotonic()
        ended = subprocess.run(command, cwd=ROOT, env=environment, check=False)
        verdict = "ok" if ended.returncode == 0 else f"FAILED (exit status {ended.returncode})"
        print(f"== {step.name}: {verdict}, {time.monotonic() - started:.0f} s", flush=True)
        if ended.returncode:
            failed.append(step)
    print()
    for step in failed:
        print(f"failed: {step.name}\n  do: {step.remedy}", flush=True)
    return 1 if failed else 0


def project_lint(parser: Parser) -> None:
    parser.add_argument("--only", nargs="+", default=[], metavar="STEP", help="these steps: the ids of the hooks")
    parser.add_argument("--fix", action="store_true", help="correct what a step can correct by itself")
    parser.set_defaults(run=lambda arguments: run(chosen(arguments.only), fix=arguments.fix))


def project_test(parser: Parser) -> None:
    parser.add_argument("--only", help="these tests and nothing else, as for pytest: tests/unit/livetree, or with -k")
    parser.set_defaults(
        run=lambda arguments: run(named_tests(arguments.only) if arguments.only else chosen([]) + test_steps())
    )
