"""Running Terragrunt over an environment, on the emulator or on a real account."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools import process_environment
from tools.errors import MISSING_ON_THIS_MACHINE, WRONG_INPUT, Failure
from tools.livetree.layout import check_environment
from tools.toolchain import ROOT, terraform, terraform_environment

LIVE: Final = ROOT / "live"
STAND_IN: Final = ROOT / "tools" / "livetree" / "bin" / "terragrunt"


@dataclass(frozen=True)
class Terragrunt:
    """A binary that takes Terragrunt's command line."""

    binary: Path

    @property
    def name(self) -> str:
        """How to call it to a person."""
        return "the built-in stand-in for Terragrunt" if self.binary == STAND_IN else f"Terragrunt ({self.binary})"

    def all_units(self, command: str, *arguments: str) -> list[str]:
        """The command line that runs a Terraform command in every unit below the working folder.

        `run --all` is what 0.89.4 and 1.x both take; `run-all` ended with 0.89.
        """
        return [str(self.binary), "run", "--all", command, *(["--", *arguments] if arguments else [])]


def find(*, for_aws: bool = False) -> Terragrunt:
    """Terragrunt from the PATH, else the stand-in. Raises Failure where a real account needs the real one."""
    found = shutil.which("terragrunt")
    if found is None:
        if for_aws:
            raise Failure(
                "Terragrunt is not on the PATH, and its stand-in deploys to the emulator only",
                where="PATH",
                do="run `mise install` (mise.toml pins the version)",
                status=MISSING_ON_THIS_MACHINE,
            )
        return Terragrunt(STAND_IN)
    return Terragrunt(Path(found))


def folder(environment: str, units: str = ".") -> Path:
    """The folder of an environment, or of some of its units ("us-east-1/payment-events").

    Raises Failure when there is no such environment or folder.
    """
    check_environment(environment)
    chosen = LIVE / environment / units
    if not chosen.is_dir() or not any(chosen.rglob("terragrunt.hcl")):
        raise Failure(
            f"there are no units in {units!r} of {environment}",
            where=f"live/{environment}/",
            do="name a folder below it, as in us-east-1/payment-events",
            status=WRONG_INPUT,
        )
    return chosen


def run(
    command: str, where: Path, variables: Mapping[str, str | None], *arguments: str, for_aws: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run a Terraform command in every unit below a folder; its output goes where ours goes.

    `variables` are set over what is inherited from this process; None removes one. On AWS Terragrunt asks before it
    changes anything; on the emulator it does not, and makes the state bucket by itself.
    """
    line = find(for_aws=for_aws).all_units(command, *arguments)
    given = environment(variables, unattended=not for_aws, logging=True)
    return subprocess.run(line, cwd=where, env=given, text=True, check=False)


def start(command: str, where: Path, variables: Mapping[str, str | None], *arguments: str) -> subprocess.Popen[str]:
    """As `run`, on the emulator only, with everything that it says on the process's standard output."""
    return subprocess.Popen(
        find().all_units(command, *arguments),
        cwd=where,
        env=environment(variables, unattended=True),
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def environment(variables: Mapping[str, str | None], *, unattended: bool, logging: bool = False) -> dict[str, str]:
    """What Terragrunt is run with: what it inherits from this process, Terraform's configuration, and `variables` over
    both.

    Unattended, it asks nothing and makes the state bucket by itself. With `logging`, a person who reads what it says
    may set TF_LOG and the like.
    """
    inherited = terraform_environment(process_environment.inherited(logging=logging))
    merged: dict[str, str | None] = {**inherited, "TG_TF_PATH": terraform()}
    if unattended:
        merged |= {"TG_NON_INTERACTIVE": "true", "TG_BACKEND_BOOTSTRAP": "true"}
    merged |= variables
    return {name: value for name, value in merged.items() if value is not None}
