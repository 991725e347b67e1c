"""The deployed transaction-files system: its bucket, tables and queues, and what became of each file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import chain as joined
from pathlib import Path
from typing import Any, Final

from functions.common.timestamps import to_text
from functions.transaction_files.aws.error_table import REDRIVEN_AT
from functions.transaction_files.aws.file_table import read_finished
from functions.transaction_files.logic.letters import Kind
from functions.transaction_files.logic.processing import Counts, Finished, chain
from functions.transaction_files.logic.reports import Classification
from functions.transaction_files.logic.segments import ERASURE_METADATA
from tools.errors import WRONG_INPUT, Failure
from tools.measures import table
from tools.operations.dead_letters import DeadLetter
from tools.operations.logs import Line
from tools.operations.object_versions import ArchivedError, GoneError, Version, Versions
from tools.operations.queues import Message, at_once, in_batches, send
from tools.operations.system import System, plain
from tools.operations.trace import Entry, Found, Subject, Verdict

# S3 tells the processor of these only (TXF-03); it compares letter by letter.
SUFFIXES: Final = (".csv", ".json")

# What an erasure writes in the place of a version says which one was uploaded (TXF-61).
UPLOADED_AS: Final = "uploaded-as"

_GZIP_BEGINNING: Final = b"\x1f\x8b"
_PIECE_BYTES: Final = 1024 * 1024
_SHOWN_FILES: Final = 50
_SHOWN_ERRORS: Final = 20


@dataclass(frozen=True)
class Work:
    """How far the work on a file is: the segments that are finished, and what became of their records."""

    file: str
    segments: int
    counts: Counts
    is_done: bool

    @property
    def state(self) -> str:
        return "done" if self.is_done else "in work" if self.segments else "not begun"


class TransactionFiles(System[DeadLetter]):
    name = "transaction-files"
    looked_at = "what waits in the queues was not looked at: it belongs to the functions, and a look is a receive"

    @cached_property
    def bucket(self) -> str:
        return str(self.data["bucket"]["name"])

    @cached_property
    def versions(self) -> Versions:
        return Versions(self.client("s3"), self.bucket, self.data["keys"]["s3"]["arn"])

    @property
    def tables(self) -> dict[str, str]:
        return {f"table {name}": found["name"] for name, found in self.data["tables"].items()}

    @property
    def front_door(self) -> dict[str, str]:
        return {"bucket": self.bucket}

    @cached_property
    def dead_letter_queues(self) -> dict[str, str]:
        """URLs of the dead-letter queues: one, which the system's own function empties."""
        return {name: queue["dead_letters"]["url"] for name, queue in self.service["queues"].items()}

    def table_name(self, name: str) -> str:
        """The name of the table of transactions, errors or files."""
        return str(self.data["tables"][name]["name"])

    # Sending

    def upload(self, file: Path, key: str | None = None) -> str:
        """Upload a file under its name, or another key. Returns the version's name: bucket/key@version.

        What begins as gzip does is sent with that content encoding, and `a.csv.gz` as `a.csv`. Raises Failure for a
        file that cannot be read, or that the system would not look at.
        """
        try:
            with file.open("rb") as opened:
                is_gzip = opened.read(len(_GZIP_BEGINNING)) == _GZIP_BEGINNING
                name = key or (file.name.removesuffix(".gz") if is_gzip else file.name)
                _check(name, file)
                opened.seek(0)
                more = {"ContentType": "text/csv" if name.endswith(".csv") else "application/json"}
                version = self.versions.write(
                    name,
                    iter(lambda: opened.read(_PIECE_BYTES), b""),
                    more | ({"ContentEncoding": "gzip"} if is_gzip else {}),
                )
        except OSError as error:
            raise Failure(
                f"{file} cannot be read: {error.strerror}", where=str(file), do="name a file", status=WRONG_INPUT
            ) from error
        return f"{self.bucket}/{name}@{version}"

    # Looking

    def status(self, since: datetime) -> Iterator[str]:
        """The files that were uploaded since a time, the messages in the queues, and the errors by classification."""
        uploaded = [
            version
            for version in joined.from_iterable(self.versions.by_key().values())
            if version.at >= since and not version.is_marker and version.key.endswith(SUFFIXES)
        ]
        uploaded.sort(key=lambda version: version.at, reverse=True)
        works = at_once(self.work, [version.file for version in uploaded])
        states = [
            "of an erasure" if not work.segments and self._is_of_erasure(version) else work.state
            for version, work in zip(uploaded, works, strict=True)
        ]
        yield f"files uploaded: {len(works)} ({_counted(Counter(states)) or 'none'})"
        if works:
            rows: list[Sequence[object]] = [["file", "is", "segments", *Counts.__struct_fields__]]
            rows += [_row(work, state) for work, state in zip(works[:_SHOWN_FILES], states, strict=False)]
            yield from (f"  {line}" for line in table(rows, left=2))
        if len(works) > _SHOWN_FILES:
            yield f"  and {len(works) - _SHOWN_FILES} that were uploaded before them"
        for name, (waiting, taken) in self.depths().items():
            yield f"{name}: {waiting} wait, {taken} are in work"
        errors = Counter(_kind_of(item) for item in self.errors(since))
        yield f"errors of these files: {_counted(errors) or 'none'}"

    def depths(self) -> dict[str, tuple[int, int]]:
        """For each queue about how many messages wait in it, and how many a function has taken."""
        waiting = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed")
        taken = "ApproximateNumberOfMessagesNotVisible"
        urls = {name: queue["url"] for name, queue in self.service["queues"].items()}
        urls |= {f"dead letters of {name}": url for name, url in self.dead_letter_queues.items()}
        found = {}
        for name, url in urls.items():
            answer = self.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[*waiting, taken])
            numbers = answer["Attributes"]
            found[name] = sum(int(numbers.get(one, 0)) for one in waiting), int(numbers.get(taken, 0))
        return found

    def work(self, file: str) -> Work:
        """How far the work on a file is, by the table of files."""
        finished = self.finished(file)
        counts, is_done = chain(finished)
        return Work(file, len(finished), counts, is_done)

    def finished(self, file: str) -> list[Finished]:
        return [read_finished(item) for item in self._ledger(file)]

    def errors(self, since: datetime | None = None) -> Iterator[dict[str, Any]]:
        """The items of the table of errors, of files that were uploaded since a time: all of it is read."""
        more: dict[str, Any] = {}
        if since:
            more = {
                "FilterExpression": "#timestamp >= :since",
                "ExpressionAttributeNames": {"#timestamp": "timestamp"},
                "ExpressionAttributeValues": {":since": {"N": str(int(since.timestamp() * 1000))}},
            }
        return self._scan("errors", **more)

    def origins(self) -> Iterator[str]:
        """Where each transaction came from (bucket/key@version#line): all of the table is read."""
        for item in self._scan("transactions", ProjectionExpression="origin"):
            yield item["origin"]

    def errors_of(self, file: str) -> list[dict[str, Any]]:
        return self._query("errors", "file", file, "file-index")

    def _is_of_erasure(self, version: Version) -> bool:
        try:
            return ERASURE_METADATA in self.versions.stored(version).metadata
        except (ArchivedError, GoneError):
            return False

    def _ledger(self, file: str) -> list[dict[str, Any]]:
        return self._query("files", "file", file, ConsistentRead=True)

    def _query(self, name: str, key: str, value: str, index: str = "", **more: Any) -> list[dict[str, Any]]:
        pages = self.client("dynamodb").get_paginator("query").paginate(
            TableName=self.table_name(name),
            KeyConditionExpression="#key = :value",
            ExpressionAttributeNames={"#key": key},
            ExpressionAttributeValues={":value": {"S": value}},
            **({"IndexName": index} if index else {}),
            **more,
        )  # fmt: skip
        return [plain(item) for page in pages for item in page["Items"]]

    def _scan(self, name: str, **more: Any) -> Iterator[dict[str, Any]]:
        pages = self.client("dynamodb").get_paginator("scan")
        for page in pages.paginate(TableName=self.table_name(name), ConsistentRead=True, **more):
            yield from map(plain, page["Items"])

    # Redriving

    def not_processed(self, code: str | None = None) -> list[dict[str, Any]]:
        """The segments and files that could not be processed, with this fault, and were not sent again since."""
        return [
            item
            for item in self.errors()
            if item["classification"] == Classification.NOT_PROCESSED
            and REDRIVEN_AT not in item
            and code in (None, *(fault["code"] for fault in item["faults"]))
        ]

    def redrive(self, items: Iterable[Mapping[str, Any]]) -> Counter[str]:
        """Send segments and files to where they came from, and note at each that it was sent. Returns how many by kind.

        What is worked off already is left alone by the processor, so a repeat of a redrive that stopped does no harm.
        """
        done: Counter[str] = Counter()
        chosen = list(items)
        segments = [item for item in chosen if item["kind"] == Kind.SEGMENT]
        url = self.service["queues"]["main"]["url"]
        for batch in in_batches(segments, size=lambda item: len(item["original"].encode())):
            messages = [Message(url, item["original"], {}, "", item["error_id"]) for item in batch]
            sent = {message.id for message in send(self.client("sqs"), url, messages)}
            self._note_redriven([item for item in batch if item["error_id"] in sent])
            done[Kind.SEGMENT] += len(sent)
        for item in (item for item in chosen if item["kind"] == Kind.FILE):
            answer = self.client("lambda").invoke(
                FunctionName=self.service["functions"]["processor"]["name"],
                InvocationType="Event",
                Payload=item["original"],
            )
            answer["Payload"].read()  # empty, but until it is read the connection serves no other call
            self._note_redriven([item])
            done[Kind.FILE] += 1
        return done

    def _note_redriven(self, items: Iterable[Mapping[str, Any]]) -> None:
        """The function of the dead letters replaces an item that has this time when the same fails again later."""
        for item in items:
            self.client("dynamodb").update_item(
                TableName=self.table_name("errors"),
                Key={"error_id": {"S": item["error_id"]}, "timestamp": {"N": str(item["timestamp"])}},
                UpdateExpression="SET #redriven_at = :now",
                ConditionExpression="attribute_exists(error_id)",
                ExpressionAttributeNames={"#redriven_at": REDRIVEN_AT},
                ExpressionAttributeValues={":now": {"S": to_text(datetime.now(UTC))}},
            )

    # Tracing: a record is known by its transaction or error, and comes with files.

    def letters_by_queue(self) -> list[tuple[str, DeadLetter]]:
        return []

    def carried(self, _: DeadLetter) -> Subject:
        raise AssertionError("no letter is looked at")

    def find(self, identifier: str) -> Subject:
        """An id is an error's, a transaction's, or a file: its key, or its name in the tables (bucket/key@version)."""
        if items := self._query("errors", "error_id", identifier):
            return Subject(frozenset({identifier}), frozenset(item["file"] for item in items if "file" in item))
        stored = self._query("transactions", "transaction_id", identifier)
        reported = self._query("errors", "transaction_id", identifier, "transaction-index")
        if stored or reported:
            files = {_file_of(item["origin"]) for item in stored} | {item["file"] for item in reported}
            return Subject(frozenset({identifier}), frozenset(files))
        name = identifier.removeprefix("s3://").removeprefix(f"{self.bucket}/")
        key, _, version_id = name.rpartition("@")
        versions = [one for one in self.versions.of_key(name) if not one.is_marker]
        files = {one.file for one in versions}
        if not files and key and (self._ledger(f"{self.bucket}/{name}") or self._version(f"{self.bucket}/{name}")):
            files = {f"{self.bucket}/{key}@{version_id}"}
        return Subject(deliveries=frozenset(files))

    def recorded(self, subject: Subject) -> list[Entry]:
        entries = [entry for file in subject.deliveries for entry in self._told_of_file(file, len(subject.events))]
        for identifier in subject.events:
            for item in self._query("transactions", "transaction_id", identifier):
                entries.append(Entry(self._stored_at(item), "transactions", _stored(item)))
            errors = self._query("errors", "error_id", identifier)
            errors += self._query("errors", "transaction_id", identifier, "transaction-index")
            entries += map(_error_entry, errors)
        return entries

    def told(self, line: Line) -> Subject:
        """What is logged of one error is about that error only: a file may have thousands."""
        if error_id := line.fields.get("error_id"):
            return Subject(frozenset({error_id}))
        return Subject(deliveries=frozenset(filter(None, [line.fields.get("file")])))

    def describe(self, _: Line) -> Entry | None:
        return None

    def verdicts(self, found: Found[DeadLetter]) -> list[Verdict]:
        verdicts = [self._verdict_on(identifier) for identifier in sorted(found.subject.events)]
        return verdicts or [self._verdict_on_file(file) for file in sorted(found.subject.deliveries)]

    def _told_of_file(self, file: str, of_a_record: int) -> Iterator[Entry]:
        if version := self._version(file):
            yield Entry(version.at, "bucket", f"uploaded: {file}, {version.size} bytes")
        elif successor := self._successor(file):
            yield Entry(successor.at, "bucket", f"written again by an erasure, as {successor.file}")
        for item in self._ledger(file):
            finished = read_finished(item)
            to = "the end" if finished.end is None else str(finished.end)
            counted = ", ".join(f"{getattr(finished.counts, name)} {name}" for name in Counts.__struct_fields__)
            what = f"bytes {finished.start} to {to} worked off: {counted} (release {item['release'][:12]})"
            yield Entry(datetime.fromisoformat(item["at"]), "files", what)
        if of_a_record:
            return
        errors = self.errors_of(file)
        yield from map(_error_entry, errors[:_SHOWN_ERRORS])
        if more := errors[_SHOWN_ERRORS:]:
            last = max(datetime.fromisoformat(item["last_failure"]) for item in more)
            yield Entry(last, "errors", f"and {len(more)} more: {_counted(Counter(map(_kind_of, more)))}")

    def _version(self, file: str) -> Version | None:
        return next((one for one in self._versions_of(file) if one.file == file), None)

    def _successor(self, file: str) -> Version | None:
        """What an erasure wrote in the place of the version that was uploaded as this file."""
        uploaded_as = file.rpartition("@")[2]
        for one in self._versions_of(file):
            try:
                if self.versions.stored(one).metadata.get(UPLOADED_AS) == uploaded_as:
                    return one
            except (ArchivedError, GoneError):
                continue
        return None

    def _versions_of(self, file: str) -> list[Version]:
        key = file.removeprefix(f"{self.bucket}/").rpartition("@")[0]
        return [one for one in self.versions.of_key(key) if not one.is_marker]

    def _stored_at(self, item: Mapping[str, Any]) -> datetime:
        """About when a transaction was stored: at the first finished segment of its file, else at the upload."""
        file = _file_of(item["origin"])
        recorded = [datetime.fromisoformat(segment["at"]) for segment in self._ledger(file)]
        version = None if recorded else self._version(file)
        return min(recorded, default=version.at if version else datetime.now(UTC))

    def _verdict_on(self, identifier: str) -> Verdict:
        stored = self._query("transactions", "transaction_id", identifier)
        errors = self._query("errors", "error_id", identifier)
        errors += self._query("errors", "transaction_id", identifier, "transaction-index")
        if not stored and not errors:
            return Verdict(f"{identifier} is neither stored nor reported")
        sentences = [f"{identifier} is stored, from {item['origin']}" for item in stored]
        counted = _counted(Counter(map(_kind_of, errors)))
        sentences += [f"{counted} reported under it: see above for where and why"] if errors else []
        return Verdict("; ".join(sentences), self._redrive_of(errors))

    def _verdict_on_file(self, file: str) -> Verdict:
        work, version = self.work(file), self._version(file)
        errors = self.errors_of(file)
        waiting = [item for item in errors if _is_waiting(item)]
        counted = ", ".join(f"{getattr(work.counts, name)} {name}" for name in Counts.__struct_fields__)
        if work.is_done:
            return Verdict(f"{file} is done: {counted}" + (f" ({_counted(_codes(errors))})" if errors else ""))
        if waiting:
            return Verdict(
                f"{file} is not done, and {len(waiting)} of its parts could not be processed: see the function's log, "
                "fix the cause, then redrive",
                self._redrive_of(waiting),
            )
        if version and self._is_of_erasure(version):
            return Verdict(f"{file} was written by an erasure, in the place of a version that was worked off")
        if work.segments:
            return Verdict(f"{file} is in work: {work.segments} segments so far, {counted}; look again")
        if version is None:
            return Verdict(f"{file} is in the bucket no more, and nothing is recorded of it")
        if not version.key.endswith(SUFFIXES):
            return Verdict(f"{file} is not looked at: its name ends neither in .csv nor in .json")
        return Verdict(f"{file} was uploaded, and no part of it is worked off yet: look again")

    def _redrive_of(self, errors: Iterable[Mapping[str, Any]]) -> str | None:
        return self.command(f"system redrive {self.name}") if any(map(_is_waiting, errors)) else None


