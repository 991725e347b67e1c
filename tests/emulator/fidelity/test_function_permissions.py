from __future__ import annotations

import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError

from tests.emulator.fidelity.account import REGION, Account
from tools.emulator import control
from tools.waiting import wait_for

ANSWERS = "def handler(event, context): return {'statusCode': 200, 'body': event.get('body') or ''}"


@pytest.fixture
def api(account: Account, emulator: control.Emulator) -> tuple[str, str]:
    """POST /webhook of an API, integrated with the function `validator`. Returns the API's id and the URL."""
    function = account.function("validator", ANSWERS)
    client = account.client("apigateway")
    api = client.create_rest_api(name="webhooks")["id"]
    (root,) = client.get_resources(restApiId=api)["items"]
    resource = client.create_resource(restApiId=api, parentId=root["id"], pathPart="webhook")["id"]
    where = {"restApiId": api, "resourceId": resource, "httpMethod": "POST"}
    client.put_method(**where, authorizationType="NONE")
    uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{function}/invocations"
    client.put_integration(**where, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    client.create_deployment(restApiId=api, stageName="live")
    return api, f"{emulator.endpoint}/_aws/execute-api/{api}/live/webhook"


def _post(url: str) -> int:
    request = urllib.request.Request(url, data=b"{}", method="POST")  # noqa: S310 -- the emulator's own address
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_an_api_invokes_a_function_only_with_its_permission(account: Account, api: tuple[str, str]) -> None:
    api_id, url = api
    assert _post(url) == 500
    account.permit("validator", "apigateway.amazonaws.com", account.arn("execute-api", f"{api_id}/live/GET/webhook"))
    assert _post(url) == 500
    account.client("lambda").remove_permission(FunctionName="validator", StatementId="from-apigateway")
    account.permit("validator", "apigateway.amazonaws.com", account.arn("execute-api", f"{api_id}/live/POST/webhook"))
    assert _post(url) == 200


def test_a_bucket_notifies_a_function_only_with_its_permission(account: Account) -> None:
    function = account.function("processor", ANSWERS)
    client, bucket = account.client("s3"), f"files-{account.id}"
    client.create_bucket(Bucket=bucket)
    target = {"LambdaFunctionArn": function, "Events": ["s3:ObjectCreated:*"]}
    account.permit("processor", "s3.amazonaws.com", "arn:aws:s3:::another")
    for arn in (function, f"{function}-of-nobody"):
        with pytest.raises(ClientError, match=f"Unable to validate the following destination configurations: {arn}$"):
            client.put_bucket_notification_configuration(
                Bucket=bucket,
                NotificationConfiguration={"LambdaFunctionConfigurations": [{**target, "LambdaFunctionArn": arn}]},
            )
    client.put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={"LambdaFunctionConfigurations": [target]},
        SkipDestinationValidation=True,
    )
    client.put_object(Bucket=bucket, Key="first.csv", Body=b"x")
    account.client("lambda").remove_permission(FunctionName="processor", StatementId="from-s3")
    account.permit("processor", "s3.amazonaws.com", f"arn:aws:s3:::{bucket}")
    client.put_object(Bucket=bucket, Key="second.csv", Body=b"x")
    wait_for(lambda: account.metric("AWS/Lambda", "Invocations", FunctionName="processor"), "the invocation")
    assert account.metric("AWS/Lambda", "Invocations", FunctionName="processor") == 1
