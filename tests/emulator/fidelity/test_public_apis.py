from __future__ import annotations

import urllib3

from tests.emulator.fidelity.account import Account


def test_a_sender_without_credentials_reaches_an_api_of_any_account(account: Account) -> None:
    client = account.client("apigateway")
    api = client.create_rest_api(name="orders")["id"]
    (root,) = client.get_resources(restApiId=api)["items"]
    method = {"restApiId": api, "resourceId": root["id"], "httpMethod": "GET"}
    client.put_method(**method, authorizationType="NONE")
    client.put_integration(**method, type="MOCK", requestTemplates={"application/json": '{"statusCode": 204}'})
    client.put_method_response(**method, statusCode="204")
    client.put_integration_response(**method, statusCode="204")
    client.create_deployment(restApiId=api, stageName="live")
    url = f"{client.meta.endpoint_url}/restapis/{api}/live/_user_request_/"
    assert urllib3.request("GET", url).status == 204
