"""The demonstration with functions from container images: built, pushed, deployed, and every event accounted for."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests import engine
from tests.copies import copy_of_the_repository
from tools.emulator import control
from tools.release.manifest import EMULATOR as EMULATOR_RELEASE
from tools.release.manifest import artefacts
from tools.toolchain import DEVELOPMENT, EMULATOR


@pytest.mark.requirement("EVT-20", "EVT-31", "CSV-20", "PLT-25")
@pytest.mark.timeout(3600)
def test_every_event_is_accounted_for_when_functions_run_from_images(target: str, tmp_path: Path) -> None:
    if target == "aws":
        pytest.skip("images for an account are built by an apply on it")
    engine.standin()
    root = copy_of_the_repository(tmp_path / "repository")
    (root / EMULATOR.folder.name).symlink_to(EMULATOR.folder)
    demonstration = subprocess.run(
        [str(root / DEVELOPMENT.folder.name / "bin" / "python"), "-m", "tools.cli", "project", "demo"],
        cwd=root,
        env=os.environ | {"PACKAGING": "image", "EMULATOR_PORT": str(control.free_port())},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert demonstration.returncode == 0, demonstration.stdout[-6000:]
    applied = (root / "build" / "demo" / "apply.log").read_text()
    for artefact in artefacts(EMULATOR_RELEASE, ["csv-upload", "payment-events"]):
        assert f"release: {artefact.tag} is sha256:" in applied
    report = json.loads((root / "build" / "demo" / "report.json").read_text())
    for system in ("csv-upload", "payment-events"):
        assert report["systems"][system]["processed"] > 0
        assert report["systems"][system]["unaccounted"] == 0
