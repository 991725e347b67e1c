"""What is deployed leaves alone what an erasure writes, and logs nothing of what files say."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.emulator.transaction_file_system import TransactionFileSystem
from tools.operations.account_records import Account
from tools.operations.logs import Window, find
from tools.operations.privacy import Privacy
from tools.operations.trace import trace
from tools.operations.transaction_files import TransactionFiles
from tools.waiting import wait_for

HEADER = "transaction_id,timestamp,amount,currency,account_id,type,description\n"


@pytest.mark.requirement("TXF-60", "TXF-61")
def test_after_an_erasure_nothing_of_the_account_is_left_and_nothing_is_processed_again(
    transaction_files: TransactionFileSystem, tmp_path: Path
) -> None:
    system = transaction_files.deployed
    run = uuid.uuid4().hex[:8]
    theirs, others, person = f"theirs-{run}", f"others-{run}", f"Zaphod {run}"

    def row(number: int, account: str, amount: str = "1.50") -> str:
        text = person if account == theirs else ""
        return f"T-{run}-{number},2026-03-01T10:15:30Z,{amount},EUR,{account},debit,{text}\n"

    file = tmp_path / f"{run}.csv"
    kept = [HEADER, row(1, others), row(3, others)]
    file.write_text("".join([kept[0], kept[1], row(2, theirs), kept[2], row(4, theirs, "wrong")]))
    began = time.time()
    sent = system.upload(file)
    wait_for(lambda: system.work(sent).is_done and system.errors_of(sent), f"{sent} to be done, and its error")

    erased, _ = Privacy(system, Account(theirs)).erase()
    assert erased.counts == {
        "transactions": 1, "errors": 1, "object_versions": 1, "records_in_objects": 2, "left": 0
    }  # fmt: skip
    [version] = system.versions.of_key(file.name)
    content = system.versions.content(version, "")
    assert b"".join(content(0)) == "".join(kept).encode()

    def left_alone() -> bool:
        found = trace(system, version.file, None)
        return any("written by an erasure" in entry.what for entry in found.entries)

    wait_for(left_alone, "the processor to leave the version alone that the erasure wrote")
    assert not system.work(version.file).segments
    assert not any(Privacy(system, Account(theirs)).export()[0].counts.values())
    assert {one["transaction_id"] for one in Privacy(system, Account(others)).export()[0].transactions} == {
        f"T-{run}-1", f"T-{run}-3"
    }  # fmt: skip
    assert not _logged(system, [theirs, person, f"T-{run}-2"], began)


def _logged(system: TransactionFiles, texts: list[str], since: float) -> list[str]:
    window = Window(datetime.fromtimestamp(since, UTC) - timedelta(minutes=1), datetime.now(UTC) + timedelta(minutes=1))
    return [line.text for line in find(system.client("logs"), system.log_groups, texts, [window])]
