"""Terragrunt's command lines, as 0.89 and 1.x write them: `run-all plan`, `run --all plan`, `plan`, `render --json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.errors import WRONG_INPUT, Failure

# The commands of Terraform that the stand-in passes on; each runs with Terraform's own arguments.
TERRAFORM_COMMANDS: Final = frozenset(
    {"apply", "destroy", "force-unlock", "import", "init", "output", "plan", "refresh", "show", "state", "validate"}
)

# How many units run at a time. Most of a unit's time its provider waits until a change can be seen everywhere, as AWS
# asks of its clients; in half a GB of memory.
PARALLELISM: Final = 8

_TRUE: Final = frozenset({"1", "true"})
_WHERE: Final = "the command line"


@dataclass(frozen=True)
class CommandLine:
    """What was asked for: a command of Terraform with its arguments, `render` or `version`."""

    command: str
    arguments: tuple[str, ...]
    all_units: bool
    folder: Path
    parallelism: int
    bootstrap: bool
    interactive: bool


@dataclass
class _Words:
    """The words of a command line, sorted into Terragrunt's options and everything else."""

    rest: list[str]
    all_units: bool = False
    json: bool = False
    bootstrap: bool = False
    non_interactive: bool = False
    folder: str | None = None
    parallelism: str | None = None


def parse(words: Sequence[str], environment: Mapping[str, str]) -> CommandLine:
    """Read a command line and the TG_* variables. Raises Failure, which names what the stand-in does not take."""
    found = _sorted(words)
    all_units = found.all_units
    rest = found.rest
    if rest[:1] == ["run-all"]:
        all_units, rest = True, rest[1:]
    elif rest[:1] == ["run"]:
        rest = rest[1:]
    command, *arguments = rest or ["none"]
    if command == "render":
        if arguments or all_units or not found.json:
            raise _refused("of render, the stand-in takes `render --json` in one unit only", "run that")
    elif found.json:
        raise _refused("--json is an option of render", "write -json where Terraform is meant")
    elif command not in TERRAFORM_COMMANDS and command != "version":
        known = ", ".join(sorted(TERRAFORM_COMMANDS | {"render"}))
        raise _refused(f"the stand-in has no command {command}", f"use one of {known}; for others, Terragrunt itself")
    # As Terragrunt does: whatever refuses a destroy also refuses `apply -destroy`.
    if command == "apply" and "-destroy" in arguments:
        command, arguments = "destroy", [word for word in arguments if word != "-destroy"]
    folder = Path(found.folder or environment.get("TG_WORKING_DIR") or ".").resolve()
    if not folder.is_dir():
        raise _refused(f"{folder} is not a folder", "name a folder of the live tree")
    return CommandLine(
        command=command,
        arguments=tuple(arguments),
        all_units=all_units,
        folder=folder,
        parallelism=_number(found.parallelism or environment.get("TG_PARALLELISM")),
        bootstrap=found.bootstrap or _is_true(environment, "TG_BACKEND_BOOTSTRAP"),
        interactive=not (found.non_interactive or _is_true(environment, "TG_NON_INTERACTIVE")),
    )


def _sorted(words: Sequence[str]) -> _Words:
    found = _Words([])
    following = iter(words)
    for word in following:
        # Two hyphens begin an option of Terragrunt's, one an option of Terraform's: both programs distinguish them so.
        name, equals, value = word.partition("=")
        match name:
            case "--":
                found.rest += following
            case "--all" | "-a" if name == "--all" or found.rest in (["run"], ["render"]):
                found.all_units = True
            case "--backend-bootstrap":
                found.bootstrap = True
            case "--json":
                found.json = True
            case "--format":
                if (value or next(following, "")) != "json":
                    raise _refused("render in another format than JSON is outside the subset", "use --format json")
                found.json = True
            case "--non-interactive":
                found.non_interactive = True
            case "--parallelism":
                found.parallelism = value if equals else next(following, "")
            case "--version":
                found.rest.append("version")
            case "--working-dir":
                found.folder = value if equals else next(following, "")
            case _ if name.startswith("--"):
                raise _refused(
                    f"{name} is outside the subset of options that the stand-in takes",
                    "leave it out, write Terraform's options with one hyphen, or use Terragrunt itself",
                )
            case _:
                found.rest.append(word)
    return found


def _number(text: str | None) -> int:
    if text is None:
        return PARALLELISM
    if not text.isdecimal() or int(text) < 1:
        raise _refused(f"the parallelism is {text!r}", "give a number of units, 1 or more")
    return int(text)


def _is_true(environment: Mapping[str, str], name: str) -> bool:
    return environment.get(name, "").lower() in _TRUE


def _refused(problem: str, do: str) -> Failure:
    return Failure(problem, where=_WHERE, do=do, status=WRONG_INPUT)
