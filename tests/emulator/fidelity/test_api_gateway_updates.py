from __future__ import annotations

import json
from typing import Any

from tests.emulator.fidelity.account import Account


def _answers(client: Any) -> list[Any]:
    """The answers that a client gets from now on, as the JSON that is sent: boto3 reads "2000" as a number too."""
    answers: list[Any] = []
    client.meta.events.register(
        "before-parse.api-gateway", lambda response_dict, **_: answers.append(json.loads(response_dict["body"] or "{}"))
    )
    return answers


def test_patched_numbers_and_truth_values_keep_their_type(account: Account) -> None:
    client = account.client("apigateway")
    plan = client.create_usage_plan(name="partners", throttle={"rateLimit": 1.0, "burstLimit": 1})["id"]
    operations = [
        {"op": "replace", "path": "/throttle/rateLimit", "value": "1000.5"},
        {"op": "replace", "path": "/throttle/burstLimit", "value": "2000"},
    ]
    client.update_usage_plan(usagePlanId=plan, patchOperations=operations)
    key = client.create_api_key(name="partner", enabled=True)["id"]
    client.update_api_key(apiKey=key, patchOperations=[{"op": "replace", "path": "/enabled", "value": "false"}])
    answers = _answers(client)
    client.get_usage_plan(usagePlanId=plan)
    client.get_api_key(apiKey=key)
    assert answers[0]["throttle"] == {"rateLimit": 1000.5, "burstLimit": 2000}
    assert answers[1]["enabled"] is False


def test_a_usage_plan_takes_and_drops_stages_one_by_one(account: Account) -> None:
    client = account.client("apigateway")
    plan = client.create_usage_plan(name="partners")["id"]
    for operation, left in (("add", [{"apiId": "a1", "stage": "live"}]), ("remove", [])):
        patch = [{"op": operation, "path": "/apiStages", "value": "a1:live"}]
        client.update_usage_plan(usagePlanId=plan, patchOperations=patch)
        assert client.get_usage_plan(usagePlanId=plan)["apiStages"] == left


def test_an_api_takes_and_drops_binary_media_types_one_by_one(account: Account) -> None:
    client = account.client("apigateway")
    api = client.create_rest_api(name="upload")["id"]
    for operation, left in (("add", ["text/csv"]), ("remove", [])):
        patch = [{"op": operation, "path": "/binaryMediaTypes/text~1csv"}]
        client.update_rest_api(restApiId=api, patchOperations=patch)
        assert client.get_rest_api(restApiId=api).get("binaryMediaTypes", []) == left
