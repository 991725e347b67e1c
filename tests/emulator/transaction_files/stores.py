"""The work on transaction files in this process, against stores on the emulator: any call may be a function's last."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import boto3
import msgspec
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectionClosedError

from functions.common.aws import clients
from functions.common.aws.batch_table import BatchTable
from functions.common.aws.queues import Queue
from functions.transaction_files.aws.error_table import ErrorTable
from functions.transaction_files.aws.file_table import FileTable, read_finished
from functions.transaction_files.aws.object_store import ObjectStore
from functions.transaction_files.aws.outbox import Queues
from functions.transaction_files.aws.transaction_table import TransactionTable
from functions.transaction_files.logic.arrivals import Arrival
from functions.transaction_files.logic.letters import Letter, read_letter
from functions.transaction_files.logic.processing import Counts, Work, chain
from functions.transaction_files.logic.segments import SEGMENT_BYTES, Segment
from tests.emulator.fidelity.account import REGION, Account
from tools.emulator.control import Emulator

# What an error says of when it was seen: another attempt sees it at another time.
MOMENTS = ("first_failure", "last_failure", "receive_count")

Item = dict[str, Any]


class Died(BaseException):
    """The function ended here: no code of its own runs any more."""


@dataclass
class Wire:
    """What passes every call of the functions' clients. `fault` is what happens once, at call number `at`: None for
    nothing. A call is known by its number and by what it asks, and `after` says whether it has its effect.
    """

    fault: Callable[[], Any] | None = None
    at: int = 0
    after: bool = False
    calls: list[str] = field(default_factory=list)

    def attach(self, client: Any) -> None:
        session = client._endpoint.http_session
        send = session.send

        def send_or_fail(request: Any) -> Any:
            self.calls.append(_operation(request))
            is_the_one = self.fault is not None and len(self.calls) == self.at
            if is_the_one and not self.after:
                return self.fault() if self.fault else None
            answer = send(request)
            return self.fault() if is_the_one and self.fault else answer

        session.send = send_or_fail

    @contextmanager
    def failing(self, fault: Callable[[], Any], at: int, *, after: bool) -> Iterator[None]:
        self.fault, self.at, self.after, self.calls = fault, at, after, []
        try:
            yield
        finally:
            self.fault = None


def _operation(request: Any) -> str:
    """`PutItem files`, or `GET object`."""
    target = request.headers.get("X-Amz-Target")
    if target is None:
        return f"{request.method} object"
    operation = target.decode().rpartition(".")[2]
    tables = _TABLES.findall(request.body)
    return f"{operation} {tables[0].decode()}" if tables else operation


_TABLES: Final = re.compile(rb'"TableName": ?"([a-z]+)-')


def dies() -> Any:
    raise Died


def is_unavailable() -> Any:
    """The answer of a service that has no time."""
    return AWSResponse("http://service", 503, HTTPHeaders(), _Nothing())


class _Nothing:
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield b"{}"


def loses_the_answer() -> Any:
    raise ConnectionClosedError(endpoint_url="http://service")


class Stores:
    """A bucket, tables and queues of one account, and clients of the functions' own kind with their wire."""

    def __init__(self, emulator: Emulator) -> None:
        self.account = Account(emulator)
        self.wire = Wire()
        self.bucket = f"files-{self.account.id}"
        self.root = {name: self.account.client(name) for name in ("dynamodb", "s3", "sqs")}
        self.clients = {name: self._client(emulator, name) for name in self.root}
        self.root["s3"].create_bucket(Bucket=self.bucket)
        self.root["s3"].put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})
        self._worlds = 0

    def _client(self, emulator: Emulator, service: str) -> Any:
        client: Any = boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=emulator.endpoint,
            region_name=REGION,
            aws_access_key_id=self.account.id,
            aws_secret_access_key="emulator",
            config=clients._CONFIG,
        )
        self.wire.attach(client)
        return client

    def upload(self, key: str, data: bytes, *, compressed: bool = False) -> Arrival:
        more = {"ContentEncoding": "gzip"} if compressed else {}
        body = gzip.compress(data) if compressed else data
        version = self.root["s3"].put_object(Bucket=self.bucket, Key=key, Body=body, **more)["VersionId"]
        return Arrival(self.bucket, key, version, "2026-03-01T10:15:30.000Z")

    def world(self, **settings: Any) -> World:
        self._worlds += 1
        return World(self, f"w{self._worlds}", **settings)


