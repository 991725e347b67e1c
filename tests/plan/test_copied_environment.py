"""A new environment is a copied folder with other settings, and a new region a copied folder.

Nothing else in this repository has to know them.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.copies import copy_of_the_repository
from tools.livetree import layout
from tools.toolchain import DEVELOPMENT, terraform_environment

# Names that no contributor takes, who may have live/qa and eu-west-1 (CONTRIBUTING.md).
COPIED = "copied-env"
FIRST, SECOND = "us-east-1", "ap-south-2"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This repository with a second region in every environment, and with live/dev copied to live/copied-env.

    It is in a folder with spaces and an umlaut in its name.
    """
    copy = copy_of_the_repository(tmp_path_factory.mktemp("copied") / "a kopie für qa")
    for name in layout.environments(copy):
        shutil.copytree(layout.folder(name, copy) / FIRST, layout.folder(name, copy) / SECOND)
    shutil.copytree(copy / "live" / "dev", copy / "live" / COPIED)
    settings = copy / "live" / COPIED / "environment.yaml"
    settings.write_text(
        settings.read_text(encoding="utf-8")
        .replace('"111111111111"', '"909090909090"')
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
def test_a_copied_environment_and_region_pass_what_is_checked_of_settings_layout_and_plan(copy: Path) -> None:
    said = run(
        copy, "-m", "pytest", "-q", "-p", "no:cacheprovider",
        "-k", f"{COPIED} or test_layout or settings_of_this_repository or every_unit_has_an_inventory",
        "tests/plan/test_layout.py", "tests/plan/test_configuration.py", "tests/plan/test_live.py",
        "tests/unit/livetree/test_settings.py", "tests/unit/livetree/test_layout.py",
    )  # fmt: skip
    assert "passed" in said
    assert "skipped" not in said


@pytest.mark.requirement("PLT-03")
def test_the_settings_of_a_copied_environment_are_explained_and_judged(copy: Path) -> None:
    said = run(copy, "-m", "tools.cli", "env", "settings", "--env", COPIED, "--explain")
    assert 'suffix: "quality"' in said
    assert f"settings: {COPIED} as they should be" in said


@pytest.mark.requirement("PLT-32")
def test_a_copied_environment_and_region_are_judged_by_the_policies(copy: Path) -> None:
    assert f"{COPIED}: " in run(copy, "-m", "tools.cli", "policies", "plan", "--env", COPIED)
