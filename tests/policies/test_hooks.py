"""What runs on a commit is what `make lint` runs."""

from __future__ import annotations

import re

import pytest
import yaml

from tools.errors import Failure
from tools.project import ROOT
from tools.quality.cli import Step, chosen, lint_steps, run


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


@pytest.mark.requirement("PLT-34")
def test_the_hooks_and_lint_are_one_list() -> None:
    """A hook runs the step of its id. The pinned ones run the same tool, on the files of the commit."""
    [repository] = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    hooks, steps = repository["hooks"], lint_steps()
    assert [hook["id"] for hook in hooks] == [step.id for step in steps]
    for hook, step in zip(hooks, steps, strict=True):
        assert (hook.get("stages") == ["pre-push"]) == step.waits_for_push, hook["id"]
        if hook["language"] == "system":
            assert hook["entry"] == f"tools/pipelines project lint --fix --only {step.id}"
        else:
            assert "ruff" in hook["entry"].split(), hook["id"]


def test_a_step_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(Failure, match="no step is called mypi") as failure:
        chosen(["mypy", "mypi"])
    assert "mypy" in str(failure.value.do)


def test_a_step_fixes_where_it_can_and_fails_where_it_cannot(capsys: pytest.CaptureFixture[str]) -> None:
    fixed = Step("spelling", ("false",), "look", "spelling", ("true",))
    assert run([fixed], fix=True) == 0
    assert run([fixed, Step("absent", None, "look", "absent")]) == 1
    said = capsys.readouterr().out
    assert "failed: spelling\n  do: look" in said
    assert "absent: left out" in said