def _check(name: str, file: Path) -> None:
    if not name.endswith(SUFFIXES):
        raise Failure(
            f"{name} would not be looked at: its name ends in none of {', '.join(SUFFIXES)}",
            where=str(file),
            do="rename it; a compressed file is a.csv.gz or a.json.gz",
            status=WRONG_INPUT,
        )


def _row(work: Work, state: str) -> list[object]:
    return [work.file, state, work.segments, *(getattr(work.counts, name) for name in Counts.__struct_fields__)]


def _file_of(origin: str) -> str:
    """`bucket/key@version#line` without the line."""
    return origin.rpartition("#")[0]


def _kind_of(item: Mapping[str, Any]) -> str:
    return f"{item['classification']}{', redriven' if REDRIVEN_AT in item else ''}"


def _codes(errors: Iterable[Mapping[str, Any]]) -> Counter[str]:
    return Counter(fault["code"] for item in errors for fault in item["faults"])


def _counted(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(numbers.items()))


def _is_waiting(item: Mapping[str, Any]) -> bool:
    return item["classification"] == Classification.NOT_PROCESSED and REDRIVEN_AT not in item


def _stored(item: Mapping[str, Any]) -> str:
    """Where a transaction came from; nothing of what it says."""
    return f"{item['status']} from {item['origin']}"


def _error_entry(item: Mapping[str, Any]) -> Entry:
    faults = ", ".join(f"{fault['field']} {fault['code']}" for fault in item["faults"])
    where = f"{item['file']}#{item['number']}" if "file" in item else f"message of kind {item['kind']}"
    other = f"; the other one is {item['other']}" if "other" in item else ""
    again = f"; sent again at {item[REDRIVEN_AT]}" if REDRIVEN_AT in item else ""
    what = f"{item['kind']} {item['classification']} ({faults}) at {where}{other}, error {item['error_id']}{again}"
    return Entry(datetime.fromisoformat(item["last_failure"]), "errors", what)
