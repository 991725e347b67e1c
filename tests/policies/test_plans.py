"""The rules on the plan of every live unit of every environment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policies.worlds.configuration import Configuration, of_tree
from tools.livetree import layout
from tools.livetree.combined import plan_environment
from tools.policies.applied import together
from tools.policies.plan import judge_plan, verdicts
from tools.policies.report import FAILED
from tools.project import ROOT


@pytest.fixture(scope="module")
def source() -> Configuration:
    return of_tree(str(ROOT / "modules"))


@pytest.mark.requirement("PLT-32")
@pytest.mark.parametrize("environment", layout.environments())
def test_no_rule_fails_on_the_plan_of_an_environment(
    environment: str, source: Configuration, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert judge_plan(plan_environment(environment), source, environment, tmp_path) == 0, capsys.readouterr().out
    page = (tmp_path / f"{environment}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# Policies on the plan of {environment}\n")
    assert "module.us-east-1_payment-events_data.module.data_key.aws_kms_key.this` | passed | by its plan |" in page


def planned(type_: str, values: dict[str, Any], unknown: dict[str, Any], expressions: dict[str, Any]) -> dict[str, Any]:
    """The smallest plan of one resource."""
    address = f"{type_}.this"
    resource = {"address": address, "mode": "managed", "type": type_, "name": "this", "values": values}
    return {
        "planned_values": {"root_module": {"resources": [resource]}},
        "resource_changes": [{"address": address, "change": {"after_unknown": unknown}}],
        "configuration": {"root_module": {"resources": [resource | {"expressions": expressions}]}},
    }


@pytest.mark.requirement("PLT-32")
def test_a_plan_fails_by_what_it_knows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = planned("aws_lambda_function", {"reserved_concurrent_executions": -1}, {}, {})
    assert judge_plan(document, of_tree(str(tmp_path)), "dev", tmp_path) == 1
    assert "reserved_concurrent_executions is -1 |" in (tmp_path / "dev.md").read_text(encoding="utf-8")
    assert "reserved_concurrent_executions is -1" in capsys.readouterr().out


@pytest.mark.requirement("PLT-32")
def test_what_neither_plan_nor_source_can_decide_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    references = {"policy": {"references": ["local.policy"]}}
    document = planned("aws_iam_role_policy", {}, {"policy": True}, references)
    assert judge_plan(document, of_tree(str(tmp_path)), "dev", tmp_path) == 1
    assert "cannot be decided" in capsys.readouterr().out


@pytest.mark.requirement("PLT-32")
def test_a_plan_without_resources_is_no_pass(tmp_path: Path) -> None:
    assert judge_plan(json.loads("{}"), of_tree(str(tmp_path)), "dev", tmp_path) == 1


@pytest.mark.requirement("PLT-32")
@pytest.mark.parametrize(("listed", "refused"), [(["guard"], ""), (["guard", "theirs"], "the inline_policy theirs")])
def test_a_policy_that_somebody_added_to_a_deployed_role_is_refused(
    listed: list[str], refused: str, tmp_path: Path
) -> None:
    """AWS lists every policy of a role as an inline policy, those that we made among them."""
    role = {"name": "pinger", "inline_policy": [{"name": name, "policy": "{}"} for name in listed]}
    plan = planned("aws_iam_role", role, {}, {"name": {"constant_value": "pinger"}})
    guard = {"address": "aws_iam_role_policy.guard", "mode": "managed", "type": "aws_iam_role_policy", "name": "guard"}
    plan["planned_values"]["root_module"]["resources"].append(guard | {"values": {"name": "guard", "role": "pinger"}})
    found = verdicts(together({"us-east-1/webhooks/service": plan}), of_tree(str(tmp_path)))
    said = [one.reason for one in found if one.rule.id == "CKV_FEP_13" and one.verdict == FAILED]
    assert [refused in one for one in said] == [True] * bool(refused)
    assert {one.address for one in found if one.rule.id == "CKV_FEP_13"} == {
        "module.us-east-1_webhooks_service.aws_iam_role.this"
    }
