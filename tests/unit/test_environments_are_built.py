"""Set-up builds Python environments that work: in whatever folder, and whatever the person's pip is told."""

from __future__ import annotations

import hashlib
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from tools import toolchain
from tools.errors import Failure
from tools.toolchain import PythonEnvironment

RECORDED = """\
shown.py,,
shown-1.0.data/scripts/show,,
shown-1.0.dist-info/METADATA,,
shown-1.0.dist-info/WHEEL,,
shown-1.0.dist-info/RECORD,,
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one package: a module, and a plain script, whose first line installers write."""
    folder = tmp_path_factory.mktemp("index")
    with zipfile.ZipFile(folder / "shown-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("shown.py", "WORD = 'shown'\n")
        wheel.writestr("shown-1.0.data/scripts/show", "#!python\nimport shown\nprint(shown.WORD)\n")
        wheel.writestr("shown-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: Shown\nVersion: 1.0\n")
        wheel.writestr("shown-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("shown-1.0.dist-info/RECORD", RECORDED)
    digest = hashlib.sha256((folder / "shown-1.0-py3-none-any.whl").read_bytes()).hexdigest()
    (folder / "lock.txt").write_text(f"shown==1.0 \\\n    --hash=sha256:{digest}\n")
    return folder


@pytest.fixture
def environment(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PythonEnvironment:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    folder = tmp_path / "ein ordner für zahlungen"
    folder.mkdir()
    return PythonEnvironment(folder / ".venv", index / "lock.txt")


def shown(environment: PythonEnvironment) -> str:
    command = toolchain.script(environment, "show")
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.requirement("PLT-23")
def test_an_environment_works_in_a_folder_with_a_space_and_an_umlaut_whatever_pip_is_told(
    environment: PythonEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "PIP_DRY_RUN": "1",
        "PIP_PREFIX": str(tmp_path / "elsewhere"),
        "PIP_TARGET": str(tmp_path / "elsewhere"),
        "PIP_USER": "1",
        "PYTHONHOME": "/nowhere",
        "PYTHONPATH": "/nowhere",
    }.items():
        monkeypatch.setenv(name, value)
    assert toolchain.build(environment)
    assert not (tmp_path / "elsewhere").exists()
    monkeypatch.delenv("PYTHONHOME")
    assert shown(environment) == "shown\n"
    assert not toolchain.build(environment)


def test_an_environment_is_built_again_where_its_folder_has_moved(
    environment: PythonEnvironment, tmp_path: Path
) -> None:
    toolchain.build(environment)
    environment.folder.parent.rename(tmp_path / "renamed")
    moved = replace(environment, folder=tmp_path / "renamed" / ".venv")
    assert toolchain.build(moved)
    script = moved.folder / "bin" / "show"
    assert script.read_text().startswith(f"#!{moved.folder}/bin/python")
    assert shown(moved) == "shown\n"


@pytest.mark.requirement("PLT-24")
def test_packages_that_pip_puts_elsewhere_are_missed(
    environment: PythonEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pip.conf").write_text(f"[install]\ntarget = {tmp_path / 'elsewhere'}\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    with pytest.raises(Failure, match=r"pip has installed nothing into \.venv") as raised:
        toolchain.build(environment)
    assert "pip config list" in (raised.value.do or "")
    assert not toolchain.is_up_to_date(environment)
