"""All that is held for an account is exported and erased, in every store and version, and nothing of others."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.transaction_files.logic.arrivals import Arrival
from tests.emulator.operations.conftest import Bare
from tools.operations.account_records import Account
from tools.operations.object_versions import Version
from tools.operations.privacy import RECORDS, Privacy, Receipt
from tools.operations.trace import trace

pytestmark = pytest.mark.requirement("TXF-61")

HEADER = "transaction_id,timestamp,amount,currency,account_id,type,description,counterparty\n"
THEIRS = "ACC-1"
OTHERS = ("ACC-10", "ACC-1.2", "ACC-2")
# Whatever is told of the account in the files below has this in it.
PERSONAL = "Zaphod"


def row(number: int, account: str, *, amount: str = "1.50", text: str = "") -> str:
    return f'T-{number},2026-03-01T10:15:30Z,{amount},EUR,{account},debit,"{text}",\n'


def theirs(number: int, **more: str) -> str:
    return row(number, THEIRS, text=f"{PERSONAL}\nBeeblebrox", **more)


def document(number: int, account: str, **more: Any) -> dict[str, Any]:
    text = PERSONAL if account == THEIRS else "somebody"
    return {
        "transaction_id": f"J-{number}", "timestamp": "2026-03-01T10:15:30Z", "amount": 2, "currency": "EUR",
        "account_id": account, "type": "debit", "description": text,
    } | more  # fmt: skip


CSV = [HEADER, row(1, OTHERS[0]), theirs(2), row(3, OTHERS[1], amount="x"), theirs(4, amount="x"), row(5, OTHERS[2])]
CSV_LEFT = [line for line in CSV if PERSONAL not in line]
BROKEN = f"T-6,{THEIRS},{PERSONAL}\n"
LINES = [json.dumps(document(n, account)) + "\n" for n, account in enumerate([THEIRS, OTHERS[0], THEIRS, OTHERS[2]])]
ARRAY = [document(10 + n, account) for n, account in enumerate([OTHERS[0], THEIRS, THEIRS, OTHERS[2]])]


def text(lines: list[str]) -> bytes:
    return "".join(lines).encode()


def fill(system: Bare) -> None:
    """Files of every format, some more than once, with records of the account and of others."""
    system.send("a.csv", text(CSV))
    system.send("a.csv", text([HEADER, row(7, OTHERS[0])]))
    system.send("a.csv", text([*CSV, BROKEN]))
    system.send("b.csv", gzip.compress(text(CSV)), ContentEncoding="gzip")
    system.send("lines.json", text(LINES))
    system.send("array.json", json.dumps(ARRAY).encode())
    system.send("object.json", json.dumps({"transactions": ARRAY}, indent=2).encode())
    system.send("conflict.csv", text([HEADER, theirs(2, amount="9.99"), row(5, OTHERS[2], amount="9.99")]))
    system.send("other.csv", text([HEADER, row(8, OTHERS[0])]))
    system.send("empty.csv", b"")
    system.send("gone.csv", text([HEADER, theirs(9), row(11, OTHERS[0])]))
    system.client("s3").delete_object(Bucket=system.bucket, Key="gone.csv")
    by_hand = {"timestamp": {"N": "1"}, "classification": {"S": "unknown"}}
    for error_id, original in (("theirs", theirs(10)), ("others", row(12, OTHERS[1]))):
        item = by_hand | {"error_id": {"S": error_id}, "original": {"S": original}}
        system.client("dynamodb").put_item(TableName=system.table_name("errors"), Item=item)


def privacy(system: Bare, account: str = THEIRS) -> Privacy:
    return Privacy(system, Account(account))


def records(system: Bare) -> list[dict[str, Any]]:
    return system._query("files", "file", RECORDS, ConsistentRead=True)


def test_an_export_shows_everything_and_nothing_of_others(system: Bare) -> None:
    fill(system)
    holdings, _ = privacy(system).export()
    shown = holdings.document()

    assert {item["transaction_id"] for item in shown["transactions"]} == {"T-2", "J-0", "J-2", "J-11", "J-12", "T-9"}
    assert {item["description"] for item in shown["transactions"]} == {f"{PERSONAL}\nBeeblebrox", PERSONAL}
    assert sorted(item["classification"] for item in shown["errors"]) == ["conflict"] + ["rejected"] * 4 + ["unknown"]
    by_file: dict[str, list[int]] = {}
    for held in shown["objects"]:
        key = held["file"].removeprefix(f"{system.bucket}/").partition("@")[0]
        by_file[key] = by_file.get(key, []) + [record["number"] for record in held["records"]]
        assert all(PERSONAL in record["record"] for record in held["records"])
    assert by_file == {
        "a.csv": [3, 6, 3, 6, 9], "b.csv": [3, 6], "lines.json": [1, 3], "array.json": [2, 3], "object.json": [2, 3],
        "conflict.csv": [2], "gone.csv": [2],
    }  # fmt: skip
    assert not shown["not_searched"]
    assert not any(other in json.dumps(shown, default=str) for other in OTHERS)


def test_after_an_erasure_no_store_and_no_version_has_anything_of_the_account(system: Bare) -> None:
    fill(system)
    others_before = {item["transaction_id"] for item in system._scan("transactions") if item["account_id"] != THEIRS}
    erased, receipt = privacy(system).erase()

    assert erased.counts == {
        "transactions": 6, "errors": 6, "object_versions": 8, "records_in_objects": 15, "left": 0
    }  # fmt: skip
    held = system.holdings()
    assert PERSONAL not in held
    assert not Account(THEIRS).is_named_in([held.encode()])
    assert {item["transaction_id"] for item in system._scan("transactions")} == others_before
    assert {item.get("account_id") for item in system.errors()} == {OTHERS[1], OTHERS[2], None}
    assert system.contents("a.csv") == [text(CSV_LEFT), text([HEADER, row(7, OTHERS[0])]), text(CSV_LEFT)]
    assert system.contents("b.csv") == [text(CSV_LEFT)]
    assert system.contents("lines.json") == [text([LINES[1], LINES[3]])]
    assert json.loads(system.contents("object.json")[0] or b"") == {"transactions": [ARRAY[0], ARRAY[3]]}
    assert system.contents("gone.csv") == [text([HEADER, row(11, OTHERS[0])]), None]

    [record] = records(system)
    assert record["state"] == "complete"
    assert record["counts"] == erased.counts
    assert record["by"].startswith("arn:aws:")
    assert record["account_digest"] == receipt.digest(THEIRS) != Receipt(0, "another").digest(THEIRS)
    assert receipt.key not in held


def test_what_an_erasure_wrote_is_not_worked_off_and_a_repeat_finds_nothing(system: Bare) -> None:
    fill(system)
    privacy(system).erase()
    after = system.holdings()
    for version in [one for versions in system.versions.by_key().values() for one in versions if not one.is_marker]:
        if not system.work(version.file).segments:
            assert system.work_on.files.source(_arrival(version)) is None  # type: ignore[attr-defined]
    erased, _ = privacy(system).erase()
    assert not any(erased.counts.values())
    assert len(records(system)) == 2
    assert [line for line in system.holdings().splitlines() if RECORDS not in line] == [
        line for line in after.splitlines() if RECORDS not in line
    ]
    assert not any(privacy(system).export()[0].counts.values())


def test_two_accounts_of_one_file_are_erased_one_after_the_other(system: Bare) -> None:
    system.send("a.csv", text([HEADER, theirs(1), row(2, "B"), row(3, "C")]))
    privacy(system).erase()
    privacy(system, "B").erase()
    assert system.contents("a.csv") == [text([HEADER, row(3, "C")])]
    assert {item["account_id"] for item in system._scan("transactions")} == {"C"}


def test_a_transaction_of_another_account_is_still_found_in_what_was_written_again(system: Bare) -> None:
    uploaded = system.send("a.csv", text([HEADER, theirs(1), row(2, "B")]))
    privacy(system).erase()
    system.send("a.csv", text([HEADER, theirs(3)]))
    privacy(system).erase()
    told = [entry.what for entry in trace(system, "T-2", None).entries if entry.where == "bucket"]
    assert told == [f"written again by an erasure, as {system.versions.of_key('a.csv')[0].file}"]
    assert trace(system, "T-2", None).verdicts[0].what == f"T-2 is stored, from {uploaded}#4"


class Stopped(Exception):
    """The command ended here."""


def stop_at(system: Bare, call: int) -> Callable[[], None]:
    """Let the command end at a call that changes something. Returns what lets it go on again."""
    left = [call]
    names = [f"before-call.{name}" for name in (
        "s3.PutObject", "s3.DeleteObject", "dynamodb.BatchWriteItem", "dynamodb.PutItem"
    )]  # fmt: skip
    clients = [system.client("s3"), system.client("dynamodb")]

    def count(**_: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Stopped

    for client in clients:
        for name in names:
            client.meta.events.register(name, count)

    def restore() -> None:
        for client in clients:
            for name in names:
                client.meta.events.unregister(name, count)

    return restore


@pytest.mark.parametrize("calls", range(1, 10))
def test_an_erasure_that_stops_anywhere_is_finished_by_a_repeat(system: Bare, calls: int) -> None:
    system.send("a.csv", text(CSV))
    system.send("a.csv", text([HEADER, row(7, OTHERS[0])]))
    system.send("a.csv", text([HEADER, theirs(8), row(9, OTHERS[0])]))
    restore = stop_at(system, calls)
    with pytest.raises(Stopped):
        privacy(system).erase()
    restore()
    erased, _ = privacy(system).erase()

    assert not erased.left
    assert PERSONAL not in system.holdings()
    assert system.contents("a.csv") == [
        text(CSV_LEFT), text([HEADER, row(7, OTHERS[0])]), text([HEADER, row(9, OTHERS[0])])
    ]  # fmt: skip
    assert [record["state"] for record in records(system)] == ["begun", "complete"]


def test_what_cannot_be_erased_yet_is_named_and_left_whole(system: Bare) -> None:
    in_work = system.send("work.csv", text([HEADER, theirs(1)]), work=False)
    archived = system.send("old.csv", text([HEADER, theirs(2)]))
    system.client("s3").copy_object(
        Bucket=system.bucket, Key="old.csv", CopySource={"Bucket": system.bucket, "Key": "old.csv"},
        StorageClass="GLACIER",
    )  # fmt: skip
    system.send("a.csv", text([HEADER, theirs(3)]))
    before = [version.file for version in system.versions.of_key("old.csv")]

    erased, _ = privacy(system).erase()
    assert erased.left.keys() == {in_work, before[-1]}
    assert "is not finished" in erased.left[in_work]
    assert "aws s3api restore-object" in erased.left[before[-1]]
    assert before[0] == archived
    assert [version.file for version in system.versions.of_key("old.csv")] == before
    assert system.contents("work.csv") == [text([HEADER, theirs(1)])]
    assert system.contents("a.csv") == [HEADER.encode()]
    assert {item["transaction_id"] for item in system._scan("transactions")} == set()
    assert records(system)[0]["state"] == "incomplete"


def test_letters_on_their_way_are_told_of(system: Bare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.operations.privacy.until", lambda look: look())
    system.client("sqs").send_message(QueueUrl=system.dead_letter_queues["main"], MessageBody="{}")
    assert "1 letters are on their way" in privacy(system).erase()[0].left["dead-letter queue"]
    assert "dead-letter queue" in privacy(system).export()[0].left


def test_a_large_version_is_written_again_in_parts(system: Bare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.operations.object_versions.PART_BYTES", 5 * 1024 * 1024)
    rows = [row(number, "B", text="x" * 900) for number in range(12_000)]
    file = system.send("a.csv", text([HEADER, theirs(1), *rows]), work=False)
    system.client("dynamodb").put_item(
        TableName=system.table_name("files"),
        Item={"file": {"S": file}} | {
            name: {"N": "0"} for name in ("start", "first", "stored", "present", "conflicts", "rejected")
        },
    )  # fmt: skip
    privacy(system).erase()
    assert system.contents("a.csv") == [text([HEADER, *rows])]


def test_the_record_cannot_be_written_over(system: Bare) -> None:
    asked = privacy(system)
    receipt = asked._begin("export")
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        asked._put("export", receipt, {}, "attribute_not_exists(#file)")


def _arrival(version: Version) -> Arrival:
    return Arrival(version.bucket, version.key, version.id, "")
