from __future__ import annotations

import json

import pytest
import urllib3

from tests.emulator.fidelity.account import Account

ORDER = {"type": "object", "required": ["order_id"]}


def url(account: Account, content_type: str) -> str:
    """An API with one POST method, which has a model for one content type."""
    client = account.client("apigateway")
    api = client.create_rest_api(name="orders")["id"]
    (root,) = client.get_resources(restApiId=api)["items"]
    method = {"restApiId": api, "resourceId": root["id"], "httpMethod": "POST"}
    client.create_model(restApiId=api, name="Order", contentType="application/json", schema=json.dumps(ORDER))
    validator = client.create_request_validator(restApiId=api, name="body", validateRequestBody=True)["id"]
    client.put_method(
        **method, authorizationType="NONE", requestModels={content_type: "Order"}, requestValidatorId=validator
    )
    client.put_integration(**method, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    client.put_method_response(**method, statusCode="200")
    client.put_integration_response(**method, statusCode="200")
    client.create_deployment(restApiId=api, stageName="live")
    return f"{client.meta.endpoint_url}/_aws/execute-api/{api}/live/"


@pytest.mark.parametrize(
    ("model_for", "sent_as", "status"),
    [
        ("application/json", "application/json", 400),
        ("application/json", "Application/JSON; charset=utf-8", 400),
        ("application/json", None, 400),
        ("application/json", "text/plain", 200),
        ("application/json", "application/xml", 200),
        ("$default", "text/plain", 400),
    ],
)
def test_a_body_is_judged_by_the_model_of_its_content_type(
    account: Account, model_for: str, sent_as: str | None, status: int
) -> None:
    headers = {"Content-Type": sent_as} if sent_as else {}
    assert urllib3.request("POST", url(account, model_for), body=b"{}", headers=headers).status == status


def test_a_number_of_any_length_is_a_number(account: Account) -> None:
    body = b'{"order_id": ' + b"9" * 5_000 + b"}"
    headers = {"Content-Type": "application/json"}
    assert urllib3.request("POST", url(account, "application/json"), body=body, headers=headers).status == 200
