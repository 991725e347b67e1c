from __future__ import annotations

import urllib.request

from tests.emulator.fidelity.account import Account
from tools.emulator import control


def test_anybody_reaches_an_api_at_its_address(account: Account, emulator: control.Emulator) -> None:
    client = account.client("apigateway")
    api = client.create_rest_api(name="webhooks")["id"]
    (root,) = client.get_resources(restApiId=api)["items"]
    where = {"restApiId": api, "resourceId": root["id"], "httpMethod": "GET"}
    client.put_method(**where, authorizationType="NONE")
    client.put_integration(**where, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    client.put_method_response(**where, statusCode="200")
    client.put_integration_response(**where, statusCode="200", responseTemplates={"application/json": account.id})
    client.create_deployment(restApiId=api, stageName="live")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{emulator.endpoint}/_aws/execute-api/{api}/live/") as answer:
        assert answer.read().decode() == account.id
