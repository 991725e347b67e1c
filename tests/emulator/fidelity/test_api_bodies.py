"""What a function gets of a request: ministack passes it on as AWS does.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from __future__ import annotations

import base64
import json
from typing import Any

import urllib3

from tests.emulator.fidelity.account import Account

TELLS = """
import json

def handler(event, context):
    told = {name: event[name] for name in ("body", "isBase64Encoded", "pathParameters", "resource")}
    return {"statusCode": 200, "body": json.dumps(told)}
"""
LATIN_1 = "Müller".encode("latin-1")


def url(account: Account) -> str:
    """An API with /files/{id}, whose function tells what it got; text/csv is a binary media type."""
    client = account.client("apigateway")
    api = client.create_rest_api(name="files", binaryMediaTypes=["text/csv"])["id"]
    (root,) = client.get_resources(restApiId=api)["items"]
    files = client.create_resource(restApiId=api, parentId=root["id"], pathPart="files")["id"]
    file = client.create_resource(restApiId=api, parentId=files, pathPart="{id}")["id"]
    method = {"restApiId": api, "resourceId": file, "httpMethod": "POST"}
    function = account.function("files", TELLS)
    client.put_method(**method, authorizationType="NONE", requestParameters={"method.request.path.id": True})
    client.put_integration(
        **method,
        type="AWS_PROXY",
        integrationHttpMethod="POST",
        uri=f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations",
    )
    account.permit("files", "apigateway.amazonaws.com", account.arn("execute-api", f"{api}/live/POST/files/*"))
    client.create_deployment(restApiId=api, stageName="live")
    return f"{client.meta.endpoint_url}/_aws/execute-api/{api}/live/files/"


def told(where: str, content_type: str, body: bytes = b"") -> dict[str, Any]:
    answer = urllib3.request("POST", where, body=body, headers={"Content-Type": content_type}, retries=False)
    document: dict[str, Any] = json.loads(answer.data)
    return document


def test_a_body_of_a_binary_media_type_is_kept_byte_for_byte(account: Account) -> None:
    where = f"{url(account)}a"
    binary = told(where, "text/csv; charset=utf-8", LATIN_1)
    assert (binary["isBase64Encoded"], base64.b64decode(binary["body"])) == (True, LATIN_1)
    text = told(where, "text/plain", LATIN_1)
    assert (text["isBase64Encoded"], text["body"]) == (False, "M\ufffdller")


def test_a_function_gets_the_parameter_of_a_path(account: Account) -> None:
    got = told(f"{url(account)}2026%20a", "text/plain")
    assert (got["resource"], got["pathParameters"]) == ("/files/{id}", {"id": "2026 a"})
