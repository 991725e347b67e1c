"""Everything that transaction-files holds for one account: exporting it, erasing it, and the record of either (TXF-61).

Both can be repeated: an erasure that stopped half-way, or that had to leave something out, is finished by the next one.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from boto3.dynamodb.types import TypeSerializer

from functions.common.timestamps import to_text
from functions.transaction_files.logic.segments import ERASURE_METADATA, GZIP
from tools.operations.account_records import Account, Record, between, cuts, without
from tools.operations.object_versions import ArchivedError, GoneError, Stored, Version, compressed
from tools.operations.queues import at_once
from tools.operations.rewriting import Entry, rest_of
from tools.operations.system import plain
from tools.operations.transaction_files import SUFFIXES, UPLOADED_AS, TransactionFiles
from tools.waiting import until

# The partition of the table of files that has the records of exports and erasures. Names of files begin with a bucket.
RECORDS: Final = "privacy-records"

# Of a version that an erasure wrote: the one in whose place it stands.
SOURCE: Final = "in-place-of"

# What one call of BatchWriteItem takes.
_ITEMS_A_CALL: Final = 25
# A function that works on something twice may store it once more after it was deleted.
_PASSES: Final = 3

_serializer = TypeSerializer()


@dataclass(frozen=True)
class Held:
    """The account's records in one version of an object: for each its line or index, and its text."""

    version: Version
    records: Sequence[tuple[int, str]]


@dataclass(frozen=True)
class _Found:
    """The account's records in a version, and the bytes to leave out so that they are gone."""

    held: Held
    left_out: Sequence[tuple[int, int | None]]


@dataclass
class Holdings:
    """All that the system holds for an account. `left` says of what could not be read, or not be changed, why."""

    transactions: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    objects: list[Held] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        return {
            "transactions": len(self.transactions),
            "errors": len(self.errors),
            "object_versions": len(self.objects),
            "records_in_objects": sum(len(held.records) for held in self.objects),
            "left": len(self.left),
        }

    def document(self) -> dict[str, Any]:
        """As JSON takes it."""
        return {
            "transactions": self.transactions,
            "errors": self.errors,
            "objects": [
                {
                    "file": held.version.file,
                    "uploaded_at": to_text(held.version.at),
                    "is_latest_version": held.version.is_latest,
                    "records": [{"number": number, "record": text} for number, text in held.records],
                }
                for held in self.objects
            ],
            "not_searched": self.left,
        }


@dataclass(frozen=True)
class Receipt:
    """The record of an export or an erasure: its place in the table, and the key of the digest in it."""

    at: int
    key: str

    def digest(self, account: str) -> str:
        """HMAC-SHA256. Who has the receipt and the account's id can tell that the record is about it, and nobody else
        can, not even by trying all ids that there are.
        """
        return hmac.new(self.key.encode(), account.encode(), "sha256").hexdigest()


