from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.livetree.miniature import Miniature
from tests.unit.livetree.trees import LiveTree
from tools.deploy.terragrunt import STAND_IN
from tools.emulator import control
from tools.toolchain import CLI_CONFIGURATION


def real_binaries() -> list[Path]:
    """Each Terragrunt that TERRAGRUNT_BINARIES names (separated as in PATH), else the one on the PATH."""
    named = os.environ.get("TERRAGRUNT_BINARIES") or shutil.which("terragrunt") or ""
    return [Path(path) for path in named.split(os.pathsep) if path]


_REAL = [pytest.param(path, id=f"terragrunt{number}") for number, path in enumerate(real_binaries())]
_NONE = pytest.mark.skip(reason="no terragrunt on the PATH, and TERRAGRUNT_BINARIES names none")
REAL = _REAL or [pytest.param(None, id="none", marks=_NONE)]
BINARIES = [*_REAL, pytest.param(STAND_IN, id="stand-in")]


def all_units(binary: Path) -> list[str]:
    """The beginning of a command line that runs in all units, in the words that a person has long been used to."""
    if binary == STAND_IN:
        return ["run-all"]
    version = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout
    return ["run-all"] if " v0." in version else ["run", "--all"]


@dataclass
class Account:
    """An account of one test on the emulator, and a small live tree that is deployed to it."""

    tree: LiveTree
    emulator: control.Emulator
    account_id: str

    @property
    def live(self) -> Path:
        return self.tree.root / "live" / "dev"

    @property
    def bucket(self) -> str:
        return f"states-{self.account_id}"

    @property
    def environment(self) -> dict[str, str]:
        """What Terragrunt runs with: it bootstraps by itself and asks nothing."""
        terraform = {"TF_CLI_CONFIG_FILE": str(CLI_CONFIGURATION)} if CLI_CONFIGURATION.exists() else {}
        unattended = {"TG_BACKEND_BOOTSTRAP": "true", "TG_NON_INTERACTIVE": "true"}
        return self.emulator.environment(self.account_id) | unattended | terraform

    def run(
        self,
        *words: str,
        folder: Path | None = None,
        binary: Path = STAND_IN,
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(binary), *words],
            cwd=folder or self.live,
            env=self.environment | dict(environment or {}),
            capture_output=True,
            text=True,
            check=False,
        )

    def client(self, service: str) -> Any:
        return self.emulator.client(service, self.account_id)

    def states(self) -> set[str]:
        return {entry["Key"] for entry in self.client("s3").list_objects_v2(Bucket=self.bucket).get("Contents", [])}

    def locks(self) -> list[str]:
        """The states that are locked; the table also holds a checksum for each state."""
        ids = [item["LockID"]["S"] for item in self.client("dynamodb").scan(TableName="locks")["Items"]]
        return [identifier for identifier in ids if not identifier.endswith("-md5")]


@pytest.fixture
def account(tmp_path: Path, emulator: control.Emulator | None) -> Account:
    if emulator is None:
        pytest.skip("the stand-in is for the emulator only")
    tree = LiveTree(tmp_path / "repository")
    subprocess.run(["git", "init", "--quiet", str(tree.root)], check=True, env={**os.environ, "GIT_TEMPLATE_DIR": ""})
    account_id = str(100_000_000_000 + secrets.randbelow(899_999_999_999))
    tree.replace("live/dev/environment.yaml", "111111111111", account_id)
    return Account(tree, emulator, account_id)


@pytest.fixture
def miniature(tmp_path: Path, emulator: control.Emulator | None) -> Miniature:
    if emulator is None:
        pytest.skip("what is destroyed here is not for an account")
    return Miniature(tmp_path / "repository", emulator)
