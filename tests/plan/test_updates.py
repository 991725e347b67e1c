"""Renovate finds every version that is pinned, and CODEOWNERS names files that are there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tools.emulator.patches import WRITTEN_AGAINST
from tools.project import ROOT
from tools.release.manifest import RUNTIME, base_image

RENOVATE: dict[str, Any] = json.loads((ROOT / "renovate.json").read_text())


def matches(patterns: list[str], path: str) -> bool:
    """Whether Renovate takes a file: its patterns are JavaScript's regular expressions between slashes."""
    return any(re.search(pattern.strip("/").replace("\\/", "/"), path) for pattern in patterns)


def found(path: str) -> set[tuple[str, str]]:
    """(package, version) of everything that the custom managers read in a file."""
    text = (ROOT / path).read_text(encoding="utf-8")
    return {
        (each.groupdict().get("depName") or manager["depNameTemplate"], each["currentValue"])
        for manager in RENOVATE["customManagers"]
        if matches(manager["managerFilePatterns"], path)
        for pattern in manager["matchStrings"]
        for each in re.finditer(pattern.replace("(?<", "(?P<"), text)
    }


def test_every_lock_is_updated() -> None:
    locks = [f"requirements/{path.name}" for path in (ROOT / "requirements").glob("*.txt")]
    assert len(locks) == 5
    assert [lock for lock in locks if not matches(RENOVATE["pip_requirements"]["managerFilePatterns"], lock)] == []


@pytest.mark.parametrize("path", ["requirements/checkov.in", "requirements/dev.in", ".pre-commit-config.yaml"])
def test_every_pin_beside_the_locks_is_updated(path: str) -> None:
    pins = set(re.findall(r"[\w-]+==[\w.]+", (ROOT / path).read_text()))
    assert pins
    assert {f"{name}=={version}" for name, version in found(path)} == pins


@pytest.mark.parametrize("path", ["requirements/emulator.in", "tools/emulator/patches/__init__.py", "docs/emulator.md"])
def test_the_emulator_has_one_version_which_is_updated_everywhere(path: str) -> None:
    assert found(path) == {("ministack", WRITTEN_AGAINST)}


def test_the_base_image_is_updated_within_the_functions_python() -> None:
    [(name, version)] = found("tools/release/Dockerfile")
    assert f"{name}:{version}" == base_image()
    [rule] = [rule for rule in RENOVATE["packageRules"] if rule.get("matchPackageNames") == [name]]
    assert rule["allowedVersions"] == f"/^{re.escape(RUNTIME.removeprefix('python'))}\\.20/"


@pytest.mark.requirement("PLT-10")
def test_no_update_leaves_the_versions_that_the_modules_take() -> None:
    [rule] = [rule for rule in RENOVATE["packageRules"] if rule.get("matchManagers") == ["terraform"]]
    assert (rule["matchUpdateTypes"], rule["enabled"]) == (["major"], False)


def test_every_path_with_owners_is_there() -> None:
    lines = (ROOT / ".github" / "CODEOWNERS").read_text().splitlines()
    paths = [line.split()[0] for line in lines if line and not line.startswith("#")]
    assert paths[0] == "*"
    assert [path for path in paths[1:] if not (ROOT / Path(path.strip("/"))).exists()] == []
