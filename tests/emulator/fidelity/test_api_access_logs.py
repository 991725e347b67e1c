from __future__ import annotations

import json

import pytest
import urllib3

from tests.emulator.fidelity.account import Account, statement

FORMAT = json.dumps(
    {
        "error": "$context.error.responseType",
        "integration": "$context.integration.status",
        "path": "$context.resourcePath",
        "status": "$context.status",
    }
)


@pytest.fixture
def url(account: Account) -> str:
    """An API whose one method, GET /orders, answers 204, and whose stage logs to /aws/apigateway/orders."""
    account.client("logs").create_log_group(logGroupName="/aws/apigateway/orders")
    client = account.client("apigateway")
    api = client.create_rest_api(name="orders")["id"]
    (root,) = client.get_resources(restApiId=api)["items"]
    resource = client.create_resource(restApiId=api, parentId=root["id"], pathPart="orders")["id"]
    method = {"restApiId": api, "resourceId": resource, "httpMethod": "GET"}
    client.put_method(**method, authorizationType="NONE")
    client.put_integration(**method, type="MOCK", requestTemplates={"application/json": '{"statusCode": 204}'})
    client.put_method_response(**method, statusCode="204")
    client.put_integration_response(**method, statusCode="204")
    client.create_deployment(restApiId=api, stageName="live")
    settings = {"destinationArn": account.arn("logs", "log-group:/aws/apigateway/orders"), "format": FORMAT}
    patch = [
        {"op": "replace", "path": f"/accessLogSettings/{name}", "value": value} for name, value in settings.items()
    ]
    client.update_stage(restApiId=api, stageName="live", patchOperations=patch)
    return f"{client.meta.endpoint_url}/_aws/execute-api/{api}/live/orders"


def set_log_role(account: Account, action: str) -> None:
    groups = account.arn("logs", "log-group:/aws/apigateway/*:log-stream:*")
    role = account.role("api-logs", statement(action, groups), trusts="apigateway.amazonaws.com")
    patch = [{"op": "replace", "path": "/cloudwatchRoleArn", "value": role}]
    account.client("apigateway").update_account(patchOperations=patch)


def test_a_stage_writes_a_line_for_each_request(account: Account, url: str) -> None:
    set_log_role(account, "logs:PutLogEvents")
    assert urllib3.request("GET", url).status == 204
    assert urllib3.request("POST", url).status == 403
    assert [json.loads(line) for line in account.lines("/aws/apigateway/orders")] == [
        {"error": "-", "integration": "-", "path": "/orders", "status": "204"},
        {"error": "MISSING_AUTHENTICATION_TOKEN", "integration": "-", "path": "-", "status": "403"},
    ]


def test_nothing_is_written_without_a_role_that_may(account: Account, url: str) -> None:
    assert urllib3.request("GET", url).status == 204
    set_log_role(account, "logs:CreateLogStream")
    assert urllib3.request("GET", url).status == 204
    assert account.lines("/aws/apigateway/orders") == []
