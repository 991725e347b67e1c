"""CSV through the deployed API and workflow: what clients are answered, and what becomes of each row."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
import yaml

from functions.csv_upload.logic.api import MAXIMUM_BODY_BYTES
from tests.emulator.csv_upload_system import COLUMNS, DOCUMENT, CsvUploadSystem
from tools.operations.queues import receive
from tools.waiting import wait_for

INTERNALS = ("Traceback", "arn:", "functions.", "dynamodb", "Exception", "processing-status")


@pytest.mark.requirement("CSV-02", "CSV-11", "CSV-12", "CSV-14")
def test_each_row_of_a_file_is_stored_in_one_form_or_told_with_its_fault(csv_upload: CsvUploadSystem) -> None:
    rows = csv_upload.rows(250)
    rows[0] |= {"date": "01.03.2026", "amount": '"1.234,56"', "currency": "eur", "description": "  two   blanks "}
    rows[1] |= {"date": "2026-03-01T10:15:30+01:00", "amount": '"1,234.5"', "currency": "USD"}
    rows[2] |= {"amount": "1500", "currency": "jpy"}
    rows[7]["currency"], rows[120]["date"] = "XQX", "03/04/2026"
    upload_id = csv_upload.upload(csv_upload.csv(rows))
    status = csv_upload.ended(upload_id)
    assert (status["state"], status["attempt"]) == ("COMPLETED", 1)
    counts = {name: status[name] for name in ("rows", "valid", "invalid", "stored", "present", "conflicts")}
    assert counts == {"rows": 250, "valid": 248, "invalid": 2, "stored": 248, "present": 0, "conflicts": 0}
    faults = [(each["line"], each["faults"][0]["field"], each["faults"][0]["code"]) for each in status["faults"]]
    assert faults == [(9, "currency", "unknown"), (122, "date", "ambiguous")]
    stored = csv_upload.stored(upload_id)
    assert len(stored) == 248
    read = [(item["amount_minor"], item["currency"], item["timestamp"]) for item in stored[:3]]
    day, moment = 1_772_323_200_000, 1_772_356_530_000
    assert read == [(123456, "EUR", day), (123450, "USD", moment), (1500, "JPY", day)]
    assert stored[0]["description"] == "two blanks"
    assert [row["line"] for row in csv_upload.deployed.rejected(upload_id)] == [9, 122]
    assert csv_upload.deployed.rejected(upload_id)[1]["original"] == csv_upload.csv(rows).decode().splitlines()[121]


@pytest.mark.requirement("CSV-02", "CSV-11")
def test_a_file_with_too_few_valid_rows_fails_and_none_of_its_rows_is_stored(csv_upload: CsvUploadSystem) -> None:
    rows = csv_upload.rows(10)
    rows[3]["amount"] = rows[4]["amount"] = "free"
    upload_id = csv_upload.upload(csv_upload.csv(rows))
    status = csv_upload.ended(upload_id)
    assert (status["state"], status["valid"], status["invalid"]) == ("FAILED", 8, 2)
    assert "8 of 10 rows are valid" in status["reason"]
    assert csv_upload.stored(upload_id) == []
    assert len(csv_upload.deployed.rejected(upload_id)) == 2
    assert csv_upload.letters(upload_id) == []


@pytest.mark.requirement("CSV-03")
@pytest.mark.parametrize(
    ("content", "status", "part"),
    [
        pytest.param(b"", 400, "", id="empty"),
        pytest.param(b"transaction_id,date,currency\na,2026-03-01,EUR\n", 400, "amount", id="a column is missing"),
        pytest.param(",".join(COLUMNS).encode(), 400, "no row", id="no row"),
        pytest.param(b"\x1f\x8b\x08\x00binary", 400, "", id="no CSV"),
        pytest.param(b"x" * (MAXIMUM_BODY_BYTES + 1), 413, "POST /uploads", id="too large"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_what_is_wrong(
    csv_upload: CsvUploadSystem, content: bytes, status: int, part: str
) -> None:
    answer = csv_upload.post(content)
    assert answer.status == status
    text = json.dumps(answer.body)
    assert part in text
    assert not [word for word in INTERNALS if word in text]


@pytest.mark.requirement("CSV-03")
@pytest.mark.parametrize("content_type", ["application/json", "application/gzip", "text/csv; charset=latin-1"])
def test_what_is_not_said_to_be_csv_in_utf8_is_refused(csv_upload: CsvUploadSystem, content_type: str) -> None:
    answer = csv_upload.post(csv_upload.csv(csv_upload.rows(1)), content_type=content_type)
    assert answer.status == 415
    assert "text/csv" in answer.body["error"] or "charset" in answer.body["error"]


@pytest.mark.requirement("CSV-01", "CSV-03")
@pytest.mark.parametrize("key", [None, "of nobody, and long enough to be one"])
def test_without_a_key_nothing_is_answered_but_that_it_is_needed(csv_upload: CsvUploadSystem, key: str | None) -> None:
    deployed = csv_upload.deployed
    answers = [
        deployed.post(csv_upload.csv(csv_upload.rows(1)), key),
        deployed.announce(key),
        deployed.follow(f"/uploads/{uuid.uuid4()}", key),
    ]
    for answer in answers:
        assert answer.status == 403
        assert "x-api-key" in answer.body["error"]


@pytest.mark.requirement("CSV-03")
@pytest.mark.parametrize("upload_id", ["01956f3c-6d2a-7c1e-9b7a-2f6a51c0d3e4", "nothing", "%2e%2e"])
def test_an_upload_that_nobody_knows_is_not_found(csv_upload: CsvUploadSystem, upload_id: str) -> None:
    answer = csv_upload.deployed.follow(f"/uploads/{upload_id}", csv_upload.key)
    assert answer.status == 404
    assert answer.body["error"]


@pytest.mark.requirement("CSV-03")
@pytest.mark.parametrize(("method", "path"), [("GET", "/nothing"), ("POST", "/uploads/a/b"), ("DELETE", "/upload")])
@pytest.mark.parametrize("with_key", [True, False])
def test_a_path_or_method_that_there_is_not_is_refused_with_a_403_as_the_description_says(
    csv_upload: CsvUploadSystem, method: str, path: str, *, with_key: bool
) -> None:
    headers = {"x-api-key": csv_upload.key} if with_key else {}
    answer = csv_upload.deployed.api.request(method, path, None, headers)
    assert (answer.status, answer.body) == (403, {"error": "No such path or method"})
    assert '403 and the error "No such path or method"' in yaml.safe_load(DOCUMENT.read_text())["info"]["description"]


@pytest.mark.requirement("CSV-02")
def test_the_bytes_that_were_sent_are_stored(csv_upload: CsvUploadSystem) -> None:
    rows = csv_upload.rows(20)
    content = b"\xef\xbb\xbf" + csv_upload.csv(rows).replace(b"\n", b"\r\n") + b"\r\ntx,2026-03-01,1.00,EUR,,\xff,"
    upload_id = csv_upload.upload(content)
    status = csv_upload.ended(upload_id)
    assert (status["stored"], status["invalid"]) == (20, 1)
    assert status["faults"][0]["faults"][0]["code"] == "not_utf8"
    where = csv_upload.object_of(upload_id)
    kept = csv_upload.client("s3").get_object(Bucket=where["bucket"], Key=where["key"])["Body"].read()
    assert kept == content


@pytest.mark.requirement("CSV-02", "CSV-03")
def test_a_larger_file_goes_to_the_bucket_with_a_form_and_is_processed(csv_upload: CsvUploadSystem) -> None:
    rows = csv_upload.rows(2000)
    form = csv_upload.announce()
    content = csv_upload.csv(rows)
    assert csv_upload.ask(form["upload_id"]).status == 404
    status = csv_upload.deployed.api.post_form(form["url"], form["fields"], "large.csv", content)
    assert status in (200, 204)
    assert csv_upload.ended(form["upload_id"])["stored"] == 2000
    assert len(csv_upload.stored(form["upload_id"])) == 2000


@pytest.mark.requirement("CSV-03")
def test_a_form_is_for_one_key_one_size_and_one_kind_of_object(csv_upload: CsvUploadSystem) -> None:
    form = csv_upload.announce()
    assert form["maximum_bytes"] == 50_000_000
    content = csv_upload.csv(csv_upload.rows(1))
    for changes in (
        {"key": form["fields"]["key"].replace("incoming/", "validated/")},
        {"Content-Type": "text/html"},
        {"x-amz-server-side-encryption": "AES256"},
    ):
        status = csv_upload.deployed.api.post_form(form["url"], form["fields"] | changes, "a.csv", content)
        assert status == 403, changes
    assert csv_upload.deployed.api.post_form(form["url"], form["fields"], "a.csv", b"") == 400
    assert csv_upload.ask(form["upload_id"]).status == 404


@pytest.mark.requirement("CSV-12", "CSV-14")
def test_a_file_that_s3_tells_of_again_changes_nothing(csv_upload: CsvUploadSystem) -> None:
    upload_id = csv_upload.upload(csv_upload.csv(csv_upload.rows(150)))
    status, stored = csv_upload.ended(upload_id), csv_upload.stored(upload_id)
    for _ in range(2):
        csv_upload.start(upload_id)
    wait_for(lambda: len(csv_upload.executions(upload_id)) == 3, "the workflow to be through with all three")
    assert csv_upload.ask(upload_id).body == status
    assert csv_upload.stored(upload_id) == stored
    assert csv_upload.letters(upload_id) == []


@pytest.mark.requirement("CSV-12")
def test_rows_that_are_stored_already_are_told_apart_from_those_with_other_content(csv_upload: CsvUploadSystem) -> None:
    rows = csv_upload.rows(30)
    first = csv_upload.upload(csv_upload.csv(rows))
    csv_upload.ended(first)
    rows[4]["amount"] = "99.00"
    second = csv_upload.ended(csv_upload.upload(csv_upload.csv(rows)))
    assert (second["stored"], second["present"], second["conflicts"]) == (0, 29, 1)
    assert [each["line"] for each in second["conflicting"]] == [6]
    assert csv_upload.stored(first)[4]["amount_minor"] == 1250


@pytest.mark.requirement("CSV-10")
def test_a_burst_of_files_is_worked_off(csv_upload: CsvUploadSystem) -> None:
    contents = [csv_upload.csv(csv_upload.rows(10)) for _ in range(16)]
    with ThreadPoolExecutor(8) as pool:
        uploads = list(pool.map(csv_upload.upload, contents))
    assert {csv_upload.ended(upload_id)["stored"] for upload_id in uploads} == {10}


@pytest.mark.requirement("CSV-13", "CSV-23")
@pytest.mark.parametrize(("faulty", "outcome"), [(0, "COMPLETED"), (5, "FAILED")])
def test_the_topic_says_once_how_an_upload_ended(
    target: str, csv_upload: CsvUploadSystem, faulty: int, outcome: str
) -> None:
    if target == "aws":
        pytest.skip("a queue that listens would need a policy and a key of its own")
    sqs, sns = csv_upload.client("sqs"), csv_upload.client("sns")
    url = sqs.create_queue(QueueName=f"listener-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = csv_upload.deployed.service["topic"]["arn"]
    allow = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [allow | {"Resource": arn}]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True)
    try:
        rows = csv_upload.rows(10)
        for row in rows[:faulty]:
            row["amount"] = "free"
        upload_id = csv_upload.upload(csv_upload.csv(rows))
        csv_upload.ended(upload_id)

        def told() -> list[dict[str, Any]]:
            bodies = [json.loads(message.text) for message in receive(sqs, url, 1)]
            return [body for body in bodies if json.loads(body["Message"])["upload_id"] == upload_id]

        [body] = wait_for(told, "the topic to say how the upload ended")
    finally:
        sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
        sqs.delete_queue(QueueUrl=url)
    attributes = {name: value["Value"] for name, value in body["MessageAttributes"].items()}
    assert attributes == {"outcome": outcome, "upload_id": upload_id, "system": "csv-upload"}
    message = json.loads(body["Message"])
    assert (message["outcome"], message["counts"]["rows"]) == (outcome, 10)
    assert ("reason" in message, "rejected_rows" in message) == (bool(faulty), bool(faulty))


@pytest.mark.requirement("CSV-21")
def test_the_uploads_of_a_day_and_its_rows_are_found_by_the_index(csv_upload: CsvUploadSystem) -> None:
    upload_id = csv_upload.upload(csv_upload.csv(csv_upload.rows(3)))
    csv_upload.ended(upload_id)
    item = csv_upload.deployed.facts(upload_id)
    since = item["received_at"]
    assert item["day_shard"] == f"{since[:10]}#{upload_id[-1]}"
    found = csv_upload.deployed.uploads(datetime.fromisoformat(since))
    assert upload_id in {each["upload_id"] for each in found}
    for row in csv_upload.stored(upload_id):
        answer = csv_upload.client("dynamodb").query(
            TableName=csv_upload.deployed.table_name("transactions"),
            IndexName="day-timestamp-index",
            KeyConditionExpression="day_shard = :shard",
            ExpressionAttributeValues={":shard": {"S": row["day_shard"]}},
        )
        assert row["transaction_id"] in {each["transaction_id"]["S"] for each in answer["Items"]}
        assert row["day_shard"].startswith("2026-03-01#")
