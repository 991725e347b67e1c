"""An environment in two regions: names that AWS has once in an account are not used twice."""

from __future__ import annotations

import shutil
from collections import defaultdict

import pytest

from tests.copies import copy_of_the_repository
from tests.plan.inventory import Planned
from tools.livetree.combined import plan_environment

SECOND = "ap-southeast-2"  # one of the longest names of a region

# Types whose names AWS has once in a region. Any other type needs a different name in each region: roles, budgets and
# dashboards have their names once in an account, buckets once in all of AWS.
OF_A_REGION = {
    "aws_api_gateway_model",
    "aws_api_gateway_request_validator",
    "aws_api_gateway_rest_api",
    "aws_api_gateway_usage_plan",
    "aws_cloudwatch_event_archive",
    "aws_cloudwatch_event_bus",
    "aws_cloudwatch_event_rule",
    "aws_cloudwatch_log_group",
    "aws_cloudwatch_log_resource_policy",
    "aws_cloudwatch_metric_alarm",
    "aws_dynamodb_table",
    "aws_ecr_repository",
    "aws_iam_role_policy",  # named within its role
    "aws_kms_alias",
    "aws_lambda_function",
    "aws_lambda_function_event_invoke_config",
    "aws_lambda_permission",
    "aws_secretsmanager_secret",
    "aws_sfn_state_machine",
    "aws_sns_topic",
    "aws_sqs_queue",
    "aws_wafv2_web_acl",
}
NAMES = ("name", "bucket", "function_name", "alarm_name", "dashboard_name", "policy_name")


@pytest.fixture(scope="module")
def regions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Planned]:
    """The plans of dev in its regions and in another one, a copy of the first."""
    root = copy_of_the_repository(tmp_path_factory.mktemp("two-regions") / "repository")
    shutil.copytree(root / "live/dev/us-east-1", root / "live/dev" / SECOND)
    modules = plan_environment("dev", root)["planned_values"]["root_module"]["child_modules"]
    found = {module["address"].removeprefix("module."): Planned.of(module, {}) for module in modules}
    assert {name.split("_")[0] for name in found} >= {"us-east-1", SECOND}
    return found


@pytest.mark.requirement("PLT-03", "PLT-12")
def test_a_second_region_of_an_environment_has_no_name_that_belongs_to_the_account(regions: dict[str, Planned]) -> None:
    named: dict[tuple[str, str], set[str]] = defaultdict(set)
    for unit, planned in regions.items():
        for address, attributes in planned.resources.items():
            for attribute in NAMES:
                if attributes.get(attribute):
                    named[planned.types[address], str(attributes[attribute])].add(f"{unit}: {address}")
    twice = {key: places for key, places in named.items() if len(places) > 1}
    assert {key: places for key, places in twice.items() if key[0] not in OF_A_REGION} == {}
    assert {kind for kind, _ in named} >= {"aws_iam_role", "aws_budgets_budget", "aws_cloudwatch_dashboard"}


@pytest.mark.requirement("PLT-03")
def test_a_second_region_plans_what_the_first_does(regions: dict[str, Planned]) -> None:
    for unit, planned in regions.items():
        region, _, rest = unit.partition("_")
        if region == SECOND:
            assert set(planned.resources) == set(regions[f"us-east-1_{rest}"].resources)
