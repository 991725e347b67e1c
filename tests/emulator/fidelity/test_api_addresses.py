from __future__ import annotations

import pytest
import urllib3

from tests.emulator.fidelity.account import Account

SIGNED_FOR_NOBODY = (
    "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260301/us-east-1/execute-api/aws4_request, "
    "SignedHeaders=host, Signature=0"
)


def url(account: Account, authorization: str = "NONE") -> str:
    """GET of an API that answers with the id of its account."""
    client = account.client("apigateway")
    api = client.create_rest_api(name="webhooks")["id"]
    (root,) = client.get_resources(restApiId=api)["items"]
    where = {"restApiId": api, "resourceId": root["id"], "httpMethod": "GET"}
    client.put_method(**where, authorizationType=authorization)
    client.put_integration(**where, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    client.put_method_response(**where, statusCode="200")
    client.put_integration_response(**where, statusCode="200", responseTemplates={"application/json": account.id})
    client.create_deployment(restApiId=api, stageName="live")
    return f"{client.meta.endpoint_url}/_aws/execute-api/{api}/live/"


@pytest.mark.parametrize(
    "authorization",
    [None, "Bearer abc", "Basic dXNlcjpzZWNyZXQ=", "", SIGNED_FOR_NOBODY],
    ids=["none", "bearer", "basic", "empty", "signature"],
)
def test_anybody_reaches_an_api_at_its_address(account: Account, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = urllib3.request("GET", url(account), headers=headers)
    assert (answer.status, answer.data.decode()) == (200, account.id)


def test_a_method_with_iam_authorisation_reads_the_header(account: Account) -> None:
    address = url(account, "AWS_IAM")
    for headers in ({}, {"Authorization": "Bearer abc"}):
        assert urllib3.request("GET", address, headers=headers).status == 403
