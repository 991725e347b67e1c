"""Limits of API keys."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import Resource
from policies.rule import rule


@rule(
    "CKV_FEP_40",
    "Usage plans limit how often a key is used, in a second and in a day",
    "aws_api_gateway_usage_plan",
    rows=("PLT-31", "CSV-01"),
    reading={
        'Amazon API Gateway Developer Guide, "Usage plans and API keys for REST APIs"': "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html",
    },
    fix="Set `throttle_settings` with `rate_limit` and `burst_limit`, and `quota_settings` with `limit` and `period`.",
)
def usage_plans_limit_their_keys(plan: Resource) -> Iterator[str]:
    """A key without limits lets one client use up what all of them share, or run up a bill without end."""
    for attribute in (
        "throttle_settings.rate_limit",
        "throttle_settings.burst_limit",
        "quota_settings.limit",
        "quota_settings.period",
    ):
        if not plan.get(attribute):
            yield f"{attribute} is not set"
