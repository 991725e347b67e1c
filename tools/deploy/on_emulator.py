"""An environment on an emulator: the one that runs, or one that is started for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from tools.deploy import terragrunt
from tools.deploy.apply import apply
from tools.deploy.leftovers import clean_up
from tools.deploy.target import Target
from tools.emulator import control
from tools.errors import WRONG_INPUT, Failure
from tools.project import display
from tools.release import engine


@dataclass(frozen=True)
class Applied:
    """An environment that is applied on an emulator; `stays` where the emulator runs on after the command."""

    target: Target
    emulator: control.Emulator
    stays: bool


@contextmanager
def applied(environment: str, log: Path, *, keep: bool = False) -> Iterator[Applied]:
    """Apply an environment on the emulator that runs, or on a new one, with a progress for people and a whole log.

    A new emulator stops with the block, and with this process however that ends, unless it is to be kept. What killed
    runs have left is cleaned up first. Raises Failure when the apply fails, or images are asked for (PACKAGING=image,
    which the root configuration reads) and cannot run on this machine.
    """
    packaging = os.environ.get("PACKAGING") or "zip"
    if packaging not in ("image", "zip"):
        raise Failure(
            f"PACKAGING is {packaging!r}",
            where="the environment variable PACKAGING",
            do="take image, or zip, or leave it out for zip",
            status=WRONG_INPUT,
        )
    if packaging == "image":
        engine.check_runs_here(engine.connect())
    running = control.find_running()
    print("emulator: " + (f"the one that runs at {running.endpoint}" if running else "starting one"), flush=True)
    stays = keep or running is not None
    emulator = running or control.start(ends_with_caller=not stays)
    with nullcontext() if stays else emulator:
        target = Target(environment, emulator)
        for line in clean_up(target):
            print(f"  cleaned up: {line}", flush=True)
        print(f"apply live/{environment} (log: {display(log)}), with {terragrunt.find().name}", flush=True)
        apply(target, log)
        yield Applied(target, emulator, stays)
