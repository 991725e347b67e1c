"""Our rules on an environment that is applied: with the ARNs that AWS assigns in the place of references."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from policies.worlds.configuration import of_tree
from tests.emulator.conftest import Environment
from tools.policies import applied
from tools.policies.plan import judge_plan
from tools.project import ROOT

FOREIGN = "arn:aws:dynamodb:us-east-1:999999999999:table/theirs"


@pytest.mark.requirement("PLT-32")
def test_rules_pass_with_real_arns_and_refuse_one_of_somebody_else(
    dev: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    judged: list[dict[str, Any]] = []

    def keep(document: dict[str, Any], *others: Any) -> int:
        judged.append(document)
        return judge_plan(document, *others)

    monkeypatch.setattr(applied, "judge_plan", keep)
    assert applied.check_applied(dev.target, tmp_path) == 0, capsys.readouterr().out
    page = (tmp_path / "dev.md").read_text(encoding="utf-8")
    assert "cannot be decided" not in page

    [document] = judged
    policy, statement = next(_table_permissions(document))
    statement["Resource"] = FOREIGN
    policy["values"]["policy"] = json.dumps(policy["document"])
    assert judge_plan(document, of_tree(str(ROOT / "modules")), "dev", tmp_path) == 1
    said = capsys.readouterr().out
    assert FOREIGN in said
    assert policy["address"] in said


def _table_permissions(document: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The role policies that name a table, each with its statement."""
    ahead = [document["planned_values"]["root_module"]]
    while ahead:
        module = ahead.pop()
        ahead += module.get("child_modules", [])
        for one in module.get("resources", []):
            if one["type"] == "aws_iam_role_policy":
                one["document"] = json.loads(one["values"]["policy"])
                for statement in one["document"]["Statement"]:
                    if ":table/" in json.dumps(statement["Resource"]):
                        yield one, statement
