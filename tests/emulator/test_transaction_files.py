"""transaction-files, end to end: every record of a file is stored or reported, whatever happens to the functions."""

from __future__ import annotations

import gzip
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.emulator import faults
from tests.emulator.transaction_file_system import TransactionFileSystem
from tools.waiting import wait_for

SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples" / "bank"


@pytest.mark.requirement("TXF-03", "TXF-11", "TXF-12", "TXF-20", "TXF-21", "TXF-22")
def test_every_record_of_a_file_is_stored_or_reported(transaction_files: TransactionFileSystem) -> None:
    rows = transaction_files.rows(250)
    rows[7]["currency"], rows[120]["amount"] = "XQX", "free"
    rows[230] = rows[10] | {"amount": "0.01"}
    file = transaction_files.upload(transaction_files.csv(rows), f"bank a/größe+{uuid.uuid4().hex}.csv")
    work = transaction_files.worked_off(file)
    assert (work.counts.stored, work.counts.rejected, work.counts.conflicts) == (247, 2, 1)
    assert len(transaction_files.stored(file)) == 247
    errors = {int(item["number"]): item for item in transaction_files.deployed.errors_of(file)}
    assert {number: item["classification"] for number, item in errors.items()} == {
        9: "rejected",
        122: "rejected",
        232: "conflict",
    }
    assert errors[232]["other"] == f"{file}#12"
    assert errors[9]["original"] == transaction_files.csv(rows).decode().splitlines()[8]
    assert [fault["field"] for fault in errors[122]["faults"]] == ["amount"]


@pytest.mark.requirement("TXF-11")
@pytest.mark.parametrize("shape", ["array", "object", "lines", "gzip"])
def test_each_shape_of_a_file_is_read(transaction_files: TransactionFileSystem, shape: str) -> None:
    rows = transaction_files.rows(120)
    data = {
        "array": json.dumps(rows).encode(),
        "object": json.dumps({"bank": "x", "transactions": rows}).encode(),
        "lines": "\n".join(map(json.dumps, rows)).encode(),
        "gzip": gzip.compress(transaction_files.csv(rows)),
    }[shape]
    key = f"test-{uuid.uuid4().hex}.{'csv' if shape == 'gzip' else 'json'}"
    file = transaction_files.upload(data, key, **({"ContentEncoding": "gzip"} if shape == "gzip" else {}))
    assert transaction_files.worked_off(file).counts.stored == 120


@pytest.mark.requirement("TXF-03")
def test_only_csv_and_json_files_are_processed(transaction_files: TransactionFileSystem) -> None:
    data = transaction_files.csv(transaction_files.rows(3))
    others = [transaction_files.upload(data, f"test-{uuid.uuid4().hex}{end}") for end in (".txt", ".csv.bak", ".CSV")]
    file = transaction_files.upload(transaction_files.csv(transaction_files.rows(3)))
    transaction_files.worked_off(file)
    assert not any(transaction_files.deployed.work(other).segments for other in others)


@pytest.mark.requirement("TXF-13")
def test_a_file_that_is_told_of_again_changes_nothing(transaction_files: TransactionFileSystem) -> None:
    rows = transaction_files.rows(150)
    rows[20]["currency"] = "XQX"
    file = transaction_files.upload(transaction_files.csv(rows))
    done = transaction_files.worked_off(file)
    stored, errors = transaction_files.stored(file), transaction_files.deployed.errors_of(file)
    name = transaction_files.function("processor")["name"]
    for _ in range(2):
        answer = transaction_files.client("lambda").invoke(FunctionName=name, Payload=transaction_files.arrival(file))
        assert "FunctionError" not in answer
    transaction_files.hand_on(transaction_files.segment(file))
    wait_for(transaction_files.empty, "the queues to be empty")
    assert transaction_files.deployed.work(file) == done
    assert transaction_files.stored(file) == stored
    assert transaction_files.deployed.errors_of(file) == errors


@pytest.mark.requirement("TXF-10", "TXF-12")
def test_a_burst_of_files_is_worked_off(transaction_files: TransactionFileSystem) -> None:
    contents = [transaction_files.csv(transaction_files.rows(20)) for _ in range(40)]
    with ThreadPoolExecutor(8) as pool:
        files = list(pool.map(transaction_files.upload, contents))
    assert {transaction_files.worked_off(file).counts.stored for file in files} == {20}