class Privacy:
    """The rights of one account in a deployed system."""

    def __init__(self, system: TransactionFiles, account: Account) -> None:
        self._system = system
        self._account = account
        self._versions = system.versions
        self._run = secrets.token_hex(8)

    def export(self) -> tuple[Holdings, Receipt]:
        """Everything, and the receipt of the record of it."""
        receipt = self._begin("export")
        holdings = self._tables()
        by_key = self._versions.by_key()
        for held, left in at_once(self._held_of, [one for versions in by_key.values() for one in versions]):
            holdings.objects += held
            holdings.left |= left
        holdings.left |= self._letters()
        self._record("export", receipt, holdings)
        return holdings, receipt

    def erase(self) -> tuple[Holdings, Receipt]:
        """Erase everything that can be erased now. `left` names the rest; a repeat erases it once it can be."""
        receipt = self._begin("erasure")
        erased = Holdings()
        erased.left |= self._letters(wait=True)
        for held, left in at_once(self._erase_key, list(self._versions.by_key())):
            erased.objects += held
            erased.left |= left
        for _ in range(_PASSES):
            found = self._tables()
            if not found.transactions and not found.errors:
                break
            self._delete("transactions", "transaction_id", found.transactions)
            self._delete("errors", "error_id", found.errors)
            erased.transactions += found.transactions
            erased.errors += found.errors
        self._record("erasure", receipt, erased)
        return erased, receipt

    # Tables

    def _tables(self) -> Holdings:
        """The account's items. What has just been written may not be in the index yet."""
        dynamodb = self._system.client("dynamodb")
        pages = dynamodb.get_paginator("query").paginate(
            TableName=self._system.table_name("transactions"),
            IndexName="account-timestamp-index",
            KeyConditionExpression="account_id = :account",
            ExpressionAttributeValues={":account": {"S": self._account.id}},
        )
        keys = [plain(item) for page in pages for item in page["Items"]]
        return Holdings(keys, [item for item in self._system.errors() if self._is_theirs(item)])

    def _is_theirs(self, item: Mapping[str, Any]) -> bool:
        """By its account, or by its text where the account is not readable or may be another column's text."""
        if item.get("account_id") == self._account.id:
            return True
        # What did not come from this system's functions may say no faults: then only its text tells.
        faults = item.get("faults", [])
        is_whole = bool(faults) and all(fault["field"] != "$" for fault in faults)
        return self._account.owns(item.get("account_id") if is_whole else None, str(item.get("original", "")).encode())

    def _delete(self, name: str, key: str, items: Iterable[Mapping[str, Any]]) -> None:
        table = self._system.table_name(name)
        requests = [
            {"DeleteRequest": {"Key": {part: _serializer.serialize(item[part]) for part in (key, "timestamp")}}}
            for item in items
        ]
        for start in range(0, len(requests), _ITEMS_A_CALL):
            wanted: Any = {table: requests[start : start + _ITEMS_A_CALL]}
            while wanted:
                wanted = self._system.client("dynamodb").batch_write_item(RequestItems=wanted).get("UnprocessedItems")

    # Queues

    def _letters(self, *, wait: bool = False) -> dict[str, str]:
        """Letters on their way to the table of errors have records in them. None are left where this is empty."""

        def number() -> int:
            return sum(sum(found) for name, found in self._system.depths().items() if name.startswith("dead letters"))

        if not number() or (wait and until(lambda: not number())):
            return {}
        return {
            "dead-letter queue": f"{number()} letters are on their way to the table of errors: repeat this when "
            f"`{self._system.command(f'system status {self._system.name}')}` shows none"
        }

    # Objects

    def _held_of(self, version: Version) -> tuple[list[Held], dict[str, str]]:
        if version.is_marker:
            return [], {}
        try:
            found = self._look(version, self._versions.stored(version).encoding)
        except GoneError:
            return [], {}
        except ArchivedError:
            return [], {version.file: self._restore(version)}
        return ([found.held] if found.held.records else []), {}

    def _look(self, version: Version, encoding: str) -> _Found:
        content = self._versions.content(version, encoding)
        theirs: list[Record] = []

        def noted() -> Iterator[Record]:
            for record in self._account.records(version.key, content):
                theirs.extend([record] if record.is_of_account else [])
                yield record

        left_out = list(cuts(noted()))
        texts = [
            (one.number, b"".join(between(content, one.start, one.end)).decode("utf-8", "backslashreplace"))
            for one in theirs
        ]
        return _Found(Held(version, texts), left_out)

    def _erase_key(self, key: str) -> tuple[list[Held], dict[str, str]]:
        """Erase the account's records from all versions of a key, or say why that cannot be done now."""
        try:
            self._settle(key)
            versions = self._versions.of_key(key)
            stored = {one: self._versions.stored(one) for one in versions if not one.is_marker}
            found = {one: self._look(one, stored[one].encoding) for one in stored}
        except ArchivedError:
            return [], self._archived(key)
        except GoneError:
            return [], {key: "a version was deleted meanwhile: repeat this"}
        first = next((index for index, one in enumerate(stored) if found[one].left_out), None)
        if first is None:
            return [], {}
        old = list(stored)[first:]
        if unfinished := [one for one in old if not self._is_done(one, stored[one])]:
            return [], {one.file: self._unfinished() for one in unfinished}
        for one in old:
            self._write_again(one, stored[one], found[one].left_out)
        if not self._settle(key):
            # It has to stay the newest one, and may be in work.
            return [], {key: "a new version arrived meanwhile: repeat this"}
        return [found[one].held for one in old if found[one].left_out], {}

    def _write_again(self, version: Version, stored: Stored, left_out: Sequence[tuple[int, int | None]]) -> None:
        """Write a version once more, without some of its bytes. One that stays as it is, is not decompressed."""
        content = self._versions.content(version, stored.encoding if left_out else "")
        chunks: Iterable[bytes] = without(content, left_out)
        if left_out and stored.encoding == GZIP:
            chunks = compressed(chunks)
        metadata = {
            **stored.metadata,
            ERASURE_METADATA: self._run,
            SOURCE: version.id,
            UPLOADED_AS: stored.metadata.get(UPLOADED_AS, version.id),
        }
        self._versions.write(version.key, chunks, {**stored.headers, "Metadata": metadata})

    def _settle(self, key: str) -> bool:
        """Do what is left of a run: of this one, or one that stopped. Returns whether nothing had to be undone."""
        versions = {one.id: one for one in self._versions.of_key(key)}
        rest = rest_of([self._entry(one) for one in versions.values()]) if len(versions) > 1 else None
        if rest is None:
            return True
        if rest.marks_deleted:
            self._versions.mark_deleted(key)
        for id_ in rest.remove:
            self._versions.remove(versions[id_])
        return rest.is_whole

    def _entry(self, version: Version) -> Entry:
        if version.is_marker:
            return Entry(version.id, is_marker=True)
        try:
            metadata = self._versions.stored(version).metadata
        except ArchivedError:
            metadata = {}  # a copy is not archived as long as its source is there
        return Entry(version.id, run=metadata.get(ERASURE_METADATA, ""), source=metadata.get(SOURCE, ""))

    def _is_done(self, version: Version, stored: Stored) -> bool:
        """Whether the processor needs the version no more, or never looks at it."""
        return (
            ERASURE_METADATA in stored.metadata
            or not version.key.endswith(SUFFIXES)
            or self._system.work(version.file).is_done
        )

    def _unfinished(self) -> str:
        return (
            "the work on it is not finished, and would lose the records of others: repeat this when `system trace` says"
            f" that it is done; if a part could not be processed, first `{self._system.command('system redrive')}"
            f" {self._system.name}`"
        )

    def _archived(self, key: str) -> dict[str, str]:
        left = {}
        for one in self._versions.of_key(key):
            try:
                if not one.is_marker:
                    self._versions.stored(one)
            except ArchivedError:
                left[one.file] = self._restore(one)
            except GoneError:
                continue
        return left

    def _restore(self, version: Version) -> str:
        return (
            "it is archived, and nobody can say what is in it: restore it, then repeat this: aws s3api restore-object"
            f" --bucket {version.bucket} --key '{version.key}' --version-id {version.id}"
            ' --restore-request \'{"Days": 7, "GlacierJobParameters": {"Tier": "Standard"}}\''
        )

    # The record

    def _begin(self, kind: str) -> Receipt:
        """Record that it began: where it does not end, the record says so."""
        receipt = Receipt(int(datetime.now(UTC).timestamp() * 1000), secrets.token_hex(16))
        self._put(kind, receipt, {"state": "begun"}, "attribute_not_exists(#file)")
        return receipt

    def _record(self, kind: str, receipt: Receipt, holdings: Holdings) -> None:
        state = "incomplete" if holdings.left else "complete"
        ended = {"state": state, "ended_at": to_text(datetime.now(UTC)), "counts": holdings.counts}
        self._put(kind, receipt, ended, "attribute_exists(#file)")

    def _put(self, kind: str, receipt: Receipt, more: Mapping[str, Any], condition: str) -> None:
        item = {
            "file": RECORDS,
            "start": receipt.at,
            "kind": kind,
            "began_at": to_text(datetime.fromtimestamp(receipt.at / 1000, UTC)),
            "by": self._system.client("sts").get_caller_identity()["Arn"],
            "account_digest": receipt.digest(self._account.id),
            **more,
        }
        self._system.client("dynamodb").put_item(
            TableName=self._system.table_name("files"),
            Item={name: _serializer.serialize(value) for name, value in item.items()},
            ConditionExpression=condition,
            ExpressionAttributeNames={"#file": "file"},
        )
