"""What names a function's artefact, and what leaves the name as it is."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from tools.errors import Failure
from tools.release import archive, manifest
from tools.release.manifest import AWS, EMULATOR, artefacts

HANDLER = "\ndef handler(event, context): ...\n"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project: system `card-payments` with functions `first` and `second`, which share `common.money`."""
    files = {
        "functions/__init__.py": "",
        "functions/common/__init__.py": "",
        "functions/common/money.py": "UNITS = 2\n",
        "functions/common/unused.py": "",
        "functions/card_payments/__init__.py": "",
        "functions/card_payments/README.md": "words\n",
        "functions/card_payments/first.py": "from functions.card_payments.rules import load\n" + HANDLER,
        "functions/card_payments/second.py": "from functions.common import money\n" + HANDLER,
        "functions/card_payments/rules/__init__.py": "from ..shared import helper\n",
        "functions/card_payments/rules/load.py": "",
        "functions/card_payments/rules/rules.json": "{}",
        "functions/card_payments/shared.py": "import functions.common.money\n\ndef helper(): ...\n",
        "requirements/functions.txt": "msgspec==1\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(manifest, "ROOT", tmp_path)
    monkeypatch.setattr(manifest, "FUNCTIONS", tmp_path / "functions")
    monkeypatch.setattr(manifest, "LOCK", tmp_path / "requirements" / "functions.txt")
    monkeypatch.setattr(archive, "ROOT", tmp_path)
    return tmp_path


def hashes() -> dict[str, str]:
    return {artefact.function: artefact.hash for artefact in artefacts(AWS)}


@pytest.mark.requirement("PLT-25")
@pytest.mark.parametrize(
    ("changed", "renamed"),
    [
        ("functions/common/money.py", {"first", "second"}),
        ("functions/card_payments/first.py", {"first"}),
        ("functions/card_payments/rules/rules.json", {"first"}),
        ("functions/card_payments/shared.py", {"first"}),
        ("functions/card_payments/README.md", set()),
        ("functions/common/unused.py", set()),
        ("requirements/functions.txt", {"first", "second"}),
    ],
)
def test_a_change_renames_exactly_the_functions_that_it_reaches(tree: Path, changed: str, renamed: set[str]) -> None:
    before = hashes()
    with (tree / changed).open("a") as file:
        file.write("\n")
    assert {name for name, value in hashes().items() if value != before[name]} == renamed


@pytest.mark.requirement("PLT-25")
def test_the_platform_is_part_of_the_name(tree: Path) -> None:
    assert {a.hash for a in artefacts(AWS)}.isdisjoint(a.hash for a in artefacts(EMULATOR))


@pytest.mark.requirement("PLT-25")
def test_the_manifest_says_where_each_artefact_lies(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "BUILD", tree / "build")
    entry = json.loads(manifest.write(AWS).read_text())["card-payments"]["first"]
    assert entry == {
        "handler": "functions.card_payments.first.handler",
        "hash": hashes()["first"],
        "key": f"card-payments/first/{hashes()['first']}.zip",
        "runtime": manifest.RUNTIME,
        "tag": artefacts(AWS)[0].tag,
    }


def test_an_unknown_system_is_refused_with_the_known_ones(tree: Path) -> None:
    with pytest.raises(Failure, match="card-payments"):
        artefacts(AWS, ["cards"])


def test_a_module_that_is_no_python_is_named_with_its_line(tree: Path) -> None:
    (tree / "functions/common/money.py").write_text("UNITS = 2\ndef\n")
    with pytest.raises(Failure, match=r"money\.py, line 2"):
        artefacts(AWS)


@pytest.mark.requirement("PLT-25")
def test_two_builds_of_one_tree_are_the_same_bytes(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    libraries = tree / "libraries"
    (libraries / "msgspec").mkdir(parents=True)
    (libraries / "msgspec" / "__init__.py").write_text("")
    (libraries / "msgspec-1.dist-info").mkdir()
    (libraries / "msgspec-1.dist-info" / "RECORD").write_text("differs from machine to machine")
    monkeypatch.setattr(archive, "libraries", lambda where: libraries)
    [first, *_] = artefacts(AWS)
    one = archive.build(first, AWS, tree / "one.zip").read_bytes()
    for path in first.sources:
        path.touch()  # a fresh clone has other times
        path.chmod(0o600)
    assert archive.build(first, AWS, tree / "two.zip").read_bytes() == one
    names = zipfile.ZipFile(tree / "one.zip").namelist()
    assert names == sorted(names)
    assert "functions/card_payments/first.py" in names
    assert "functions/card_payments/second.py" not in names
    assert "msgspec/__init__.py" in names
    assert not [name for name in names if name.endswith("RECORD")]
