"""Which calls the AWS side of webhooks makes, and what it makes of the answers."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import ClassVar

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import ANY, Stubber

from functions.common.errors import TransientError
from functions.webhooks.aws.router_function import RouterFunction
from functions.webhooks.aws.signing_secret import SigningSecret
from functions.webhooks.logic.handover import HandOver
from functions.webhooks.logic.signatures import SigningSecrets, UnusableSecretError

HAND_OVER = HandOver("evt-1", "payment", "2026-03-01T10:00:00Z", "request-1", '{"note": "é"}')


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)


@pytest.mark.requirement("WHK-10")
def test_the_router_is_invoked_asynchronously_with_the_hand_over() -> None:
    client = boto3.client("lambda", region_name="us-east-1")
    expected = {"FunctionName": "event-router", "InvocationType": "Event", "Payload": HAND_OVER.encode()}
    with Stubber(client) as stubber:
        answer = {"StatusCode": 202, "Payload": StreamingBody(BytesIO(), 0)}
        stubber.add_response("invoke", answer, expected)
        RouterFunction(client, "event-router").invoke(HAND_OVER)
        stubber.assert_no_pending_responses()
    assert json.loads(HAND_OVER.encode())["payload"] == '{"note": "é"}'


class AcceptsInvocations(BaseHTTPRequestHandler):
    """Answers as Lambda does an asynchronous invocation, and remembers who connected."""

    protocol_version = "HTTP/1.1"
    connections: ClassVar[set[tuple[str, int]]] = set()

    def do_POST(self) -> None:
        self.connections.add(self.client_address)
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_one_connection_serves_one_invocation_after_the_other() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), AcceptsInvocations) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        router = RouterFunction(boto3.client("lambda", region_name="us-east-1", endpoint_url=address), "event-router")
        for _ in range(3):
            router.invoke(HAND_OVER)
        server.shutdown()
    assert len(AcceptsInvocations.connections) == 1


@pytest.mark.requirement("WHK-12")
def test_a_router_that_is_throttled_is_transient() -> None:
    client = boto3.client("lambda", region_name="us-east-1")
    with Stubber(client) as stubber:
        stubber.add_client_error("invoke", "TooManyRequestsException", http_status_code=429)
        with pytest.raises(TransientError, match="invoking the router"):
            RouterFunction(client, "event-router").invoke(HAND_OVER)


def fetch(value: str | None) -> SigningSecrets:
    client = boto3.client("secretsmanager", region_name="us-east-1")
    with Stubber(client) as stubber:
        if value is None:
            stubber.add_client_error("get_secret_value", "ResourceNotFoundException", http_status_code=400)
        else:
            stubber.add_response("get_secret_value", {"SecretString": value} if value else {}, {"SecretId": ANY})
        return SigningSecret(client, "arn").fetch()


@pytest.mark.requirement("WHK-07")
@pytest.mark.parametrize("previous", ["p" * 32, None])
def test_the_secret_is_read_with_and_without_a_previous_one(previous: str | None) -> None:
    value = json.dumps({"current": "c" * 32, "previous": previous})

    assert fetch(value) == SigningSecrets("c" * 32, previous)


@pytest.mark.requirement("WHK-07")
@pytest.mark.parametrize(
    "value", [None, "", "null", "c" * 32, "{}", '{"current": ""}', '{"current": "too-short"}', '{"current": null}']
)
def test_a_secret_that_cannot_be_used_is_told_with_the_remedy_and_without_its_value(value: str | None) -> None:
    with pytest.raises(UnusableSecretError, match="pipelines system rotate-secret webhooks") as raised:
        fetch(value)
    assert "too-short" not in str(raised.value)
    assert "c" * 32 not in str(raised.value)
