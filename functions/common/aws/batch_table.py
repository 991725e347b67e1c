"""A DynamoDB table to which many items are written at once, none of them over one that stands."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from functions.common.aws.attempts import Attempts
from functions.common.aws.clients import transient_errors
from functions.common.aws.fast_calls import encode_items_fast
from functions.common.records.batches import BATCH_SIZE

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

# {"amount": {"N": "10.25"}}: as DynamoDB writes it, which boto3's serializer takes ten times as long to make.
Item = Mapping[str, Mapping[str, str]]

# Why an item of a cancelled transaction was not written (TransactWriteItems, "CancellationReasons").
_STANDS: Final = "ConditionalCheckFailed"
_PASSING: Final = frozenset({"ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"})


class BatchTable:
    """`key` is the table's partition key: an item has it or is not there."""

    def __init__(
        self, client: DynamoDBClient, name: str, key: str, pause: Callable[[float], None] = time.sleep
    ) -> None:
        encode_items_fast(client)
        self._client = client
        self._key = key
        self._pause = pause
        self.name = name

    def put_new(self, items: Sequence[Item]) -> list[dict[str, dict[str, str]] | None]:
        """Write up to BATCH_SIZE items of different keys, in one transaction, each unless one stands under its key.

        Returns for each item the one that stands in its place, or None if it was written. Raises TransientError
        after attempts that met throttles or other writers, and for a fault of the service: some items may be written.
        """
        if len(items) > BATCH_SIZE:
            raise ValueError(f"{len(items)} items: a transaction takes {BATCH_SIZE}")
        standing: list[dict[str, dict[str, str]] | None] = [None] * len(items)
        left, attempts = list(range(len(items))), Attempts(self._pause)
        while left:
            reasons = self._write([items[index] for index in left])
            if reasons is None:
                break
            for index, reason in zip(left, reasons, strict=True):
                if reason["Code"] == _STANDS:
                    standing[index] = reason["Item"]
            others = [index for index, reason in zip(left, reasons, strict=True) if reason["Code"] != _STANDS]
            if len(others) == len(left):
                codes = sorted({str(reason["Code"]) for reason in reasons} - {"None"})
                attempts.failed(f"writing to {self.name}: {', '.join(codes)}")
            left = others
        return standing

    def _write(self, items: Sequence[Item]) -> list[dict[str, Any]] | None:
        """Write all items or none. Returns why they were not written, for each of them; None if they were."""
        puts = [
            {
                "Put": {
                    "TableName": self.name,
                    "Item": item,
                    "ConditionExpression": "attribute_not_exists(#key)",
                    "ExpressionAttributeNames": {"#key": self._key},
                    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                }
            }
            for item in items
        ]
        try:
            with transient_errors(f"writing to {self.name}"):
                self._client.transact_write_items(TransactItems=puts)  # type: ignore[arg-type]
        except self._client.exceptions.TransactionCanceledException as cancelled:
            reasons: list[dict[str, Any]] = cancelled.response["CancellationReasons"]  # type: ignore[assignment]
            if {reason["Code"] for reason in reasons} - _PASSING - {_STANDS, "None"}:
                raise  # an item that the table does not take: no other attempt would write it
            return reasons
        return None
