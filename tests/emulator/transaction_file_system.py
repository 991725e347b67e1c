"""transaction-files as it is deployed, with somebody who uploads to it and asks what became of it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import quote_plus

from functions.common.messages import as_message
from functions.common.records.formats import Opening, open_file
from functions.transaction_files.logic.processing import ARRAY
from functions.transaction_files.logic.segments import Segment, Source
from functions.transaction_files.logic.transactions import REQUIRED
from tools.operations.transaction_files import TransactionFiles, Work
from tools.waiting import wait_for

COLUMNS = ("transaction_id", "timestamp", "amount", "currency", "account_id", "type", "description")


class TransactionFileSystem:
    """All tests share it: each uploads files with keys and ids of its own."""

    def __init__(self, deployed: TransactionFiles) -> None:
        self.deployed = deployed

    @cached_property
    def client(self) -> Callable[[str], Any]:
        return self.deployed.client

    def function(self, name: str) -> dict[str, Any]:
        """What the service unit says of a function: name, role_arn, role_name, log_group, ..."""
        found: dict[str, Any] = self.deployed.service["functions"][name]
        return found

    @staticmethod
    def rows(number: int, **changes: str) -> list[dict[str, str]]:
        """Valid records that nobody sent before."""
        run = uuid.uuid4().hex[:12]
        return [
            {
                "transaction_id": f"tx-{run}-{each:05d}",
                "timestamp": "2026-03-01T10:15:30Z",
                "amount": "12.50",
                "currency": "EUR",
                "account_id": f"acc-{run}",
                "type": "debit",
                "description": "",
            }
            | changes
            for each in range(number)
        ]

    @staticmethod
    def csv(rows: Sequence[Mapping[str, str]]) -> bytes:
        return "\n".join([",".join(COLUMNS), *(",".join(row[name] for name in COLUMNS) for row in rows)]).encode()

    def upload(self, data: bytes, key: str = "", **more: Any) -> str:
        """Upload a file under a key of its own, or this one. Returns its name: bucket/key@version."""
        key = key or f"test-{uuid.uuid4().hex}.csv"
        return f"{self.deployed.bucket}/{key}@{self.deployed.versions.write(key, [data], more)}"

    def worked_off(self, file: str) -> Work:
        """What became of a file, once it is done, and the error of each record that was not stored is in its table."""

        def look() -> Work | None:
            work = self.deployed.work(file)
            reported = work.counts.conflicts + work.counts.rejected
            records = [item for item in self.deployed.errors_of(file) if item["classification"] != "not_processed"]
            return work if work.is_done and len(records) == reported else None

        return wait_for(look, f"{file} to be worked off")

    def error(self, file: str, kind: str) -> dict[str, Any]:
        """The only error of this kind about a file, once there is one."""
        errors = wait_for(
            lambda: [item for item in self.deployed.errors_of(file) if item["kind"] == kind],
            f"an error about {file}",
        )
        assert len(errors) == 1
        return errors[0]

    def stored(self, file: str) -> list[dict[str, Any]]:
        """The transactions that came from a file."""
        return [item for item in self.deployed._scan("transactions") if item["origin"].startswith(f"{file}#")]

    def segment(self, file: str) -> Segment:
        """All of an uploaded CSV file, as a segment."""
        bucket, _, rest = file.partition("/")
        key, _, version = rest.rpartition("@")
        answer = self.client("s3").get_object(Bucket=bucket, Key=key, VersionId=version)
        opening = open_file("a.csv", [answer["Body"].read()], REQUIRED, ARRAY)
        assert isinstance(opening, Opening)
        uploaded_at = int(answer["LastModified"].timestamp() * 1000)
        source = Source(bucket, key, version, answer["ContentLength"], uploaded_at)
        return Segment(source, opening, opening.start)

    def hand_on(self, segment: Segment) -> None:
        """Put a segment into the main queue, as the processor does."""
        self.send("main", as_message(segment))

    def send(self, queue: str, body: str) -> None:
        """Send a message to the main queue, or to its `dead_letters`."""
        found = self.deployed.service["queues"]["main"]
        url = (found if queue == "main" else found["dead_letters"])["url"]
        self.client("sqs").send_message(QueueUrl=url, MessageBody=body)

    def empty(self) -> bool:
        """Whether there is no message in any queue, waiting or taken."""
        return not any(sum(numbers) for numbers in self.deployed.depths().values())

    @staticmethod
    def arrival(file: str) -> str:
        """The event of S3 that tells of a file."""
        bucket, _, rest = file.partition("/")
        key, _, version = rest.rpartition("@")
        content = {"bucket": {"name": bucket}, "object": {"key": quote_plus(key, safe="/"), "versionId": version}}
        return json.dumps(
            {"Records": [{"eventSource": "aws:s3", "eventTime": "2026-03-01T10:15:30.000Z", "s3": content}]}
        )
