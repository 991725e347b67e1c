"""The table of files: one item for each finished segment of an object version."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from functions.common.aws.clients import transient_errors
from functions.common.timestamps import to_text
from functions.transaction_files.logic.processing import Counts, Finished

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef

_COUNTS: Final = Counts.__struct_fields__


class FileTable:
    """What was worked off (functions.transaction_files.logic.processing.Ledger). `release` is that of the function."""

    def __init__(self, client: DynamoDBClient, name: str, release: str) -> None:
        self._client = client
        self._name = name
        self._release = release

    def has(self, file: str, start: int) -> bool:
        """The processor may write items, not read them (TXF-15). A write whose condition never holds reads one: what
        refuses it is either an item, which comes with the refusal, or none.
        """
        try:
            with transient_errors(f"reading from {self._name}"):
                self._client.put_item(
                    TableName=self._name,
                    Item=_key(file, start),
                    ConditionExpression="attribute_exists(#file) AND attribute_not_exists(#file)",
                    ExpressionAttributeNames={"#file": "file"},
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except self._client.exceptions.ConditionalCheckFailedException as refusal:
            return bool(refusal.response.get("Item"))
        raise AssertionError("a condition held that contradicts itself")

    def add(self, finished: Finished) -> None:
        numbers = {"first": finished.first, "end": finished.end, **msgspec.structs.asdict(finished.counts)}
        item: dict[str, AttributeValueTypeDef] = _key(finished.file, finished.start)
        item |= {name: {"N": str(number)} for name, number in numbers.items() if number is not None}
        try:
            with transient_errors(f"writing to {self._name}"):
                self._client.put_item(
                    TableName=self._name,
                    Item=item | {"at": {"S": to_text(datetime.now(UTC))}, "release": {"S": self._release}},
                    ConditionExpression="attribute_not_exists(#file)",
                    ExpressionAttributeNames={"#file": "file"},
                )
        except self._client.exceptions.ConditionalCheckFailedException:
            return


def read_finished(item: Mapping[str, Any]) -> Finished:
    """What an item of the table says; `item` has no DynamoDB types."""
    counts = Counts(*(int(item[name]) for name in _COUNTS))
    end = int(item["end"]) if "end" in item else None
    return Finished(item["file"], int(item["first"]), int(item["start"]), end, counts)


def _key(file: str, start: int) -> dict[str, AttributeValueTypeDef]:
    return {"file": {"S": file}, "start": {"N": str(start)}}
