"""Running Terragrunt over an environment, on the emulator or on a real account."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, TextIO

from tools import process_environment
from tools.deploy.causes import causes, report
from tools.deploy.leftovers import remembered
from tools.errors import MISSING_ON_THIS_MACHINE, WRONG_INPUT, AskedToEnd, Failure
from tools.livetree import layout
from tools.project import ROOT
from tools.toolchain import check_for_emulator, terraform, terraform_environment

_CHUNK: Final = 65536
STAND_IN: Final = ROOT / "tools" / "livetree" / "standin" / "bin" / "terragrunt"


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
    layout.check_environment(environment)
    chosen = layout.folder(environment) / units
    if not chosen.is_dir() or not any(chosen.rglob("terragrunt.hcl")):
        raise Failure(
            f"there are no units in {units!r} of {environment}",
            where=f"live/{environment}/",
            do="name a folder below it, as in us-east-1/payment-events",
            status=WRONG_INPUT,
        )
    return chosen


def run(
    command: str, where: Path, variables: Mapping[str, str | None], *, for_aws: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run a Terraform command in every unit below a folder; the result holds its output.

    Its output is also printed; when it fails, the errors that caused it are repeated at the end. `variables` are
    set over what is inherited from this process; None removes one. On AWS Terragrunt asks before it changes anything;
    on the emulator it does not, and makes the state bucket by itself.
    """
    line = find(for_aws=for_aws).all_units(command)
    given = environment(variables, unattended=not for_aws, logging=True)
    answer = _copied(line, where, given, remember=not for_aws)
    if answer.returncode:
        print(f"\n{report(causes(answer.stdout))}", file=sys.stderr, flush=True)
    return answer


def _copied(
    line: Sequence[str], where: Path, given: Mapping[str, str], *, remember: bool
) -> subprocess.CompletedProcess[str]:
    """Run a program, its output copied to ours as it comes, questions included."""
    said: list[bytes] = []
    process = subprocess.Popen(line, cwd=where, env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)

    def copy(source: IO[bytes] | None, sink: TextIO) -> None:
        while source and (chunk := source.read(_CHUNK)):
            said.append(chunk)
            sink.buffer.write(chunk)
            sink.flush()

    pairs = ((process.stdout, sys.stdout), (process.stderr, sys.stderr))
    copying = [threading.Thread(target=copy, args=pair, daemon=True) for pair in pairs]
    for thread in copying:
        thread.start()
    with remembered(process) if remember else nullcontext():
        status = _awaited(process)
    for thread in copying:
        thread.join()
    return subprocess.CompletedProcess(line, status, b"".join(said).decode(errors="replace"))


def _awaited(process: subprocess.Popen[bytes]) -> int:
    """Wait for Terragrunt. When interrupted, it finishes what it has begun and releases its locks."""
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt as asked:
            # A terminal's Ctrl-C reaches Terragrunt as well; what is sent to this process alone does not.
            if isinstance(asked, AskedToEnd) or not os.isatty(0):
                process.send_signal(signal.SIGINT)


def start(command: str, where: Path, variables: Mapping[str, str | None], *arguments: str) -> subprocess.Popen[str]:
    """As `run`, on the emulator only; all output is on the process's standard output.

    It gets a process group of its own: a terminal's Ctrl-C does not reach it, so the caller has to pass it on.
    """
    return subprocess.Popen(
        find().all_units(command, *arguments),
        cwd=where,
        env=environment(variables, unattended=True),
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        process_group=0,
    )


def environment(variables: Mapping[str, str | None], *, unattended: bool, logging: bool = False) -> dict[str, str]:
    """What Terragrunt is run with: what it inherits from this process, Terraform's configuration, and `variables` over
    both.

    Unattended, it asks nothing and makes the state bucket by itself. With `logging`, a person who reads what it says
    may set TF_LOG and the like.
    """
    inherited = terraform_environment(process_environment.inherited(logging=logging))
    program = terraform()
    if variables.get("AWS_ENDPOINT_URL"):
        check_for_emulator(program)
    merged: dict[str, str | None] = {**inherited, "TG_TF_PATH": program}
    if unattended:
        merged |= {"TG_NON_INTERACTIVE": "true", "TG_BACKEND_BOOTSTRAP": "true"}
    merged |= variables
    return {name: value for name, value in merged.items() if value is not None}
