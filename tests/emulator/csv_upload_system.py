"""csv-upload as it is deployed, with a client that uploads to it, follows its uploads and listens to its topic."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import jsonschema
import yaml

from tools.operations.csv_upload import CsvUpload
from tools.operations.rest_api import Answer
from tools.operations.upload_letters import UploadLetter
from tools.project import ROOT
from tools.waiting import wait_for

COLUMNS = ("transaction_id", "date", "amount", "currency", "type", "description", "counterparty")
DOCUMENT = ROOT / "modules" / "systems" / "csv-upload" / "service" / "openapi.yaml"

Row = dict[str, str]


class CsvUploadSystem:
    """All tests share it: each uploads rows with ids of its own."""

    def __init__(self, deployed: CsvUpload) -> None:
        self.deployed = deployed
        # Not a new one where there is one: it may take a minute until everybody knows it.
        self.key = deployed.api_keys.current() or deployed.api_keys.rotate()

    @cached_property
    def client(self) -> Callable[[str], Any]:
        return self.deployed.client

    def function(self, name: str) -> dict[str, Any]:
        """What the service unit says of a function: name, role_arn, role_name, log_group, ..."""
        found: dict[str, Any] = self.deployed.service["functions"][name]
        return found

    @staticmethod
    def rows(number: int, **changes: str) -> list[Row]:
        """Valid rows that nobody sent before."""
        run = uuid.uuid4().hex[:12]
        return [
            {
                "transaction_id": f"tx-{run}-{each:05d}",
                "date": "2026-03-01",
                "amount": "12.50",
                "currency": "EUR",
                "type": "debit",
                "description": "",
                "counterparty": "",
            }
            | changes
            for each in range(number)
        ]

    @staticmethod
    def csv(rows: Sequence[Mapping[str, str]]) -> bytes:
        return "\n".join([",".join(COLUMNS), *(",".join(row[name] for name in COLUMNS) for row in rows)]).encode()

    def post(self, content: bytes, **more: Any) -> Answer:
        """`POST /upload`; fails for an answer that the API's description does not have."""
        arguments = {"key": self.key} | more
        return described("/upload", "post", self.deployed.post(content, **arguments))

    def upload(self, content: bytes) -> str:
        """Upload a file that is taken. Returns the upload's id."""
        answer = self.post(content)
        assert answer.status == 202, answer
        assert answer.body["status_url"].endswith(f"/uploads/{answer.body['upload_id']}")
        return str(answer.body["upload_id"])

    def announce(self) -> dict[str, Any]:
        """The form for a larger file."""
        answer = described("/uploads", "post", self.deployed.announce(self.key))
        assert answer.status == 200, answer
        return dict(answer.body)

    def ask(self, upload_id: str) -> Answer:
        """`GET /uploads/{id}`."""
        return described("/uploads/{id}", "get", self.deployed.follow(f"/uploads/{upload_id}", self.key))

    def ended(self, upload_id: str, attempt: int = 1) -> dict[str, Any]:
        """The status document of an upload, once this attempt has an end."""

        def look() -> dict[str, Any] | None:
            answer = self.ask(upload_id)
            has_end = answer.status == 200 and answer.body["state"] in ("COMPLETED", "FAILED")
            return answer.body if has_end and answer.body["attempt"] >= attempt else None

        return wait_for(look, f"{upload_id} to have an end")

    def object_of(self, upload_id: str) -> dict[str, Any]:
        """The object of an upload, as the workflow is told of it."""
        s3, bucket = self.client("s3"), self.deployed.bucket
        for prefix in ("validated/", "incoming/"):
            pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
            for version in (one for page in pages for one in page.get("Versions", [])):
                if upload_id in version["Key"]:
                    where = {"key": version["Key"], "version_id": version["VersionId"]}
                    return {"bucket": bucket, **where, "size": version["Size"]}
        raise AssertionError(f"there is no object of {upload_id}")

    def start(self, upload_id: str, attempt: int = 1) -> None:
        """Start the workflow, as the rule does when the event comes once more."""
        self.client("stepfunctions").start_execution(
            stateMachineArn=self.deployed.service["workflow"]["arn"],
            input=json.dumps(self.object_of(upload_id) | {"attempt": attempt}),
        )

    def stored(self, upload_id: str) -> list[dict[str, Any]]:
        """The rows that an upload stored, by line."""
        rows = [item for item in self.deployed.rows() if item["origin"].startswith(f"{upload_id}#")]
        return sorted(rows, key=lambda item: int(item["origin"].partition("#")[2]))

    def letters(self, upload_id: str) -> list[UploadLetter]:
        return [letter for letter in self.deployed.letters() if letter.upload_id == upload_id]

    def letter(self, upload_id: str) -> UploadLetter:
        """The only dead letter of an upload, once there is one."""
        letters = wait_for(lambda: self.letters(upload_id), f"a dead letter of {upload_id}")
        assert len(letters) == 1
        return letters[0]

    def redrive(self, upload_id: str) -> int:
        """Redrive the letters of an upload. Returns how many went."""
        done = [
            self.deployed.redrive(queue, lambda letter: letter.upload_id == upload_id)
            for queue in self.deployed.dead_letter_queues
        ]
        return sum(each.sent.total() for each in done)

    def log(self, group: str) -> list[str]:
        """Every line of a log group, which is named as a trace names it."""
        pages = self.client("logs").get_paginator("filter_log_events")
        name = self.deployed.log_groups[group]
        return [event["message"] for page in pages.paginate(logGroupName=name) for event in page["events"]]

    def executions(self, upload_id: str) -> set[str]:
        """The executions whose functions worked on an upload."""
        lines = [json.loads(line) for line in self.log("csv-validator") if upload_id in line and line.startswith("{")]
        return {line["execution_arn"] for line in lines}


def described(path: str, method: str, answer: Answer) -> Answer:
    """Fails for an answer that the API's description does not have."""
    document = yaml.safe_load(DOCUMENT.read_text())
    responses = document["paths"][path][method]["responses"]
    assert str(answer.status) in responses, answer
    response = responses[str(answer.status)]
    if "$ref" in response:
        response = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
    assert re.match(r"application/json\b", answer.headers["Content-Type"])
    assert {name.lower() for name in response.get("headers", {})} <= {name.lower() for name in answer.headers}
    schema = response["content"]["application/json"]["schema"]
    jsonschema.Draft4Validator(schema | {"components": document["components"]}).validate(answer.body)
    return answer
