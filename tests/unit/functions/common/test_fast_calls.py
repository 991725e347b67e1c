"""Calls whose items msgspec encodes, held to those of a plain client: the same requests, and the same outcomes."""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from functions.common.aws.clients import client
from functions.common.aws.fast_calls import encode_items_fast

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

REGION = "eu-central-1"
TRANSACT = "DynamoDB_20120810.TransactWriteItems"
ITEM = {"id": {"S": "Café \u2028 \x00 \U0001f4b6"}, "amount": {"N": "-10.25"}, "gone": {"NULL": True}}
# What differs between two calls of one client.
OF_A_CALL = {"Authorization", "X-Amz-Date", "amz-sdk-invocation-id", "User-Agent", "Content-Length"}


class Raw(io.BytesIO):
    def stream(self) -> Iterator[bytes]:
        yield self.read()


@dataclass
class Service:
    """Answers the requests of a client, and keeps them. An answer that is an error is raised in its place."""

    answers: list[tuple[int, dict[str, Any], dict[str, str]] | Exception]
    requests: list[tuple[AWSPreparedRequest, bytes]] = field(default_factory=list)

    def answer(self, request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        body = request.body
        assert isinstance(body, bytes)
        self.requests.append((request, body))
        answer = self.answers[min(len(self.requests), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        status, document, headers = answer
        content = json.dumps(document).encode()
        headers = {"x-amz-crc32": str(zlib.crc32(content))} | headers
        return AWSResponse(request.url, status, HeadersDict(headers), Raw(content))  # type: ignore[arg-type]

    def behind(self, dynamodb: DynamoDBClient) -> DynamoDBClient:
        dynamodb.meta.events.register("before-send.dynamodb.*", self.answer)  # type: ignore[arg-type]
        return dynamodb


OK: tuple[int, dict[str, Any], dict[str, str]] = (200, {}, {})


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session")
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ACCOUNT_ID", "AWS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)


def plain() -> DynamoDBClient:
    return client("dynamodb", REGION)


def fast() -> DynamoDBClient:
    dynamodb = client("dynamodb", REGION)
    for _ in range(2):
        encode_items_fast(dynamodb)
    return dynamodb


def puts(*items: dict[str, Any]) -> list[Any]:
    return [{"Put": {"TableName": "transactions", "Item": item, "ExpressionAttributeNames": {}}} for item in items]


def request_of(dynamodb: DynamoDBClient, items: list[Any]) -> tuple[str, str, dict[str, Any], dict[str, Any]]:
    """Method, address, headers and body of the request that a call makes."""
    service = Service([OK])
    service.behind(dynamodb).transact_write_items(TransactItems=items)
    ((request, body),) = service.requests
    headers = {
        name: value.decode() if isinstance(value, bytes) else value
        for name, value in request.headers.items()
        if name not in OF_A_CALL
    }
    document = json.loads(body)
    assert int(request.headers["Content-Length"]) == len(body)
    assert len(document.pop("ClientRequestToken")) == 36, "without a token a repeat after a lost answer is another call"
    return str(request.method), str(request.url), headers, document


attributes = st.recursive(
    st.text().map(lambda text: {"S": text})
    | st.integers().map(lambda number: {"N": str(number)})
    | st.booleans().map(lambda flag: {"BOOL": flag})
    | st.lists(st.text()).map(lambda texts: {"SS": texts}),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda values: {"L": values})
        | st.dictionaries(st.text(), inner, max_size=3).map(lambda fields: {"M": fields})
    ),
    max_leaves=5,
)


@pytest.mark.requirement("TXF-12")
@given(items=st.lists(st.dictionaries(st.text(), attributes, max_size=4), min_size=1, max_size=5))
def test_the_request_is_that_of_a_plain_client(items: list[dict[str, Any]]) -> None:
    assert request_of(fast(), puts(*items)) == request_of(plain(), puts(*items))


@pytest.mark.requirement("TXF-12")
@pytest.mark.parametrize(
    "variables",
    [
        {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"},
        {"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:4567"},
        {"AWS_ACCOUNT_ID": "123456789012"},
        {"AWS_USE_FIPS_ENDPOINT": "true"},
        {"AWS_SESSION_TOKEN": ""},
    ],
)
def test_endpoint_and_credentials_are_those_of_a_plain_client(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    _, address, headers, _ = request_of(fast(), puts(ITEM, ITEM))
    assert (address, headers) == request_of(plain(), puts(ITEM, ITEM))[1:3]
    assert headers["X-Amz-Target"] == TRANSACT
    assert headers["Content-Type"] == "application/x-amz-json-1.0"


def test_the_user_agent_is_that_of_a_plain_client() -> None:
    agents = []
    for dynamodb in (fast(), plain()):
        service = Service([OK])
        service.behind(dynamodb).transact_write_items(TransactItems=puts(ITEM))
        agents.append(service.requests[0][0].headers["User-Agent"])
    assert agents[0] == agents[1]
    assert b"financial-event-pipelines" in agents[0]


def test_a_client_that_checks_arguments_goes_on_checking_them() -> None:
    checking = boto3.client("dynamodb", region_name=REGION)
    encode_items_fast(checking)
    assert request_of(checking, puts(ITEM, ITEM))[3]["TransactItems"] == puts(ITEM, ITEM)
    with pytest.raises(Exception, match="Unknown parameter"):
        checking.transact_write_items(TransactItems=[{"Insert": {}}])  # type: ignore[typeddict-unknown-key]


CANCELLED = {
    "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    "message": "Transaction cancelled",
    "CancellationReasons": [
        {"Code": "None"},
        {"Code": "ConditionalCheckFailed", "Item": {"id": {"S": "b"}, "amount": {"N": "7"}}, "Message": "It failed"},
    ],
}


def fault(code: str, status: int = 400) -> tuple[int, dict[str, Any], dict[str, str]]:
    return status, {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "said"}, {}


@pytest.mark.requirement("TXF-12")
@pytest.mark.parametrize(
    ("answers", "requests"),
    [
        ([OK], 1),
        ([(400, CANCELLED, {})], 1),
        ([fault("ValidationException")], 1),
        ([fault("AccessDeniedException")], 1),
        ([fault("RequestTimeTooSkewed", 403)], 1),
        ([fault("TransactionInProgressException")], 3),
        ([fault("ThrottlingException"), OK], 2),
        ([fault("ProvisionedThroughputExceededException")], 3),
        ([fault("InternalServerError", 500), fault("Unheard", 503), OK], 3),
        ([(200, {}, {"x-amz-crc32": "1"}), OK], 2),
        ([(502, {}, {}), OK], 2),
        ([ReadTimeoutError(endpoint_url="https://x"), OK], 2),
        ([ConnectionClosedError(endpoint_url="https://x")], 3),
    ],
)
def test_every_answer_leads_to_what_it_leads_to_with_a_plain_client(answers: list[Any], requests: int) -> None:
    outcomes = []
    for dynamodb in (fast(), plain()):
        service = Service(answers)
        try:
            outcome: Any = service.behind(dynamodb).transact_write_items(TransactItems=puts(ITEM, ITEM))
        except ClientError as error:
            outcome = {"error": type(error).__name__, "text": str(error), **error.response}
        except Exception as error:  # noqa: BLE001 -- whichever it is, it has to be the same
            outcome = {"error": type(error).__name__, "text": str(error)}
        outcomes.append(outcome)
        assert len(service.requests) == requests
        # A repeat says the same under the same token, so that a write whose answer was lost is not made twice.
        assert len({body for _, body in service.requests}) == 1
    assert outcomes[0] == outcomes[1]
