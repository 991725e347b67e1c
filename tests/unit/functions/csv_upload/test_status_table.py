"""Which calls the table of uploads makes, and how an item reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from functions.csv_upload.aws.status_table import StatusTable
from functions.csv_upload.logic.status import State, Step

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

UPLOAD = "01a221fc-e601-7653-ab21-21a029f2b2a9"
ITEM = {
    "upload_id": {"S": UPLOAD},
    "attempt": {"N": "2"},
    "state": {"S": "FAILED"},
    "faults": {"L": [{"M": {"line": {"N": "3"}, "faults": {"L": []}}}]},
}


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[DynamoDBClient, Stubber]]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    client = boto3.client("dynamodb", region_name="us-east-1")
    with Stubber(client) as stubber:
        yield client, stubber
        stubber.assert_no_pending_responses()


@pytest.mark.requirement("CSV-14", "CSV-21")
def test_a_step_is_written_where_it_is_later_and_nothing_is_completed(
    dynamodb: tuple[DynamoDBClient, Stubber],
) -> None:
    client, stubber = dynamodb
    expected: dict[str, Any] = {
        "TableName": "status",
        "Key": {"upload_id": {"S": UPLOAD}},
        "UpdateExpression": "SET #size = :size, #attempt = :attempt, #state = :state, #progress = :progress, "
        "#updated_at = :updated_at, #received_at = if_not_exists(#received_at, :received_at), "
        "#timestamp = if_not_exists(#timestamp, :timestamp), #day_shard = if_not_exists(#day_shard, :day_shard)",
        "ConditionExpression": "attribute_not_exists(upload_id) OR (#progress < :progress AND #state <> :completed)",
        "ExpressionAttributeNames": {
            f"#{name}": name
            for name in (
                "size", "attempt", "state", "progress", "updated_at", "received_at", "timestamp", "day_shard",
            )
        },
        "ExpressionAttributeValues": {
            ":size": {"N": "9"},
            ":attempt": {"N": "1"},
            ":state": {"S": "VALIDATING"},
            ":progress": {"N": "5"},
            ":updated_at": ANY,
            ":received_at": ANY,
            ":timestamp": ANY,
            ":day_shard": {"S": "2026-11-28#9"},
            ":completed": {"S": "COMPLETED"},
        },
        "ReturnValues": "ALL_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }  # fmt: skip
    item = ITEM | {"attempt": {"N": "1"}, "state": {"S": "VALIDATING"}}
    stubber.add_response("update_item", {"Attributes": item}, expected)
    step = Step(1, State.VALIDATING)
    assert StatusTable(client, "status").advance(UPLOAD, step, {"size": 9}) == step


@pytest.mark.requirement("CSV-14")
def test_a_step_that_is_refused_is_told_which_one_stands(dynamodb: tuple[DynamoDBClient, Stubber]) -> None:
    client, stubber = dynamodb
    stubber.add_client_error("update_item", "ConditionalCheckFailedException", modeled_fields={"Item": ITEM})
    standing = StatusTable(client, "status").advance(UPLOAD, Step(1, State.VALIDATING), {})
    assert standing == Step(2, State.FAILED)


@pytest.mark.requirement("CSV-14")
def test_facts_are_added_while_the_step_stands(dynamodb: tuple[DynamoDBClient, Stubber]) -> None:
    client, stubber = dynamodb
    expected: dict[str, Any] = {
        "TableName": "status",
        "Key": {"upload_id": {"S": UPLOAD}},
        "UpdateExpression": "SET #rows = :rows, #progress = :progress",
        "ConditionExpression": "#progress = :progress",
        "ExpressionAttributeNames": {"#rows": "rows", "#progress": "progress"},
        "ExpressionAttributeValues": {":rows": {"N": "3"}, ":progress": {"N": "5"}},
        "ReturnValues": "ALL_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    stubber.add_response("update_item", {"Attributes": ITEM}, expected)
    stubber.add_client_error("update_item", "ConditionalCheckFailedException", modeled_fields={"Item": ITEM})
    for _ in range(2):
        StatusTable(client, "status").note(UPLOAD, Step(1, State.VALIDATING), {"rows": 3})


@pytest.mark.requirement("CSV-13", "CSV-14")
@pytest.mark.parametrize(
    ("standing", "claimed"),
    [
        pytest.param({"progress": {"N": "6"}, "telling": {"N": "1"}, "teller": {"S": "one"}}, True, id="it has it"),
        pytest.param({"progress": {"N": "6"}, "telling": {"N": "1"}, "teller": {"S": "two"}}, False, id="another has"),
        pytest.param({"progress": {"N": "7"}, "telling": {"N": "1"}, "teller": {"S": "one"}}, False, id="it failed"),
    ],
)
def test_one_execution_of_an_attempt_claims_to_tell_success_while_nothing_is_written_after_its_step(
    dynamodb: tuple[DynamoDBClient, Stubber], standing: dict[str, Any], *, claimed: bool
) -> None:
    client, stubber = dynamodb
    condition = (
        "#progress = :progress AND (attribute_not_exists(#telling) OR #telling <> :telling OR #teller = :teller)"
    )
    expected = {
        "TableName": "status",
        "Key": {"upload_id": {"S": UPLOAD}},
        "UpdateExpression": "SET #telling = :telling, #teller = :teller, #progress = :progress",
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {"#telling": "telling", "#teller": "teller", "#progress": "progress"},
        "ExpressionAttributeValues": {":telling": {"N": "1"}, ":teller": {"S": "one"}, ":progress": {"N": "6"}},
        "ReturnValues": "ALL_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    if claimed:
        stubber.add_response("update_item", {"Attributes": ITEM | standing}, expected)
    else:
        item = {"Item": ITEM | standing}
        refused = "ConditionalCheckFailedException"
        stubber.add_client_error("update_item", refused, modeled_fields=item, expected_params=expected)
    assert StatusTable(client, "status").claim(UPLOAD, Step(1, State.TRANSFORMING), "one") is claimed


@pytest.mark.requirement("CSV-02")
def test_facts_are_plain_values(dynamodb: tuple[DynamoDBClient, Stubber]) -> None:
    client, stubber = dynamodb
    stubber.add_response("get_item", {"Item": ITEM})
    stubber.add_response("get_item", {})
    table = StatusTable(client, "status")
    assert table.facts(UPLOAD) == {
        "upload_id": UPLOAD,
        "attempt": 2,
        "state": "FAILED",
        "faults": [{"line": 3, "faults": []}],
    }
    assert table.facts(UPLOAD) == {}
