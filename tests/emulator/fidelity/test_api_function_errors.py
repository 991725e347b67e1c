from __future__ import annotations

import json

import pytest
import urllib3

from tests.emulator.fidelity.account import RAISES, Account

ANSWERS_502 = 'def handler(event, context): return {"statusCode": 502, "body": "of its own"}'


def url(account: Account, source: str, status: str | None = None, *, response: str = "DEFAULT_5XX") -> str:
    """GET of an API whose function has this source; a gateway response has a template, and perhaps a status."""
    function = account.function("orders", source)
    client = account.client("apigateway")
    api = client.create_rest_api(name="orders")["id"]
    (root,) = client.get_resources(restApiId=api)["items"]
    method = {"restApiId": api, "resourceId": root["id"], "httpMethod": "GET"}
    client.put_method(**method, authorizationType="NONE")
    path = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations"
    client.put_integration(**method, type="AWS_PROXY", integrationHttpMethod="POST", uri=path)
    account.permit(function, "apigateway.amazonaws.com", account.arn("execute-api", f"{api}/*"))
    client.put_gateway_response(
        restApiId=api,
        responseType=response,
        responseParameters={"gatewayresponse.header.Retry-After": "'5'"},
        responseTemplates={"application/json": '{"error": "Service unavailable"}'},
        **({"statusCode": status} if status else {}),
    )
    client.create_deployment(restApiId=api, stageName="live")
    return f"{client.meta.endpoint_url}/_aws/execute-api/{api}/live/"


@pytest.mark.parametrize(("status", "answered"), [(None, 502), ("503", 503)])
def test_a_function_that_fails_is_the_gateway_response_for_5xx(
    account: Account, status: str | None, answered: int
) -> None:
    answer = urllib3.request("GET", url(account, RAISES, status))
    assert (answer.status, json.loads(answer.data)) == (answered, {"error": "Service unavailable"})


def test_a_502_of_the_function_itself_is_passed_on(account: Account) -> None:
    answer = urllib3.request("GET", url(account, ANSWERS_502))
    assert (answer.status, answer.data) == (502, b"of its own")


@pytest.mark.parametrize(("status", "answered"), [(None, 500), ("503", 503)])
@pytest.mark.parametrize("response", ["API_CONFIGURATION_ERROR", "DEFAULT_5XX"])
def test_a_throttled_function_is_a_500_that_gateway_responses_change(
    account: Account, response: str, status: str | None, answered: int
) -> None:
    address = url(account, ANSWERS_502, status, response=response)
    account.client("lambda").put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=0)
    answer = urllib3.request("GET", address)
    assert (answer.status, json.loads(answer.data)) == (answered, {"error": "Service unavailable"})
    assert answer.headers["Retry-After"] == "5"
    assert answer.headers["x-amzn-ErrorType"] == "InternalServerErrorException"


def test_a_429_of_the_function_itself_is_passed_on(account: Account) -> None:
    answer = urllib3.request("GET", url(account, ANSWERS_502.replace("502", "429")))
    assert (answer.status, answer.data) == (429, b"of its own")