@pytest.mark.requirement("TXF-14", "TXF-16")
def test_a_file_goes_on_where_the_time_of_a_function_was_up(
    target: str, transaction_files: TransactionFileSystem
) -> None:
    if target == "aws":
        pytest.skip("a function's timeout is the deployment's, and a drill would change it for other files")
    rows = transaction_files.rows(3000)
    rows[2900]["currency"] = "XQX"
    # A function takes no new batch in its last 45 seconds: so this one takes one, and puts the rest back.
    with faults.timeout(transaction_files.client, transaction_files.function("processor")["name"], 40):
        file = transaction_files.upload(transaction_files.csv(rows))
        wait_for(lambda: transaction_files.deployed.work(file).segments, "the first part of the file to be done")
    work = transaction_files.worked_off(file)
    assert work.segments > 1
    assert (work.counts.stored, work.counts.rejected) == (2999, 1)
    assert len(transaction_files.stored(file)) == 2999


@pytest.mark.requirement("TXF-12", "TXF-30", "TXF-31")
def test_a_segment_that_fails_three_times_is_an_error_that_can_be_sent_again(
    target: str, transaction_files: TransactionFileSystem
) -> None:
    if target == "aws":
        pytest.skip(
            "IAM needs seconds to minutes until a denial holds everywhere, and a message comes back after 300 s"
        )
    # S3 does not tell of this one.
    file = transaction_files.upload(transaction_files.csv(transaction_files.rows(120)), f"test-{uuid.uuid4().hex}.txt")
    segment = transaction_files.segment(file)
    role, table = transaction_files.function("processor")["role_name"], transaction_files.deployed.data["tables"]
    with faults.denied(transaction_files.client, role, ["dynamodb:PutItem"], [table["transactions"]["arn"]]):
        transaction_files.hand_on(segment)
        error = transaction_files.error(file, "segment")
    assert (error["classification"], int(error["receive_count"])) == ("not_processed", 4)
    assert error["first_failure"] < error["last_failure"]
    assert not transaction_files.stored(file)
    assert transaction_files.deployed.redrive([error]) == {"segment": 1}
    assert transaction_files.worked_off(file).counts.stored == 120


@pytest.mark.requirement("TXF-10", "TXF-31")
def test_a_file_that_lambda_gave_up_on_is_one_error_however_often_it_is_told_of(
    target: str, transaction_files: TransactionFileSystem
) -> None:
    if target == "aws":
        pytest.skip("IAM needs seconds to minutes until a denial holds everywhere, and Lambda's attempts take minutes")
    role, table = transaction_files.function("processor")["role_name"], transaction_files.deployed.data["tables"]
    with faults.denied(transaction_files.client, role, ["dynamodb:PutItem"], [table["files"]["arn"]]):
        file = transaction_files.upload(transaction_files.csv(transaction_files.rows(10)))
        error = transaction_files.error(file, "file")
    assert (error["classification"], error["file"]) == ("not_processed", file)
    assert [fault["code"] for fault in error["faults"]] == ["not_processed"]
    for _ in range(2):
        transaction_files.send("dead_letters", error["original"])
    wait_for(transaction_files.empty, "the queues to be empty")
    assert transaction_files.deployed.errors_of(file) == [error]
    assert transaction_files.deployed.redrive([error]) == {"file": 1}
    assert transaction_files.worked_off(file).counts.stored == 10


@pytest.mark.requirement("TXF-31")
def test_a_letter_of_nobody_is_kept_as_it_is(transaction_files: TransactionFileSystem) -> None:
    body = f"nobody's {uuid.uuid4()}"
    transaction_files.send("dead_letters", body)
    found = wait_for(
        lambda: [item for item in transaction_files.deployed.errors() if item.get("original") == body], "the letter"
    )
    assert [(item["kind"], item["classification"]) for item in found] == [("message", "unknown")]


@pytest.mark.requirement("TXF-11")
@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the published samples do not lie beside this checkout")
def test_files_of_banks_are_refused_with_what_a_person_can_act_on(transaction_files: TransactionFileSystem) -> None:
    samples = sorted(SAMPLES.iterdir())
    run = uuid.uuid4().hex
    files = {path.name: transaction_files.upload(path.read_bytes(), f"{run}/{path.name}") for path in samples}
    assert len(files) > 20
    for name, file in files.items():
        work = transaction_files.worked_off(file)
        errors = transaction_files.deployed.errors_of(file)
        assert work.counts.stored == 0, name
        assert {item["classification"] for item in errors} <= {"rejected", "unreadable"}, name
        assert all(fault["message"] for item in errors for fault in item["faults"]), name
