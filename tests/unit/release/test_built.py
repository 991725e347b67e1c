"""Zips are built once: what one job has built is what every environment gets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tools.release import built
from tools.release.manifest import AWS, Artefact, artefacts


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the zips that are built."""
    names: list[str] = []

    def build(artefact: Artefact, _: Any, to: Path) -> Path:
        names.append(artefact.key)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text("zip")
        return to

    monkeypatch.setattr(built, "build", build)
    monkeypatch.setattr(built, "libraries", lambda _: None)
    return names


@pytest.mark.requirement("PLT-50", "PLT-25")
def test_a_zip_that_was_built_is_taken_by_its_hash_and_not_built_again(builds: list[str], tmp_path: Path) -> None:
    every = artefacts(AWS)
    assert built.build_all(AWS, tmp_path) == every
    assert sorted(builds) == sorted(artefact.key for artefact in every)
    assert built.build_all(AWS, tmp_path) == []
    builds.clear()
    assert built.archive(every[0], AWS, tmp_path / "scratch", tmp_path) == tmp_path / every[0].key
    assert builds == []


def test_a_zip_that_nobody_has_built_is_built(builds: list[str], tmp_path: Path) -> None:
    [first, *_] = artefacts(AWS)
    found = built.archive(first, AWS, tmp_path / "scratch", tmp_path)
    assert builds == [first.key]
    assert found.parent == tmp_path / "scratch"
