"""A new environment is a copied folder with other settings. Nothing else in this repository has to know it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.copies import copy_of_the_repository
from tools.toolchain import DEVELOPMENT, terraform_environment


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This repository with live/dev copied to live/qa, in a folder with spaces and an umlaut in its name."""
    copy = copy_of_the_repository(tmp_path_factory.mktemp("copied") / "a kopie für qa")
    shutil.copytree(copy / "live" / "dev", copy / "live" / "qa")
    settings = copy / "live" / "qa" / "environment.yaml"
    settings.write_text(
        settings.read_text(encoding="utf-8")
        .replace('"111111111111"', '"444444444444"')
        .replace("log_retention_days: 30", "log_retention_days: 60")
        .replace("destroyable: true", "destroyable: false")
        + "suffix: quality\n",
        encoding="utf-8",
    )
    for words in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *words], cwd=copy, check=True)
    return copy


def run(copy: Path, *words: str) -> str:
    answer = subprocess.run(
        [str(copy / DEVELOPMENT.folder.name / "bin" / "python"), *words],
        cwd=copy,
        env=terraform_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout[-6000:] + answer.stderr[-3000:]
    return answer.stdout


@pytest.mark.requirement("PLT-03")
def test_a_copied_environment_passes_what_is_checked_of_settings_layout_and_plan(copy: Path) -> None:
    said = run(
        copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "qa or test_layout or settings_of_this_repository",
        "tests/plan/test_layout.py", "tests/plan/test_configuration.py", "tests/plan/test_live.py",
        "tests/unit/livetree/test_settings.py", "tests/unit/livetree/test_layout.py",
    )  # fmt: skip
    assert "passed" in said
    assert "skipped" not in said


@pytest.mark.requirement("PLT-32")
def test_a_copied_environment_is_judged_by_the_policies(copy: Path) -> None:
    assert "qa: " in run(copy, "-m", "tools.cli", "policies", "plan", "--env", "qa")
