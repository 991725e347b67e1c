from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.fidelity.account import Account


def web_acl(client: Any) -> dict[str, Any]:
    visibility = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "orders"}
    summary: dict[str, Any] = client.create_web_acl(
        Name="orders", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=visibility
    )["Summary"]
    return summary


def test_a_web_acl_keeps_its_logging_configuration_until_it_is_deleted(account: Account) -> None:
    client = account.client("wafv2")
    acl = web_acl(client)
    wanted = {
        "ResourceArn": acl["ARN"],
        "LogDestinationConfigs": [account.arn("logs", "log-group:aws-waf-logs-orders")],
        "RedactedFields": [{"SingleHeader": {"Name": "authorization"}}],
    }
    client.put_logging_configuration(LoggingConfiguration=wanted)
    kept = client.get_logging_configuration(ResourceArn=acl["ARN"])["LoggingConfiguration"]
    assert {name: kept[name] for name in wanted} == wanted
    client.delete_logging_configuration(ResourceArn=acl["ARN"])
    with pytest.raises(ClientError, match="WAFNonexistentItemException"):
        client.get_logging_configuration(ResourceArn=acl["ARN"])


def test_a_logging_configuration_goes_with_its_web_acl(account: Account) -> None:
    client = account.client("wafv2")
    acl = web_acl(client)
    destination = account.arn("logs", "log-group:aws-waf-logs-orders")
    client.put_logging_configuration(
        LoggingConfiguration={"ResourceArn": acl["ARN"], "LogDestinationConfigs": [destination]}
    )
    client.delete_web_acl(Name="orders", Scope="REGIONAL", Id=acl["Id"], LockToken=acl["LockToken"])
    with pytest.raises(ClientError, match="WAFNonexistentItemException"):
        client.get_logging_configuration(ResourceArn=acl["ARN"])


def test_a_log_group_with_another_prefix_is_refused(account: Account) -> None:
    client = account.client("wafv2")
    configuration = {
        "ResourceArn": web_acl(client)["ARN"],
        "LogDestinationConfigs": [account.arn("logs", "log-group:orders")],
    }
    with pytest.raises(ClientError, match="WAFInvalidParameterException"):
        client.put_logging_configuration(LoggingConfiguration=configuration)
