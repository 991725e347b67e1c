"""What the page of costs counts at rest is what is planned."""

from __future__ import annotations

import pytest

from tests.plan.environments import ENVIRONMENTS, plans
from tools.docs import costs

COUNTED = {
    "alarm_metric": "aws_cloudwatch_metric_alarm",
    "dashboard": "aws_cloudwatch_dashboard",
    "key": "aws_kms_key",
    "secret": "aws_secretsmanager_secret",
    "web_acl": "aws_wafv2_web_acl",
}


@pytest.mark.requirement("PLT-51")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_what_is_counted_at_rest_is_planned(environment: str) -> None:
    for system in costs.systems():
        units = [planned for unit, planned in plans(environment).items() if unit.split("/")[1] == system.name]
        counted = {
            COUNTED[line.price]: len(system.of(COUNTED[line.price]))
            for line in system.at_rest()
            if line.price in COUNTED
        }
        assert {kind: sum(unit.count(kind) for unit in units) for kind in COUNTED.values()} == dict.fromkeys(
            COUNTED.values(), 0
        ) | counted