class World:
    """Tables and queues of one run, empty at first. `batches` is how many batches an invocation has time for."""

    def __init__(
        self, stores: Stores, name: str, *, batches: int | None = None, segment_bytes: int = SEGMENT_BYTES
    ) -> None:
        self._stores, self._batches, self._segment_bytes = stores, batches, segment_bytes
        self._tables = {
            table: self._table(f"{table}-{name}", *key)
            for table, key in {
                "transactions": ("transaction_id", "timestamp"),
                "files": ("file", "start"),
                "errors": ("error_id", "timestamp"),
            }.items()
        }
        sqs = stores.root["sqs"]
        self._queues = {queue: sqs.create_queue(QueueName=f"{queue}-{name}")["QueueUrl"] for queue in ("main", "dead")}
        dynamodb, sender = stores.clients["dynamodb"], stores.clients["sqs"]
        self._objects = ObjectStore(stores.clients["s3"], _no_pause)
        self._files = FileTable(dynamodb, self._tables["files"], "release-1")
        self._store = TransactionTable(BatchTable(dynamodb, self._tables["transactions"], "transaction_id", _no_pause))
        self._outbox = Queues(
            Queue(sender, self._queues["main"], _no_pause), Queue(sender, self._queues["dead"], _no_pause)
        )
        self._errors = ErrorTable(dynamodb, self._tables["errors"], "release-1")

    def _table(self, name: str, key: str, sort: str) -> str:
        self._stores.root["dynamodb"].create_table(
            TableName=name,
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": key, "AttributeType": "S"},
                {"AttributeName": sort, "AttributeType": "N"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        return name

    def work(self, between_batches: Callable[[], None] = lambda: None) -> Work:
        """What one invocation does."""
        taken = 0

        def time_is_up() -> bool:
            nonlocal taken
            taken += 1
            between_batches()
            return self._batches is not None and taken >= self._batches

        return Work(self._objects, self._files, self._store, self._outbox, time_is_up, self._segment_bytes)

    def arrive(self, arrival: Arrival, work: Work | None = None) -> Counts:
        """One invocation for a file that arrived."""
        source = self._objects.source(arrival)
        assert source is not None
        return (work or self.work()).file(source)

    def run(self, *arrivals: Arrival) -> None:
        """Let files arrive, and work off all there is. What a function did not finish comes again."""
        for arrival in arrivals:
            self._until_it_lives(lambda arrival=arrival: self.arrive(arrival))  # type: ignore[misc]
        self._drain("main", lambda message: self.work().segment(msgspec.json.decode(message["Body"], type=Segment)))
        self._drain("dead", self._keep)

    def _keep(self, message: Mapping[str, Any]) -> None:
        attributes = message["Attributes"]
        sent, received = (
            datetime.fromtimestamp(int(attributes[name]) / 1000, UTC)
            for name in ("SentTimestamp", "ApproximateFirstReceiveTimestamp")
        )
        count = int(attributes["ApproximateReceiveCount"])
        for error in read_letter(
            Letter(message["MessageId"], message["Body"], sent, received, count), datetime.now(UTC)
        ):
            self._errors.put(error)

    def _drain(self, queue: str, take: Callable[[Mapping[str, Any]], Any]) -> None:
        """Take a queue's messages, each until it lived through it, until there are none."""
        sqs, where = self._stores.root["sqs"], {"QueueUrl": self._queues[queue]}
        while self.depth(queue):
            for message in sqs.receive_message(
                **where, MaxNumberOfMessages=10, WaitTimeSeconds=1, AttributeNames=["All"]
            )["Messages"]:
                self._until_it_lives(lambda message=message: take(message))  # type: ignore[misc]
                sqs.delete_message(**where, ReceiptHandle=message["ReceiptHandle"])

    def depth(self, queue: str) -> int:
        return self._stores.account.depth(self._queues[queue])

    def _until_it_lives(self, invoke: Callable[[], Any]) -> None:
        while True:
            try:
                invoke()
                return
            except Died:
                continue

    def items(self, table: str) -> list[Item]:
        pages = self._stores.root["dynamodb"].get_paginator("scan").paginate(TableName=self._tables[table])
        return [
            {name: next(iter(value.values())) for name, value in item.items()}
            for page in pages
            for item in page["Items"]
        ]

    def counts(self, arrival: Arrival) -> tuple[Item, bool]:
        """What the table of files says became of a file's records, and whether it is worked off."""
        finished = [read_finished(item) for item in self.items("files") if item["file"] == arrival.file]
        counts, complete = chain(finished)
        return msgspec.structs.asdict(counts), complete

    def result(self, *arrivals: Arrival) -> object:
        """What is left for people, whichever way the work went."""
        errors = [{name: value for name, value in item.items() if name not in MOMENTS} for item in self.items("errors")]
        kept = [*self.items("transactions"), *errors]
        return sorted(json.dumps(item, sort_keys=True) for item in kept), [self.counts(each) for each in arrivals]


def _no_pause(_: float) -> None:
    return
