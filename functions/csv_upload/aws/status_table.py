"""The table of uploads: what has become of each."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from functions.common.aws.clients import transient_errors
from functions.common.timestamps import to_text
from functions.csv_upload.logic.status import State, Step
from functions.csv_upload.logic.uploads import day_of

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_serializer = TypeSerializer()
_deserializer = TypeDeserializer()


class StatusTable:
    """functions.csv_upload.logic.status.Statuses."""

    def __init__(self, client: DynamoDBClient, name: str) -> None:
        self._client = client
        self._name = name

    def advance(self, upload_id: str, step: Step, facts: Mapping[str, Any]) -> Step:
        now = to_text(datetime.now(UTC))
        changes = {
            **facts,
            "attempt": step.attempt,
            "state": step.state,
            "progress": step.order,
            "updated_at": now,
        }
        # By these the index finds uploads of a day, in sixteen partitions.
        first = {
            "received_at": now,
            "timestamp": time.time_ns() // 1_000_000,
            "day_shard": f"{day_of(upload_id)}#{upload_id[-1]}",
        }
        standing = self._update(
            upload_id,
            changes,
            first,
            "attribute_not_exists(upload_id) OR (#progress < :progress AND #state <> :completed)",
            {":completed": State.COMPLETED},
        )
        return Step(standing["attempt"], State(standing["state"]))

    def note(self, upload_id: str, step: Step, facts: Mapping[str, Any]) -> None:
        # The step's own number is written again: the condition needs its name.
        self._update(upload_id, {**facts, "progress": step.order}, {}, "#progress = :progress", {})

    def claim(self, upload_id: str, step: Step, execution: str) -> bool:
        claim = {"telling": step.attempt, "teller": execution, "progress": step.order}
        standing = self._update(
            upload_id,
            claim,
            {},
            "#progress = :progress AND (attribute_not_exists(#telling) OR #telling <> :telling OR #teller = :teller)",
            {},
        )
        return claim.items() <= standing.items()

    def facts(self, upload_id: str) -> dict[str, Any]:
        with transient_errors(f"reading from {self._name}"):
            found = self._client.get_item(
                TableName=self._name, Key={"upload_id": {"S": upload_id}}, ConsistentRead=True
            )
        return _plain(found.get("Item", {}))

    def _update(
        self,
        upload_id: str,
        changes: Mapping[str, Any],
        first: Mapping[str, Any],
        condition: str,
        values: Mapping[str, Any],
    ) -> dict[str, Any]:
        """Returns the item as it stands afterwards, changed or not."""
        sets = [f"#{name} = :{name}" for name in changes]
        sets += [f"#{name} = if_not_exists(#{name}, :{name})" for name in first]
        every = {**changes, **first}
        try:
            with transient_errors(f"writing to {self._name}"):
                answer = self._client.update_item(
                    TableName=self._name,
                    Key={"upload_id": {"S": upload_id}},
                    UpdateExpression="SET " + ", ".join(sets),
                    ConditionExpression=condition,
                    ExpressionAttributeNames={f"#{name}": name for name in every},
                    ExpressionAttributeValues={
                        **{f":{name}": _serializer.serialize(value) for name, value in every.items()},
                        **{name: _serializer.serialize(value) for name, value in values.items()},
                    },
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except self._client.exceptions.ConditionalCheckFailedException as refusal:
            item: Mapping[str, Any] = refusal.response.get("Item", {})  # type: ignore[assignment]
            return _plain(item)
        return _plain(answer["Attributes"])


def _plain(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _whole(_deserializer.deserialize(value)) for name, value in item.items()}


def _whole(value: Any) -> Any:
    """All numbers of an item are whole ones, and DynamoDB's are decimals."""
    match value:
        case Decimal():
            return int(value)
        case list():
            return [_whole(each) for each in value]
        case dict():
            return {name: _whole(each) for name, each in value.items()}
        case _:
            return value
