from __future__ import annotations

import json

import pytest
import urllib3

from tests.emulator.fidelity.account import Account

SCHEMA = {
    "type": "object",
    "required": ["order_id", "amount"],
    "properties": {"order_id": {"type": "string"}, "amount": {"type": "number"}},
}


@pytest.fixture
def url(account: Account) -> str:
    """An API with one POST method, whose answer to an invalid body holds the validator's words."""
    client = account.client("apigateway")
    api = client.create_rest_api(name="orders")["id"]
    (root,) = client.get_resources(restApiId=api)["items"]
    resource = client.create_resource(restApiId=api, parentId=root["id"], pathPart="orders")["id"]
    method = {"restApiId": api, "resourceId": resource, "httpMethod": "POST"}
    client.create_model(restApiId=api, name="Order", contentType="application/json", schema=json.dumps(SCHEMA))
    validator = client.create_request_validator(restApiId=api, name="body", validateRequestBody=True)["id"]
    client.put_method(
        **method,
        authorizationType="NONE",
        requestModels={"application/json": "Order"},
        requestValidatorId=validator,
    )
    client.put_integration(**method, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    client.put_gateway_response(
        restApiId=api,
        responseType="BAD_REQUEST_BODY",
        statusCode="400",
        responseTemplates={"application/json": '{"error": "$context.error.validationErrorString"}'},
    )
    client.create_deployment(restApiId=api, stageName="live")
    return f"{client.meta.endpoint_url}/_aws/execute-api/{api}/live/orders"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("{}", '[object has missing required properties (["amount","order_id"])]'),
        ('{"amount": 1}', '[object has missing required properties (["order_id"])]'),
        (
            '{"order_id": "o-1", "amount": "1"}',
            '[instance type (string) does not match any allowed primitive type (allowed: ["integer","number"])]',
        ),
        ("[]", '[instance type (array) does not match any allowed primitive type (allowed: ["object"])]'),
        (
            '{"order_id": 1}',
            '[object has missing required properties (["amount"]), '
            'instance type (integer) does not match any allowed primitive type (allowed: ["string"])]',
        ),
        ("order", ""),
    ],
)
def test_a_gateway_response_says_what_is_wrong_with_a_body(url: str, body: str, words: str) -> None:
    answer = urllib3.request("POST", url, body=body, headers={"Content-Type": "application/json"})
    assert (answer.status, json.loads(answer.data)) == (400, {"error": words})
