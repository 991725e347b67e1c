"""Destroying an environment leaves nothing of its own, asked of the account and not of the state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.emulator.conftest import Environment
from tools.deploy import terragrunt
from tools.deploy.destroy import destroy
from tools.deploy.target import Target
from tools.emulator import control
from tools.operations.csv_upload import CsvUpload

# What bootstrap made comes before all units and stays.
STATE_BUCKET = "financial-event-pipelines-state-"
STATE_KEY = "alias/financial-event-pipelines-states"
LOCK_TABLE = "financial-event-pipelines-locks"


def left(client: Callable[[str], Any], account_id: str) -> dict[str, list[str]]:
    """What exists in the account's region, by kind, without what AWS itself puts there and what bootstrap made."""

    def names(service: str, operation: str, result: str, key: str | None = None, **arguments: Any) -> list[str]:
        found = client(service)
        if found.can_paginate(operation):
            pages = found.get_paginator(operation).paginate(**arguments)
        else:
            pages = [getattr(found, operation)(**arguments)]
        return [entry[key] if key else entry for page in pages for entry in page.get(result, [])]

    kms = client("kms")
    aliases = {a["AliasName"]: a.get("TargetKeyId") for a in kms.list_aliases()["Aliases"]}
    of_states = aliases.pop(STATE_KEY, None)
    keys = [kms.describe_key(KeyId=key)["KeyMetadata"] for key in names("kms", "list_keys", "Keys", "KeyId")]
    everything = {
        "alarms": names("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
        "API keys": names("apigateway", "get_api_keys", "items", "name"),
        "APIs": names("apigateway", "get_rest_apis", "items", "name"),
        "aliases": [alias for alias in aliases if not alias.startswith("alias/aws/")],
        "archives": names("events", "list_archives", "Archives", "ArchiveName"),
        "buckets": [b for b in names("s3", "list_buckets", "Buckets", "Name") if not b.startswith(STATE_BUCKET)],
        "budgets": names("budgets", "describe_budgets", "Budgets", "BudgetName", AccountId=account_id),
        "buses": [bus for bus in names("events", "list_event_buses", "EventBuses", "Name") if bus != "default"],
        "dashboards": names("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
        "event source mappings": names("lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"),
        "functions": names("lambda", "list_functions", "Functions", "FunctionName"),
        "keys": [
            key["Arn"]
            for key in keys
            if key["KeyManager"] == "CUSTOMER" and key["KeyState"] != "PendingDeletion" and key["KeyId"] != of_states
        ],
        "log groups": names("logs", "describe_log_groups", "logGroups", "logGroupName"),
        "log policies": names("logs", "describe_resource_policies", "resourcePolicies", "policyName"),
        "queues": names("sqs", "list_queues", "QueueUrls"),
        "repositories": names("ecr", "describe_repositories", "repositories", "repositoryName"),
        "roles": [r for r in names("iam", "list_roles", "Roles", "RoleName") if not r.startswith("AWSServiceRole")],
        "rules": names("events", "list_rules", "Rules", "Name"),
        "secrets": names("secretsmanager", "list_secrets", "SecretList", "Name", IncludePlannedDeletion=True),
        "subscriptions": names("sns", "list_subscriptions", "Subscriptions", "SubscriptionArn"),
        "tables": [table for table in names("dynamodb", "list_tables", "TableNames") if table != LOCK_TABLE],
        "topics": names("sns", "list_topics", "Topics", "TopicArn"),
        "usage plans": names("apigateway", "get_usage_plans", "items", "name"),
        "web ACLs": names("wafv2", "list_web_acls", "WebACLs", "Name", Scope="REGIONAL"),
        "workflows": names("stepfunctions", "list_state_machines", "stateMachines", "name"),
    }
    return {kind: found for kind, found in everything.items() if found}


# What the deployments of an account share is left until it is destroyed by itself.
SHARED = {
    "aliases": ["alias/financial-event-pipelines-account"],
    "log groups": ["/aws/apigateway/welcome"],
    "log policies": ["financial-event-pipelines"],
}


@pytest.mark.requirement("PLT-13", "PLT-15")
def test_destroy_leaves_nothing_but_what_the_account_has_once(target: str) -> None:
    """On an emulator of its own, as the other tests use the applied environment."""
    if target == "aws":
        pytest.skip("an account may hold other deployments: what is left there cannot be told from theirs")
    with control.start(control.free_port(), ends_with_caller=True) as emulator:
        environment = Environment(Target("dev", emulator))
        regions = sorted({place.region for place in environment.target.backends})

        def left_in(region: str) -> dict[str, list[str]]:
            return left(lambda service: environment.target.client(service, region), environment.target.account_id)

        environment.all_units("apply")
        CsvUpload(environment.target).api_keys.rotate()
        kinds = {kind for region in regions for kind in left_in(region)}
        expected = {
            "alarms",
            "API keys",
            "APIs",
            "buckets",
            "event source mappings",
            "functions",
            "keys",
            "log groups",
            "queues",
            "roles",
            "secrets",
            "tables",
        }
        assert expected | {"rules", "topics", "usage plans", "web ACLs"} <= kinds
        assert destroy(environment.target, terragrunt.folder("dev")) == 0
        roles = [f"financial-event-pipelines-api-gateway-logs-{region}" for region in regions]
        for region in regions:
            shared = left_in(region)
            assert len(shared.pop("keys")) == 1
            assert shared == SHARED | {"roles": roles}
            environment.one_unit(f"{region}/account/data", "destroy", "-auto-approve")
            roles.remove(f"financial-event-pipelines-api-gateway-logs-{region}")
            assert not environment.target.client("apigateway", region).get_account().get("cloudwatchRoleArn")
        assert {region: left_in(region) for region in regions} == {region: {} for region in regions}
