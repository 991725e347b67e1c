"""A processor of transaction files as most are written: csv.DictReader or json, jsonschema, `put_item` a row."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import boto3
import jsonschema

import functions.transaction_files

_SCHEMA: Final = Path(functions.transaction_files.__file__).parent / "transaction.schema.json"
_TEXTS: Final = ("transaction_id", "currency", "account_id", "type", "description", "counterparty")


def valid_rows(format_: str, data: bytes) -> Iterator[dict[str, Any]]:
    """The rows of a file that the schema allows."""
    validator = jsonschema.Draft202012Validator(json.loads(_SCHEMA.read_text()))
    return (row for row in _rows(format_, data.decode()) if validator.is_valid(row))


class NaiveProcessor:
    """Reads files from S3 and stores their rows in a table."""

    def __init__(self, bucket: str, table: str) -> None:
        self._s3 = boto3.client("s3")
        self._dynamodb = boto3.client("dynamodb")
        self._bucket = bucket
        self._table = table

    def process(self, format_: str, key: str) -> int:
        """Returns how many rows were stored."""
        data = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        stored = 0
        for row in valid_rows(format_, data):
            moment = datetime.fromisoformat(row["timestamp"])
            texts = {name: {"S": row[name]} for name in _TEXTS}
            numbers = {
                "timestamp": {"N": str(int(moment.timestamp() * 1000))},
                "amount": {"N": str(row["amount"])},
            }
            self._dynamodb.put_item(TableName=self._table, Item={**texts, **numbers})
            stored += 1
        return stored


def _rows(format_: str, text: str) -> Iterator[dict[str, Any]]:
    if format_ == "csv":
        return csv.DictReader(io.StringIO(text))
    if format_ == "ndjson":
        return (json.loads(line) for line in text.splitlines())
    return iter(json.loads(text))
