from __future__ import annotations

import json

import pytest
import urllib3

from tests.emulator.fidelity.account import Account


@pytest.mark.parametrize(("status", "answered"), [(None, 403), ("404", 404)])
def test_the_status_of_a_fallback_is_that_of_a_type_without_one(
    account: Account, status: str | None, answered: int
) -> None:
    client = account.client("apigateway")
    api = client.create_rest_api(name="orders")["id"]
    (root,) = client.get_resources(restApiId=api)["items"]
    method = {"restApiId": api, "resourceId": root["id"], "httpMethod": "GET"}
    client.put_method(**method, authorizationType="NONE")
    client.put_integration(**method, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    client.put_gateway_response(
        restApiId=api,
        responseType="DEFAULT_4XX",
        responseTemplates={"application/json": '{"error": "Request refused"}'},
        **({"statusCode": status} if status else {}),
    )
    client.create_deployment(restApiId=api, stageName="live")
    answer = urllib3.request("POST", f"{client.meta.endpoint_url}/_aws/execute-api/{api}/live/")
    assert (answer.status, json.loads(answer.data)) == (answered, {"error": "Request refused"})
