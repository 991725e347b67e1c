from __future__ import annotations

from typing import Any

import pytest
import urllib3

from tests.emulator.fidelity.account import Account


def api(account: Account) -> tuple[str, str]:
    """An API with one GET method that asks for an API key. Returns its id and its URL."""
    client = account.client("apigateway")
    id_ = client.create_rest_api(name="orders")["id"]
    (root,) = client.get_resources(restApiId=id_)["items"]
    method = {"restApiId": id_, "resourceId": root["id"], "httpMethod": "GET"}
    client.put_method(**method, authorizationType="NONE", apiKeyRequired=True)
    client.put_integration(**method, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    client.put_method_response(**method, statusCode="200")
    client.put_integration_response(**method, statusCode="200")
    client.create_deployment(restApiId=id_, stageName="live")
    return id_, f"{client.meta.endpoint_url}/_aws/execute-api/{id_}/live/"


def key(account: Account, **more: Any) -> tuple[str, str]:
    """An enabled key. Returns its id and its value."""
    made = account.client("apigateway").create_api_key(name="partner", enabled=True, **more)
    return made["id"], made["value"]


def plan(account: Account, api_id: str, key_id: str, **limits: Any) -> None:
    """A usage plan that lets a key into an API."""
    client = account.client("apigateway")
    made = client.create_usage_plan(name="partners", apiStages=[{"apiId": api_id, "stage": "live"}], **limits)["id"]
    client.create_usage_plan_key(usagePlanId=made, keyId=key_id, keyType="API_KEY")


def status(url: str, value: str | None) -> int:
    return urllib3.request("GET", url, headers={"x-api-key": value} if value else {}, retries=False).status


def test_an_api_key_without_a_value_is_given_one(account: Account) -> None:
    client = account.client("apigateway")
    key = client.create_api_key(name="partner", value="")["id"]
    assert len(client.get_api_key(apiKey=key, includeValue=True)["value"]) >= 20


def test_the_value_of_a_key_is_told_only_to_who_asks_for_it(account: Account) -> None:
    client = account.client("apigateway")
    id_, value = key(account)
    assert "value" not in client.get_api_key(apiKey=id_)
    assert [each.get("value") for each in client.get_api_keys()["items"]] == [None]
    assert client.get_api_key(apiKey=id_, includeValue=True)["value"] == value
    assert [each.get("value") for each in client.get_api_keys(includeValues=True)["items"]] == [value]


def test_a_request_needs_an_enabled_key_of_a_plan_of_the_stage(account: Account) -> None:
    api_id, url = api(account)
    id_, value = key(account)
    assert status(url, value) == 403
    plan(account, api_id, id_)
    assert [status(url, sent) for sent in (value, None, "x" * 20)] == [200, 403, 403]
    disabled = [{"op": "replace", "path": "/enabled", "value": "false"}]
    account.client("apigateway").update_api_key(apiKey=id_, patchOperations=disabled)
    assert status(url, value) == 403


def test_the_key_of_another_account_opens_nothing(account: Account, emulator: Any) -> None:
    api_id, url = api(account)
    id_, _ = key(account)
    plan(account, api_id, id_)
    _, foreign = key(Account(emulator))
    assert status(url, foreign) == 403


@pytest.mark.parametrize(
    "limits", [{"throttle": {"rateLimit": 0.001, "burstLimit": 3}}, {"quota": {"limit": 3, "period": "DAY"}}]
)
def test_a_plan_limits_each_of_its_keys(account: Account, limits: dict[str, Any]) -> None:
    api_id, url = api(account)
    id_, value = key(account)
    plan(account, api_id, id_, **limits)
    assert [status(url, value) for _ in range(5)] == [200, 200, 200, 429, 429]
