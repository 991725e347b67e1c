"""A DynamoDB table that is written to once per key: the condition on the write is what makes a repeat harmless."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from functions.common.aws.clients import transient_errors

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_serializer = TypeSerializer()
_deserializer = TypeDeserializer()


class ItemTable:
    """`key` is the table's partition key."""

    def __init__(self, client: DynamoDBClient, name: str, key: str) -> None:
        self._client = client
        self._key = key
        self.name = name

    def put_new(
        self, item: Mapping[str, Any], replaceable: Mapping[str, Collection[str]] | None = None
    ) -> dict[str, Any] | None:
        """Write the item unless one stands under its key already; answer the one that stands, or None when written.

        An item of which one of the `replaceable` attributes has one of the given values is written over:
        `{"status": ["FAILED"]}`. Deciding and writing are one conditional call, so of two writers one wins.
        Raises TransientError.
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
        return None


def _standing(refusal: ClientError) -> dict[str, Any]:
    item: Mapping[str, Any] = refusal.response.get("Item", {})  # type: ignore[assignment]
    return {name: _deserializer.deserialize(value) for name, value in item.items()}


def _serialize(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _serializer.serialize(value) for name, value in item.items()}
