"""What runs on a commit is what CI runs."""

from __future__ import annotations

import re

import pytest
import yaml

from tools.project import ROOT


@pytest.mark.requirement("PLT-34")
def test_the_hooks_pin_what_the_requirements_pin() -> None:
    locks = "".join(path.read_text() for path in (ROOT / "requirements").glob("*.txt"))
    repositories = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    pins = {pin for found in repositories for hook in found["hooks"] for pin in hook.get("additional_dependencies", [])}
    assert pins
    assert {pin for pin in pins if not re.search(rf"^{re.escape(pin)} ", locks, re.MULTILINE)} == set()


@pytest.mark.requirement("PLT-34")
def test_the_hooks_need_no_other_repository() -> None:
    repositories = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert [found["repo"] for found in repositories] == ["local"]
    assert {hook["id"] for hook in repositories[0]["hooks"]} >= {
        "checkov",
        "docs",
        "ruff-format",
        "terraform-fmt",
        "terragrunt-fmt",
        "validation",
    }
