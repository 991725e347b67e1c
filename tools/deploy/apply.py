"""Applying an environment: progress for a person, and the whole output in a log."""

from __future__ import annotations

import queue
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tools.deploy import terragrunt
from tools.deploy.causes import causes, report
from tools.deploy.leftovers import remembered
from tools.deploy.target import Target
from tools.errors import Failure
from tools.project import display

SAY_EVERY_S: Final = 10.0
SHOWN_OF_A_FAILURE: Final = 25
# The stand-in prints such a line when a unit is done: `[3/8] live/dev/...: done (12.0 s)`.
UNIT_DONE: Final = re.compile(r"\[\d+/\d+\] ")


def apply(target: Target, log: Path) -> None:
    """Apply every unit of the environment. Raises Failure when that fails, and shows the errors in the log."""
    where = terragrunt.folder(target.environment)
    log.parent.mkdir(parents=True, exist_ok=True)
    created = 0
    started = time.monotonic()
    process = terragrunt.start("apply", where, target.variables())
    with log.open("w") as written, remembered(process):
        for line in lines_or_silence(process):
            if line is None:
                print(f"  ... {time.monotonic() - started:.0f} s", flush=True)
                continue
            written.write(line)
            created += "Creation complete" in line
            if UNIT_DONE.match(line):
                print(f"  {line.rstrip()}", flush=True)
        process.wait()
    if process.returncode:
        said = log.read_text()
        for line in report(causes(said)).splitlines() or said.splitlines()[-SHOWN_OF_A_FAILURE:]:
            print(f"  | {line}".rstrip())
        raise Failure(
            f"live/{target.environment} was not applied (exit status {process.returncode})",
            where=display(log),
            do="fix what is shown above (the log has all of it), and run the command again",
        )
    print(f"  {created} resources created, {time.monotonic() - started:.0f} s", flush=True)


def lines_or_silence(process: subprocess.Popen[str]) -> Iterator[str | None]:
    """The lines that a process prints, and None whenever it has printed nothing for SAY_EVERY_S seconds."""
    said: queue.Queue[str | None] = queue.Queue()

    def listen() -> None:
        for line in process.stdout or ():
            said.put(line)
        said.put(None)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        try:
            line = said.get(timeout=SAY_EVERY_S)
        except queue.Empty:
            yield None
            continue
        if line is None:
            return
        yield line
