"""A DynamoDB table whose items change by conditional writes only: the condition makes a repeat harmless."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from functions.common.aws.clients import transient_errors
from functions.common.errors import ItemTooLargeError

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_serializer = TypeSerializer()
_deserializer = TypeDeserializer()

_TOO_LARGE = "Item size has exceeded the maximum allowed size"


class ItemTable:
    """`key` is the table's partition key."""

    def __init__(self, client: DynamoDBClient, name: str, key: str) -> None:
        self._client = client
        self._key = key
        self.name = name

    def put_new(
        self, item: Mapping[str, Any], replaceable: Mapping[str, Collection[str]] | None = None
    ) -> dict[str, Any] | None:
        """Write the item unless its key has one already. Returns the existing item, or None when it was written.

        An existing item is replaced when one of the `replaceable` attributes has one of the given values:
        `{"status": ["FAILED"]}`. The decision and the write are one conditional call, so of two writers one wins.
        Raises TransientError, and ItemTooLargeError for an item of more than 400 KB.
        """
        names = {"#key": self._key}
        values: dict[str, Any] = {}
        conditions = ["attribute_not_exists(#key)"]
        for number, (attribute, replaced) in enumerate((replaceable or {}).items()):
            names[f"#a{number}"] = attribute
            placeholders = {f":a{number}v{index}": value for index, value in enumerate(replaced)}
            values.update(placeholders)
            conditions.append(f"#a{number} IN ({', '.join(placeholders)})")
        arguments: dict[str, Any] = {"ExpressionAttributeValues": _serialize(values)} if values else {}
        try:
            with transient_errors(f"writing to {self.name}"):
                self._client.put_item(
                    TableName=self.name,
                    Item=_serialize(item),
                    ConditionExpression=" OR ".join(conditions),
                    ExpressionAttributeNames=names,
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **arguments,
                )
        except self._client.exceptions.ConditionalCheckFailedException as refusal:
            return _standing(refusal)
        except ClientError as error:
            # A ValidationException, as many faults are: only its text says which one.
            if _TOO_LARGE in error.response["Error"].get("Message", ""):
                raise ItemTooLargeError(f"writing to {self.name}: {_TOO_LARGE}") from error
            raise
        return None

    def get(self, key: str) -> dict[str, Any] | None:
        """The item after every write that has returned before. Raises TransientError."""
        with transient_errors(f"reading from {self.name}"):
            item = self._client.get_item(TableName=self.name, Key=_serialize({self._key: key}), ConsistentRead=True)
        return _deserialize(item["Item"]) if "Item" in item else None

    def update(self, key: str, changes: Mapping[str, Any], expected: Mapping[str, Any]) -> dict[str, Any] | None:
        """Change attributes of the item if it has the `expected` ones.

        Returns the item as it is afterwards, changed or not, or None when there is none. Raises TransientError.
        """
        names = {f"#c{number}": name for number, name in enumerate(changes)}
        values = {f":c{number}": value for number, value in enumerate(changes.values())}
        names |= {f"#e{number}": name for number, name in enumerate(expected)}
        values |= {f":e{number}": value for number, value in enumerate(expected.values())}
        try:
            with transient_errors(f"writing to {self.name}"):
                answer = self._client.update_item(
                    TableName=self.name,
                    Key=_serialize({self._key: key}),
                    UpdateExpression="SET " + ", ".join(f"#c{number} = :c{number}" for number in range(len(changes))),
                    ConditionExpression=" AND ".join(f"#e{number} = :e{number}" for number in range(len(expected))),
                    ExpressionAttributeNames=names,
                    ExpressionAttributeValues=_serialize(values),
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except self._client.exceptions.ConditionalCheckFailedException as refusal:
            return _standing(refusal) or None
        return _deserialize(answer["Attributes"])


def _standing(refusal: ClientError) -> dict[str, Any]:
    item: Mapping[str, Any] = refusal.response.get("Item", {})  # type: ignore[assignment]
    return _deserialize(item)


def _serialize(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _serializer.serialize(value) for name, value in item.items()}


def _deserialize(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _deserializer.deserialize(value) for name, value in item.items()}
