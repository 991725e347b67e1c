"""The bucket, tables and queues of transaction-files in an account of the emulator, without its functions."""

from __future__ import annotations

import io
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.common.aws.batch_table import BatchTable
from functions.common.aws.queues import Queue
from functions.transaction_files.aws.error_table import ErrorTable
from functions.transaction_files.aws.file_table import FileTable
from functions.transaction_files.aws.object_store import ObjectStore
from functions.transaction_files.aws.outbox import Queues
from functions.transaction_files.aws.transaction_table import TransactionTable
from functions.transaction_files.logic.arrivals import Arrival
from functions.transaction_files.logic.letters import Letter, read_letter
from functions.transaction_files.logic.processing import Work
from tools.deploy.target import Target
from tools.emulator import control
from tools.operations.queues import delete, receive
from tools.operations.transaction_files import TransactionFiles

REGION = "eu-central-1"
INDEXES = {"transactions": ("account_id",), "errors": ("transaction_id", "account_id", "file"), "files": ()}
KEYS = {
    "transactions": ("transaction_id", "timestamp"),
    "errors": ("error_id", "timestamp"),
    "files": ("file", "start"),
}
INDEX_NAMES = {"account_id": "account-timestamp-index", "transaction_id": "transaction-index", "file": "file-index"}


class Bare(TransactionFiles):
    """The system as tests build it: what its units would say of it, and no function."""

    def __init__(self, emulator: control.Emulator) -> None:
        self.id = str(uuid.uuid4().int % 10**12).zfill(12)
        self.target, self.region = Target("dev", emulator), REGION
        self._emulator = emulator
        self.data = {
            "bucket": {"name": f"s3-transactions-dev-{self.id}"},
            "keys": {"s3": {"arn": self.client("kms").create_key()["KeyMetadata"]["Arn"]}},
            "tables": {name: {"name": f"dynamodb-{name}-dev"} for name in KEYS},
        }
        dead = self.client("sqs").create_queue(QueueName="sqs-transactions-dlq-dev")["QueueUrl"]
        main = self.client("sqs").create_queue(QueueName="sqs-transactions-dev")["QueueUrl"]
        self.service = {
            "queues": {"main": {"url": main, "dead_letters": {"url": dead}}},
            "functions": {
                "processor": {
                    "name": "lambda-transaction-processor-dev",
                    "log_group": {"name": "/aws/lambda/lambda-transaction-processor-dev"},
                }
            },
        }
        self._make()
        self.work_on = Work(
            ObjectStore(self.client("s3")),
            FileTable(self.client("dynamodb"), self.table_name("files"), "release"),
            TransactionTable(BatchTable(self.client("dynamodb"), self.table_name("transactions"), "transaction_id")),
            Queues(Queue(self.client("sqs"), main), Queue(self.client("sqs"), dead)),
            lambda: False,
        )

    def client(self, service: str) -> Any:
        return self._emulator.client(service, self.id, REGION)

    def _make(self) -> None:
        s3, dynamodb = self.client("s3"), self.client("dynamodb")
        s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})
        for name, (partition, sort) in KEYS.items():
            types = {partition: "S", sort: "N"} | dict.fromkeys(INDEXES[name], "S")
            more: dict[str, Any] = {
                "GlobalSecondaryIndexes": [
                    {
                        "IndexName": INDEX_NAMES[column],
                        "KeySchema": _schema(column, "timestamp"),
                        "Projection": {"ProjectionType": "ALL"},
                    }
                    for column in INDEXES[name]
                ]
            }
            dynamodb.create_table(
                TableName=self.table_name(name),
                KeySchema=_schema(partition, sort),
                AttributeDefinitions=[{"AttributeName": key, "AttributeType": kind} for key, kind in types.items()],
                BillingMode="PAY_PER_REQUEST",
                **(more if INDEXES[name] else {}),
            )

    def send(self, key: str, body: bytes, *, work: bool = True, **more: Any) -> str:
        """Put an object, and do what the functions do about it. Returns the version's name."""
        answer = self.client("s3").put_object(Bucket=self.bucket, Key=key, Body=io.BytesIO(body), **more)
        arrival = Arrival(self.bucket, key, answer["VersionId"], "")
        if work:
            self.process(arrival)
        return arrival.file

    def process(self, arrival: Arrival) -> None:
        source = self.work_on.files.source(arrival)  # type: ignore[attr-defined]
        if source is not None:
            self.work_on.file(source)
        self.keep_letters()

    def keep_letters(self) -> None:
        """What the function of the dead letters does."""
        sqs, [url] = self.client("sqs"), self.dead_letter_queues.values()
        errors = ErrorTable(self.client("dynamodb"), self.table_name("errors"), "release")
        while sum(self.depths()["dead letters of main"]):
            messages, now = receive(sqs, url, 60, wait_s=0), datetime.now(UTC)
            for message in messages:
                for error in read_letter(Letter(message.id, message.text, now, now, 1), now):
                    errors.put(error)
            delete(sqs, messages)

    def holdings(self) -> str:
        """Everything in all tables and all versions of objects, as one text."""
        texts = [str(item) for name in KEYS for item in self._scan(name)]
        for version in (one for versions in self.versions.by_key().values() for one in versions if not one.is_marker):
            stored = self.versions.stored(version)
            texts += [version.file, str(stored.metadata)]
            texts += [chunk.decode("utf-8", "replace") for chunk in self.versions.content(version, stored.encoding)(0)]
        return "\n".join(texts)

    def contents(self, key: str) -> list[bytes | None]:
        """The content of each version of a key, the oldest first; None for a delete marker."""
        return [
            None if one.is_marker else b"".join(self.versions.content(one, self.versions.stored(one).encoding)(0))
            for one in self.versions.of_key(key)
        ]


def _schema(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


@pytest.fixture
def system(emulator: control.Emulator | None) -> Bare:
    if emulator is None:
        pytest.skip("the tests make a bucket, tables and queues of their own")
    return Bare(emulator)
