"""The deployed csv-upload system: its API, its workflow, and what became of each upload."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from functions.csv_upload.aws.topic import SYSTEM
from functions.csv_upload.logic.api import MAXIMUM_BODY_BYTES, MAXIMUM_OBJECT_BYTES, MEDIA_TYPE
from functions.csv_upload.logic.status import State
from functions.csv_upload.logic.uploads import rejected_key
from tools.deploy.target import Target
from tools.errors import WRONG_INPUT, Failure
from tools.measures import table
from tools.operations.api_keys import ApiKeys
from tools.operations.executions import WORKFLOW, describe_step
from tools.operations.logs import Line
from tools.operations.queues import at_once
from tools.operations.rest_api import ACCESS, FIREWALL, Answer, RestApi, describe_request, request_id
from tools.operations.system import LetterSystem, plain
from tools.operations.trace import Entry, Found, Subject, Verdict
from tools.operations.upload_letters import EXECUTION, RULE, Fate, UploadLetter, redrive_of

_HEXADECIMAL: Final = "0123456789abcdef"
_COUNTS: Final = ("rows", "valid", "invalid", "stored", "present", "conflicts")


class CsvUpload(LetterSystem[UploadLetter]):
    name = SYSTEM
    letter_type = UploadLetter
    left_out = (
        "there are uploads that another execution is working on",
        "run the command again in a few minutes: an execution takes five at most, and the letters stay until then",
    )

    def __init__(self, target: Target, region: str | None = None) -> None:
        super().__init__(target, region)
        self.api = RestApi(target, self.service)

    @cached_property
    def api_keys(self) -> ApiKeys:
        return ApiKeys(self.client("apigateway"), self.service["api"])

    @property
    def bucket(self) -> str:
        return str(self.data["bucket"]["name"])

    @property
    def tables(self) -> dict[str, str]:
        return {f"table {name}": found["name"] for name, found in self.data["tables"].items()}

    def table_name(self, name: str) -> str:
        """The name of the table of transactions or of the status of uploads."""
        return str(self.data["tables"][name]["name"])

    @property
    def front_door(self) -> dict[str, str]:
        return {"API": f"{self.api.url}/upload", "API for larger files": f"{self.api.url}/uploads"}

    @property
    def addresses(self) -> list[tuple[str, str]]:
        more = {
            "topic": self.service["topic"]["arn"],
            "bucket": self.bucket,
            "workflow": self.service["workflow"]["arn"],
        }
        return [*super().addresses, *more.items()]

    @property
    def log_groups(self) -> dict[str, str]:
        return super().log_groups | self.api.log_groups | {WORKFLOW: self.service["workflow"]["log_group"]["name"]}

    @cached_property
    def dead_letter_queues(self) -> dict[str, str]:
        """URLs of the dead-letter queues: the workflow's, and the rule's for what could not start it."""
        return {WORKFLOW: self.service["dead_letters"]["url"], RULE: self.service["rule"]["dead_letters"]["url"]}

    # Sending

    def post(self, content: bytes, key: str | None, content_type: str | None = MEDIA_TYPE) -> Answer:
        """`POST /upload` with a body as it is."""
        return self.api.request("POST", "/upload", content, _headers(key, content_type))

    def announce(self, key: str | None) -> Answer:
        """`POST /uploads`: ask for a form."""
        return self.api.request("POST", "/uploads", None, _headers(key))

    def follow(self, status_url: str, key: str | None) -> Answer:
        """Ask a status URL; on the emulator its address replaces the host name."""
        path = urlsplit(status_url).path.removeprefix(f"/{self.service['api']['stage_name']}")
        return self.api.request("GET", path, None, _headers(key))

    def current_key(self) -> str:
        """The API key of operations. Raises Failure if none has been made."""
        key = self.api_keys.current()
        if key is None:
            raise Failure(
                "there is no API key yet",
                where=f"usage plan {self.service['api']['usage_plan_id']}",
                do=f"make one: {self.command('system api-key csv-upload --rotate')}",
            )
        return key

    def upload(self, name: str, content: bytes) -> str:
        """Upload a file: in the body of a request, or a larger one by a form. Returns the upload's id.

        Raises Failure when it is refused.
        """
        if len(content) > MAXIMUM_OBJECT_BYTES:
            raise Failure(
                f"{name} has {len(content):,} bytes, and an upload at most {MAXIMUM_OBJECT_BYTES:,}",
                where=name,
                do="cut it into several files, or send it to transaction-files",
                status=WRONG_INPUT,
            )
        key = self.current_key()
        is_small = len(content) <= MAXIMUM_BODY_BYTES
        answer = self.post(content, key) if is_small else self.announce(key)
        if answer.status not in (200, 202):
            raise _refused(name, answer)
        upload_id = str(answer.body["upload_id"])
        if not is_small:
            status = self.api.post_form(answer.body["url"], answer.body["fields"], Path(name).name, content)
            if status >= 300:
                raise Failure(f"S3 answered {status} to the form with {name}", where=name, do="send it again")
        return upload_id

    # Looking

    def status(self, since: datetime) -> Iterator[str]:
        """How many uploads there are in each state, how many rows they have, and the dead letters by error."""
        uploads = self.uploads(since)
        yield f"uploads: {len(uploads)}"
        if uploads:
            rows: list[Sequence[object]] = [["state", "uploads", *_COUNTS]]
            for state in State:
                of_state = [item for item in uploads if item["state"] == state]
                sums = [sum(int(item.get(name, 0)) for item in of_state) for name in _COUNTS]
                rows += [[state, len(of_state), *sums]] if of_state else []
            yield from (f"  {line}" for line in table(rows))
        now = datetime.now(UTC)
        if stopped := sum(_has_stopped(item, now) for item in uploads):
            yield f"stopped, without a dead letter perhaps: {stopped} (runbook, Executions run out of time)"
        yield from self.status_of_letters()

    def uploads(self, since: datetime) -> list[dict[str, Any]]:
        """The uploads that arrived since a time, by the table's index: sixteen queries a day.

        A day is that of the upload's id, which a form may have given out shortly before midnight.
        """
        first, last = (since - timedelta(days=1)).date(), datetime.now(UTC).date()
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        shards = [f"{day.isoformat()}#{digit}" for day in days for digit in _HEXADECIMAL]
        return [item for items in at_once(lambda shard: self._of_shard(shard, since), shards) for item in items]

    def _of_shard(self, shard: str, since: datetime) -> list[dict[str, Any]]:
        pages = self.client("dynamodb").get_paginator("query")
        return [
            plain(item)
            for page in pages.paginate(
                TableName=self.table_name("status"),
                IndexName="day-timestamp-index",
                KeyConditionExpression="day_shard = :shard AND #timestamp >= :since",
                ExpressionAttributeNames={"#timestamp": "timestamp"},
                ExpressionAttributeValues={
                    ":shard": {"S": shard},
                    ":since": {"N": str(int(since.timestamp() * 1000))},
                },
            )
            for item in page["Items"]
        ]

    def facts(self, upload_id: str) -> dict[str, Any]:
        """The item of an upload; empty if there is none."""
        answer = self.client("dynamodb").get_item(
            TableName=self.table_name("status"), Key={"upload_id": {"S": upload_id}}, ConsistentRead=True
        )
        return plain(answer.get("Item", {}))

    def rows(self) -> Iterator[dict[str, Any]]:
        """Every stored row: all of the table is read."""
        pages = self.client("dynamodb").get_paginator("scan")
        for page in pages.paginate(TableName=self.table_name("transactions"), ConsistentRead=True):
            yield from map(plain, page["Items"])

    def rejected(self, upload_id: str) -> list[dict[str, Any]]:
        """The rows of an upload that cannot be used: {"line", "faults", "original"}; none where no such object is."""
        s3 = self.client("s3")
        try:
            body = s3.get_object(Bucket=self.bucket, Key=rejected_key(upload_id))["Body"].read()
        except s3.exceptions.NoSuchKey:
            return []
        return [json.loads(line) for line in body.splitlines()]

    # Redriving

    def send_again(self, letters: Sequence[UploadLetter]) -> Iterator[UploadLetter]:
        """Start the workflow with the next attempt of each upload. Yields each letter that may go.

        Letters of one upload start one attempt.
        """
        workflow, started = self.client("stepfunctions"), set[str]()
        for letter in letters:
            upload_id = letter.upload_id
            if upload_id is None or letter.given is None:
                continue
            if upload_id not in started:
                redrive = redrive_of(letter, self.facts(upload_id), datetime.now(UTC))
                if redrive.fate is Fate.KEEP:
                    continue
                if redrive.fate is Fate.START:
                    started.add(upload_id)
                    workflow.start_execution(
                        stateMachineArn=self.service["workflow"]["arn"],
                        input=json.dumps(_workflow_input(letter, redrive.attempt)),
                    )
            yield letter

    # Tracing: an upload is the event, and what a request or an execution is about it a delivery.

    def find(self, identifier: str) -> Subject:
        return Subject(frozenset({identifier})) if self.facts(identifier) else Subject()

    def recorded(self, subject: Subject) -> list[Entry]:
        entries = []
        for facts in filter(None, map(self.facts, subject.events)):
            if received_at := facts.get("received_at"):
                entries.append(Entry(datetime.fromisoformat(received_at), "status table", "the upload was recorded"))
            what = f"{facts['state']}, attempt {facts['attempt']}: {_counted(facts)}"
            entries.append(Entry(datetime.fromisoformat(facts["updated_at"]), "status table", what))
        return entries

    def carried(self, letter: UploadLetter) -> Subject:
        return Subject(frozenset(filter(None, [letter.upload_id])))

    def told(self, line: Line) -> Subject:
        fields = line.fields
        if line.group in (ACCESS, FIREWALL):
            return Subject(deliveries=frozenset(filter(None, [request_id(line)])))
        deliveries = (fields.get("correlation_id"), fields.get("execution_arn"))
        return Subject(frozenset(filter(None, [fields.get("upload_id")])), frozenset(filter(None, deliveries)))

    def describe(self, line: Line) -> Entry | None:
        return describe_step(line) if line.group == WORKFLOW else describe_request(line)

    def verdicts(self, found: Found[UploadLetter]) -> list[Verdict]:
        uploads = sorted(found.subject.events)
        return [self._verdict_on(upload_id, found) for upload_id in uploads] or [
            Verdict("the logs have it, and it is about no upload: the request was refused, or asked for one")
        ]

    def _verdict_on(self, upload_id: str, found: Found[UploadLetter]) -> Verdict:
        facts = self.facts(upload_id)
        state = facts.get("state")
        if state == State.COMPLETED:
            return Verdict(f"{upload_id} is done: {_counted(facts)}{self._rejected(facts)}")
        if letters := [(queue, letter) for queue, letter in found.letters if letter.upload_id == upload_id]:
            queue, letter = max(letters, key=lambda each: each[1].message.sent_at)
            return Verdict(
                f"{upload_id} is dead-lettered by {letter.step} ({letter.error}): fix the cause, then redrive",
                self.command(f"system redrive {self.name} --queue {queue}"),
            )
        if state is None:
            return Verdict(f"nothing is recorded of {upload_id}: its file has not arrived")
        if state == State.FAILED:
            why = facts.get("reason", "no reason is recorded")
            return Verdict(f"{upload_id} has failed, and its sender was told: {why}{self._rejected(facts)}")
        if _has_stopped(facts, datetime.now(UTC)):
            return Verdict(
                f"{upload_id} stopped at {state}, and no letter says why: its execution may have timed out. Start the "
                "workflow with the next attempt (runbook, Executions run out of time)"
            )
        return Verdict(f"{upload_id} is in progress: {state} since {facts['updated_at']}; look again")

    def _rejected(self, facts: Mapping[str, Any]) -> str:
        if not facts.get("invalid"):
            return ""
        return f". The rows that cannot be used are in s3://{self.bucket}/{rejected_key(facts['upload_id'])}"


def _headers(key: str | None, content_type: str | None = None) -> dict[str, str]:
    given = {"x-api-key": key, "Content-Type": content_type}
    return {name: value for name, value in given.items() if value is not None}


def _refused(name: str, answer: Answer) -> Failure:
    told = answer.body if isinstance(answer.body, dict) else {}
    faults = [
        f"line {fault.get('line', '?')}: {fault['field']} {fault['code']}, {fault['message']}"
        for fault in told.get("faults", [])
    ]
    why = "; ".join([str(told.get("error", "no reason was given")), *faults])
    return Failure(f"the API answered {answer.status}: {why}", where=name, do="fix the file, then send it again")


def _workflow_input(letter: UploadLetter, attempt: int) -> dict[str, Any]:
    given = msgspec.to_builtins(letter.given)
    return {name: given[name] for name in ("bucket", "key", "version_id", "size")} | {"attempt": attempt}


def _counted(facts: Mapping[str, Any]) -> str:
    counts = Counter({name: int(facts[name]) for name in _COUNTS if name in facts})
    return ", ".join(f"{number} {name}" for name, number in counts.items()) or "no row is counted"


def _has_stopped(facts: Mapping[str, Any], now: datetime) -> bool:
    """Whether no execution can be at work any more, although the upload has no end."""
    is_open = facts["state"] not in (State.COMPLETED, State.FAILED)
    return is_open and now - datetime.fromisoformat(facts["updated_at"]) > EXECUTION
