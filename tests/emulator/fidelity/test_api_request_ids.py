from __future__ import annotations

import json

import urllib3

from tests.emulator.fidelity.account import Account
from tests.emulator.fidelity.test_api_function_errors import url

ANSWERS_ITS_ID = """
def handler(event, context):
    return {"statusCode": 200, "body": event["requestContext"]["requestId"]}
"""


def test_the_function_and_the_sender_know_a_request_by_the_same_id(account: Account) -> None:
    address = url(account, ANSWERS_ITS_ID)
    answers = [urllib3.request("GET", address) for _ in range(2)]
    for answer in answers:
        assert answer.data.decode() == answer.headers["x-amzn-requestid"]
    assert answers[0].data != answers[1].data


def test_the_access_log_knows_it_too(account: Account) -> None:
    address = url(account, ANSWERS_ITS_ID)
    api = address.split("/")[-3]
    account.client("logs").create_log_group(logGroupName="/aws/apigateway/orders")
    role = account.role(
        "api-logs",
        {"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"},
        trusts="apigateway.amazonaws.com",
    )
    client = account.client("apigateway")
    client.update_account(patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": role}])
    settings = {
        "destinationArn": account.arn("logs", "log-group:/aws/apigateway/orders"),
        "format": json.dumps({"request_id": "$context.requestId"}),
    }
    patch = [
        {"op": "replace", "path": f"/accessLogSettings/{name}", "value": value} for name, value in settings.items()
    ]
    client.update_stage(restApiId=api, stageName="live", patchOperations=patch)
    answer = urllib3.request("GET", address)
    assert [json.loads(line)["request_id"] for line in account.lines("/aws/apigateway/orders")] == [
        answer.headers["x-amzn-requestid"]
    ]
