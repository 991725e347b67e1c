"""Whatever environments consist of, the summary of a plan knows what is lost with it."""

from __future__ import annotations

from fnmatch import fnmatchcase

from tests.plan.environments import ENVIRONMENTS, plans
from tools.delivery.attention import HOLDS

# Types whose resources hold nothing that an apply could not make again.
HOLD_NOTHING = [
    "aws_api_gateway_*",
    "aws_backup_plan",
    "aws_backup_selection",
    "aws_budgets_budget",
    "aws_cloudwatch_dashboard",
    "aws_cloudwatch_event_bus",
    "aws_cloudwatch_event_rule",
    "aws_cloudwatch_event_target",
    "aws_cloudwatch_log_resource_policy",
    "aws_cloudwatch_metric_alarm",
    "aws_*security_group*",
    "aws_ecr_*_policy",
    "aws_flow_log",
    "aws_iam_*",
    "aws_kms_alias",
    "aws_lambda_*",
    "aws_route_table*",
    "aws_s3_bucket_*",
    "aws_sfn_state_machine",
    "aws_sns_topic*",
    "aws_sqs_queue_*",
    "aws_subnet",
    "aws_vpc*",
    "aws_wafv2_*",
]


def test_a_type_of_resource_holds_data_or_is_known_to_hold_none() -> None:
    """A new type: add it to HOLDS in tools/delivery/attention.py with what is lost, or to the list above."""
    used = {
        type_
        for environment in ENVIRONMENTS
        for planned in plans(environment).values()
        for type_ in planned.types.values()
    }
    known = [*HOLDS, *HOLD_NOTHING]
    assert sorted(type_ for type_ in used if not any(fnmatchcase(type_, each) for each in known)) == []
    assert [type_ for type_ in HOLDS if any(fnmatchcase(type_, each) for each in HOLD_NOTHING)] == []
