"""A checkout with an emulator of its own: drills change its settings and its live tree, and wreck what it deploys."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.copies import copy_of_the_repository
from tools.deploy.target import Target
from tools.emulator import control
from tools.toolchain import DEVELOPMENT, EMULATOR

# Ends when its standard input does, and with it the emulator: also when the tests are killed.
_EMULATOR = """
import sys
from tools.emulator import control
with control.start(int(sys.argv[1]), ends_with_caller=True) as emulator:
    print(emulator.pid, flush=True)
    sys.stdin.read()
"""


class Checkout:
    """A copy of this repository, in which a person on call works."""

    def __init__(self, root: Path, port: int) -> None:
        self.root = root
        self._python = str(root / DEVELOPMENT.folder.name / "bin" / "python")
        self._environment = os.environ | {"EMULATOR_PORT": str(port)}
        self._emulator = subprocess.Popen(
            [self._python, "-c", _EMULATOR, str(port)],
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._emulator.stdout is not None
        self.emulator = control.Emulator(port, int(self._emulator.stdout.readline().split()[-1]), "")

    def stop(self) -> None:
        self._emulator.communicate()

    def pipelines(self, line: str, *, fails: bool = False) -> str:
        """Run a command of `pipelines`, without that word. Returns what it said."""
        answer = self._run(line)
        assert (answer.returncode != 0) == fails, answer.stdout[-6000:]
        return answer.stdout

    def tries(self, line: str) -> str:
        """As `pipelines`, for a command that may fail at first: returns nothing then."""
        answer = self._run(line)
        return "" if answer.returncode else answer.stdout

    def _run(self, line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self._python, "-m", "tools.cli", *line.split()],
            cwd=self.root,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def set(self, environment: str, **settings: Any) -> None:
        """Write settings of an environment, in the place of those that it has."""
        path = self.root / "live" / environment / "environment.yaml"
        path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | settings))

    def target(self, environment: str) -> Target:
        return Target(environment, self.emulator)


@pytest.fixture(scope="session")
def checkout(target: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    if target == "aws":
        pytest.skip("a drill breaks what is deployed: an account is not for that")
    root = copy_of_the_repository(tmp_path_factory.mktemp("drill") / "repository")
    (root / EMULATOR.folder.name).symlink_to(EMULATOR.folder)
    for words in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *words], cwd=root, check=True)
    made = Checkout(root, control.free_port())
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="session")
def dev(checkout: Checkout) -> Target:
    """live/dev, applied in the checkout."""
    checkout.pipelines("env apply --env dev")
    return checkout.target("dev")
