"""Applying an environment with a progress that a person can follow, and the whole output in a log."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from tools.deploy import terragrunt
from tools.deploy.target import Target
from tools.errors import Failure
from tools.toolchain import BUILD, ROOT

SAY_EVERY_S: Final = 5.0
SHOWN_OF_A_FAILURE: Final = 25


def apply(target: Target, log: Path = BUILD / "demo" / "apply.log") -> None:
    """Apply every unit of the environment. Raises Failure with the end of the log when that fails."""
    where = terragrunt.folder(target.environment)
    log.parent.mkdir(parents=True, exist_ok=True)
    created = 0
    said = time.monotonic()
    started = said
    with log.open("w") as written, terragrunt.start("apply", where, target.variables()) as process:
        for line in process.stdout or ():
            written.write(line)
            created += "Creation complete" in line
            if time.monotonic() - said > SAY_EVERY_S:
                said = time.monotonic()
                print(f"  {created} resources so far, {said - started:.0f} s", flush=True)
    if process.returncode:
        for line in log.read_text().splitlines()[-SHOWN_OF_A_FAILURE:]:
            print(f"  | {line}")
        raise Failure(
            f"live/{target.environment} was not applied (exit status {process.returncode})",
            where=str(log.relative_to(ROOT)),
            do="read the end of the log above; `make demo` starts afresh",
        )
    print(f"  {created} resources created, {time.monotonic() - started:.0f} s", flush=True)
