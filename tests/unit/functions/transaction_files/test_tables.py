"""Which calls the tables of files and of errors make: each on a condition that makes a repeat harmless."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import msgspec
import pytest
from botocore.stub import ANY, Stubber

from functions.common.errors import TransientError
from functions.common.faults import Fault
from functions.transaction_files.aws.error_table import ErrorTable
from functions.transaction_files.aws.file_table import FileTable, read_finished
from functions.transaction_files.logic.letters import Error, Kind
from functions.transaction_files.logic.processing import Counts, Finished
from functions.transaction_files.logic.reports import Classification
from tools.operations.system import plain

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

FINISHED = Finished("uploads/a.csv@v1", 20, 1000, 2000, Counts(5, 4, 3, 2))
ERROR = Error(
    error_id="e",
    timestamp=1_772_359_000_000,
    kind=Kind.RECORD,
    classification=Classification.REJECTED,
    faults=(Fault("amount", "missing", "is required"),),
    original="tx-1,x",
    receive_count=1,
    first_failure="2026-03-01T10:15:30.000Z",
    last_failure="2026-03-01T10:15:30.000Z",
    file="uploads/a.csv@v1",
    number=7,
    transaction_id="tx-1",
)


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[DynamoDBClient, Stubber]]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    client = boto3.client("dynamodb", region_name="eu-central-1")
    with Stubber(client) as stubber:
        yield client, stubber
        stubber.assert_no_pending_responses()


@pytest.mark.requirement("TXF-22")
def test_a_finished_segment_is_one_item_and_reads_as_it_was(dynamodb: tuple[DynamoDBClient, Stubber]) -> None:
    client, stubber = dynamodb
    written: dict[str, Any] = {}
    stubber.add_response(
        "put_item",
        {},
        {
            "TableName": "files",
            "Item": ANY,
            "ConditionExpression": "attribute_not_exists(#file)",
            "ExpressionAttributeNames": {"#file": "file"},
        },
    )
    client.meta.events.register(
        "before-parameter-build.dynamodb.PutItem", lambda params, **_: written.update(params["Item"])
    )
    FileTable(client, "files", "release-1").add(FINISHED)
    item = plain(written)
    assert (item["file"], item["start"], item["release"]) == ("uploads/a.csv@v1", 1000, "release-1")
    assert read_finished(item) == FINISHED


@pytest.mark.requirement("TXF-22")
def test_the_last_segment_has_no_end(dynamodb: tuple[DynamoDBClient, Stubber]) -> None:
    client, stubber = dynamodb
    written: dict[str, Any] = {}
    stubber.add_response("put_item", {})
    client.meta.events.register(
        "before-parameter-build.dynamodb.PutItem", lambda params, **_: written.update(params["Item"])
    )
    last = msgspec.structs.replace(FINISHED, end=None)
    FileTable(client, "files", "release-1").add(last)
    assert read_finished(plain(written)) == last


@pytest.mark.requirement("TXF-13", "TXF-22")
def test_a_segment_that_is_finished_is_not_written_again(dynamodb: tuple[DynamoDBClient, Stubber]) -> None:
    client, stubber = dynamodb
    stubber.add_client_error("put_item", "ConditionalCheckFailedException")
    FileTable(client, "files", "release-1").add(FINISHED)


@pytest.mark.requirement("TXF-13", "TXF-15")
@pytest.mark.parametrize(("item", "stands"), [(None, False), ({}, False), ({"file": {"S": "uploads/a.csv@v1"}}, True)])
def test_a_write_that_is_always_refused_reads_an_item(
    dynamodb: tuple[DynamoDBClient, Stubber], item: dict[str, Any] | None, stands: bool
) -> None:
    client, stubber = dynamodb
    stubber.add_client_error(
        "put_item",
        "ConditionalCheckFailedException",
        modeled_fields=None if item is None else {"Item": item},
        expected_params={
            "TableName": "files",
            "Item": {"file": {"S": "uploads/a.csv@v1"}, "start": {"N": "1000"}},
            "ConditionExpression": "attribute_exists(#file) AND attribute_not_exists(#file)",
            "ExpressionAttributeNames": {"#file": "file"},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        },
    )
    assert FileTable(client, "files", "release-1").has("uploads/a.csv@v1", 1000) is stands


@pytest.mark.requirement("TXF-31")
def test_an_error_is_written_unless_it_is_there_or_failed_again_since(
    dynamodb: tuple[DynamoDBClient, Stubber],
) -> None:
    client, stubber = dynamodb
    expected: dict[str, Any] = {
        "TableName": "errors",
        "Item": {
            "error_id": {"S": "e"},
            "timestamp": {"N": "1772359000000"},
            "kind": {"S": "record"},
            "classification": {"S": "rejected"},
            "faults": {
                "L": [{"M": {"field": {"S": "amount"}, "code": {"S": "missing"}, "message": {"S": "is required"}}}]
            },
            "original": {"S": "tx-1,x"},
            "receive_count": {"N": "1"},
            "first_failure": {"S": "2026-03-01T10:15:30.000Z"},
            "last_failure": {"S": "2026-03-01T10:15:30.000Z"},
            "file": {"S": "uploads/a.csv@v1"},
            "number": {"N": "7"},
            "transaction_id": {"S": "tx-1"},
            "release": {"S": "release-1"},
        },
        "ConditionExpression": "attribute_not_exists(error_id) OR #redriven_at < :last_failure",
        "ExpressionAttributeNames": {"#redriven_at": "redriven_at"},
        "ExpressionAttributeValues": {":last_failure": {"S": "2026-03-01T10:15:30.000Z"}},
    }
    stubber.add_response("put_item", {}, expected)
    ErrorTable(client, "errors", "release-1").put(ERROR)


@pytest.mark.requirement("TXF-31")
def test_an_error_that_is_there_stays_as_it_is(dynamodb: tuple[DynamoDBClient, Stubber]) -> None:
    client, stubber = dynamodb
    stubber.add_client_error("put_item", "ConditionalCheckFailedException")
    ErrorTable(client, "errors", "release-1").put(ERROR)


@pytest.mark.requirement("TXF-31")
def test_a_throttled_table_makes_the_letter_come_again(dynamodb: tuple[DynamoDBClient, Stubber]) -> None:
    client, stubber = dynamodb
    stubber.add_client_error("put_item", "ProvisionedThroughputExceededException", http_status_code=400)
    with pytest.raises(TransientError, match="writing to errors"):
        ErrorTable(client, "errors", "release-1").put(ERROR)
