"""The table of errors: each once, with all that is needed to find its cause, or to send it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from boto3.dynamodb.types import TypeSerializer

from functions.common.aws.clients import transient_errors
from functions.transaction_files.logic.letters import Error

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

# When an error was sent on its way again (ISO 8601).
REDRIVEN_AT: Final = "redriven_at"

_serializer = TypeSerializer()


class ErrorTable:
    """`release` is that of the function that writes."""

    def __init__(self, client: DynamoDBClient, name: str, release: str) -> None:
        self._client = client
        self._name = name
        self._release = release

    def put(self, error: Error) -> None:
        """Write it unless it is there. One that was sent on its way again, and failed since, is written anew.

        Raises TransientError.
        """
        fields: dict[str, Any] = msgspec.to_builtins(error) | {"release": self._release}
        item = {name: _serializer.serialize(value) for name, value in fields.items() if value or name == "number"}
        try:
            with transient_errors(f"writing to {self._name}"):
                self._client.put_item(
                    TableName=self._name,
                    Item=item,
                    ConditionExpression="attribute_not_exists(error_id) OR #redriven_at < :last_failure",
                    ExpressionAttributeNames={"#redriven_at": REDRIVEN_AT},
                    ExpressionAttributeValues={":last_failure": {"S": error.last_failure}},
                )
        except self._client.exceptions.ConditionalCheckFailedException:
            return
