"""What each function's role may do succeeds, and everything else is denied, asked from inside the role."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer

from functions.common.faults import Fault
from functions.common.messages import as_message
from functions.common.records.batches import Rejected
from functions.transaction_files.logic.reports import of_rejected
from tests.emulator.conftest import System
from tests.emulator.csv_upload_system import CsvUploadSystem
from tests.emulator.probe import DENIED, Call, probe
from tests.emulator.transaction_file_system import TransactionFileSystem
from tests.emulator.webhook_system import WebhookSystem

FUNCTIONS = ["event-trigger", "event-validator", "event-processor", "event-enricher"]


def item(table: str) -> dict[str, Any]:
    return {"TableName": table, "Item": {"event_id": {"S": f"probe:{uuid.uuid4()}"}, "stage": {"S": "probe"}}}


def allowed(system: System, function: str) -> list[Call]:
    calls: list[Call] = [("dynamodb", "put_item", item(system.deployed.data["table"]["name"]))]
    letter = {"step": function, "error": "Probe", "cause": "", "correlation_id": "probe", "input": {}}
    queue = system.deployed.dead_letter_queues[function]
    if function in {"event-trigger", "event-validator"}:
        calls.append(("sqs", "send_message", {"QueueUrl": queue, "MessageBody": json.dumps(letter)}))
    if function == "event-trigger":
        entry = {
            "EventBusName": system.deployed.service["bus"]["name"],
            "Source": "payment-events",
            "DetailType": "probe",
            "Detail": "{}",
        }
        calls.append(("events", "put_events", {"Entries": [entry]}))
    return calls


def forbidden(system: System, function: str) -> list[Call]:
    """Calls that would do harm name things that do not exist: who may make them is told so, and nothing is lost."""
    table = system.deployed.data["table"]["name"]
    key = {"event_id": {"S": "probe"}, "stage": {"S": "probe"}}
    other = next(name for name in FUNCTIONS if name != function)
    service = system.deployed.service
    calls: list[Call] = [
        ("s3", "delete_bucket", {"Bucket": "no-such-bucket-of-the-probe"}),
        ("dynamodb", "delete_table", {"TableName": "no-such-table-of-the-probe"}),
        ("dynamodb", "scan", {"TableName": table}),
        ("dynamodb", "delete_item", {"TableName": table, "Key": key}),
        ("dynamodb", "put_item", item("financial-event-pipelines-locks")),
        ("sqs", "receive_message", {"QueueUrl": system.deployed.dead_letter_queues[function]}),
        ("sqs", "send_message", {"QueueUrl": system.deployed.dead_letter_queues[other], "MessageBody": "{}"}),
        ("sns", "publish", {"TopicArn": service["topic"]["arn"], "Message": "{}"}),
        ("lambda", "invoke", {"FunctionName": service["functions"][other]["name"]}),
        ("stepfunctions", "start_execution", {"stateMachineArn": service["workflow"]["arn"]}),
        ("s3", "list_buckets", {}),
        ("iam", "list_roles", {}),
        ("kms", "list_keys", {}),
        ("events", "delete_rule", {"Name": "no-such-rule", "EventBusName": service["bus"]["name"]}),
    ]
    if function != "event-trigger":
        entry = {"EventBusName": service["bus"]["name"], "Source": "probe", "DetailType": "probe", "Detail": "{}"}
        calls.append(("events", "put_events", {"Entries": [entry]}))
    return calls


def allowed_to_webhooks(system: WebhookSystem, function: str) -> list[Call]:
    if function == "event-router":
        message = {
            "MessageBody": "{}",
            "MessageAttributes": {"event_id": {"DataType": "String", "StringValue": "probe"}},
        }
        return [
            ("sqs", "send_message", {"QueueUrl": queue["url"], **message})
            for queue in system.deployed.service["queues"].values()
        ]
    table, key = system.deployed.data["table"]["name"], {"event_id": {"S": f"probe-{uuid.uuid4()}"}}
    update = {"UpdateExpression": "SET lease_until = :now", "ExpressionAttributeValues": {":now": {"N": "0"}}}
    return [
        ("dynamodb", "put_item", {"TableName": table, "Item": key}),
        ("dynamodb", "get_item", {"TableName": table, "Key": key}),
        ("dynamodb", "update_item", {"TableName": table, "Key": key, **update}),
        ("lambda", "invoke", dry_run(system.function("event-router")["name"])),
        ("secretsmanager", "get_secret_value", {"SecretId": system.deployed.data["signing_secret"]["arn"]}),
    ]


def forbidden_to_webhooks(system: WebhookSystem, function: str) -> list[Call]:
    table, key = system.deployed.data["table"]["name"], {"event_id": {"S": "probe"}}
    queue = system.deployed.service["queues"]["payment"]
    calls: list[Call] = [
        ("dynamodb", "scan", {"TableName": table}),
        ("dynamodb", "delete_item", {"TableName": table, "Key": key}),
        ("dynamodb", "delete_table", {"TableName": "no-such-table-of-the-probe"}),
        ("dynamodb", "put_item", item("financial-event-pipelines-locks")),
        ("lambda", "invoke", dry_run(system.function("webhook-validator")["name"])),
        ("lambda", "delete_function", {"FunctionName": "no-such-function-of-the-probe"}),
        ("secretsmanager", "put_secret_value", {"SecretId": "no-such-secret-of-the-probe", "SecretString": "{}"}),
        ("sqs", "receive_message", {"QueueUrl": queue["url"]}),
        ("sqs", "send_message", {"QueueUrl": queue["dead_letters"]["url"], "MessageBody": "{}"}),
        ("s3", "list_buckets", {}),
        ("iam", "list_roles", {}),
        ("kms", "list_keys", {}),
        ("sns", "list_topics", {}),
    ]
    if function == "webhook-validator":
        calls.append(("sqs", "send_message", {"QueueUrl": queue["url"], "MessageBody": "{}"}))
    else:
        calls += [
            ("dynamodb", "get_item", {"TableName": table, "Key": key}),
            ("dynamodb", "put_item", {"TableName": table, "Item": key}),
            ("lambda", "invoke", dry_run(system.function("event-router")["name"])),
            ("secretsmanager", "get_secret_value", {"SecretId": system.deployed.data["signing_secret"]["arn"]}),
        ]
    return calls


def dry_run(function: str) -> dict[str, str]:
    """Asks whether the function may be invoked, and does not."""
    return {"FunctionName": function, "InvocationType": "DryRun"}


def assert_may_do_these_and_not_those(
    client: Callable[[str], Any], role_arn: str, may: list[Call], may_not: list[Call]
) -> None:
    with probe(client, role_arn) as ask:
        answers = ask(may + may_not)
    assert [(call[:2], answer) for call, answer in zip(may, answers, strict=False) if answer != "ok"] == []
    denials = list(zip(may_not, answers[len(may) :], strict=True))
    assert [(call[:2], answer) for call, answer in denials if answer not in DENIED] == []
    assert len(denials) >= 10


@pytest.mark.requirement("EVT-33", "PLT-31", "PLT-43")
@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_what_it_does_and_nothing_else(payment_events: System, function: str) -> None:
    role = payment_events.deployed.service["functions"][function]["role_arn"]
    may, may_not = allowed(payment_events, function), forbidden(payment_events, function)
    assert_may_do_these_and_not_those(payment_events.client, role, may, may_not)


@pytest.mark.requirement("WHK-13", "PLT-31", "PLT-43")
@pytest.mark.parametrize("function", ["webhook-validator", "event-router"])
def test_a_function_of_webhooks_may_do_what_it_does_and_nothing_else(webhooks: WebhookSystem, function: str) -> None:
    may, may_not = allowed_to_webhooks(webhooks, function), forbidden_to_webhooks(webhooks, function)
    assert_may_do_these_and_not_those(webhooks.client, webhooks.function(function)["role_arn"], may, may_not)


def transaction_of_one(table: str, item: dict[str, Any]) -> Call:
    return ("dynamodb", "transact_write_items", {"TransactItems": [{"Put": {"TableName": table, "Item": item}}]})


def allowed_to_transaction_files(system: TransactionFileSystem, function: str, file: str) -> list[Call]:
    """What is written is of a file that is worked off, and changes nothing for it."""
    tables = {name: table["name"] for name, table in system.deployed.data["tables"].items()}
    queue, now = system.deployed.service["queues"]["main"], {"N": "0"}
    if function == "dlq-processor":
        error = {"error_id": {"S": f"probe-{uuid.uuid4()}"}, "timestamp": now, "classification": {"S": "unknown"}}
        return [
            ("dynamodb", "put_item", {"TableName": tables["errors"], "Item": error | {"kind": {"S": "message"}}}),
            *consumes(queue["dead_letters"]["url"]),
        ]
    bucket, _, rest = file.partition("/")
    key, _, version = rest.rpartition("@")
    [stored] = system.stored(file)
    record = {name: TypeSerializer().serialize(value) for name, value in stored.items()}
    letter = as_message(
        of_rejected(system.segment(file).source, None, Rejected(1, "", (Fault("$", "probe", "is a probe"),)))
    )
    return [
        ("s3", "get_object", {"Bucket": bucket, "Key": key}),
        ("s3", "get_object", {"Bucket": bucket, "Key": key, "VersionId": version, "Range": "bytes=0-9"}),
        ("s3", "head_object", {"Bucket": bucket, "Key": key, "VersionId": version}),
        transaction_of_one(tables["transactions"], record),
        ("dynamodb", "put_item", {"TableName": tables["files"], "Item": {"file": {"S": "probe"}, "start": now}}),
        ("sqs", "send_message", {"QueueUrl": queue["url"], "MessageBody": as_message(system.segment(file))}),
        ("sqs", "send_message", {"QueueUrl": queue["dead_letters"]["url"], "MessageBody": letter}),
        *consumes(queue["url"]),
    ]


def consumes(queue: str) -> list[Call]:
    """What a mapping does in the function's role, with a message that stays where it is."""
    return [
        ("sqs", "receive_message", {"QueueUrl": queue, "VisibilityTimeout": 0}),
        ("sqs", "get_queue_attributes", {"QueueUrl": queue, "AttributeNames": ["QueueArn"]}),
    ]


def forbidden_to_transaction_files(system: TransactionFileSystem, function: str, file: str) -> list[Call]:
    tables = {name: table["name"] for name, table in system.deployed.data["tables"].items()}
    queue, bucket = system.deployed.service["queues"]["main"], system.deployed.bucket
    other = "dlq-processor" if function == "processor" else "processor"
    record, error = ({name: {"S": "probe"}, "timestamp": {"N": "0"}} for name in ("transaction_id", "error_id"))
    calls: list[Call] = [
        ("s3", "put_object", {"Bucket": bucket, "Key": "probe.txt", "Body": ""}),
        ("s3", "delete_object", {"Bucket": bucket, "Key": "no-such-object-of-the-probe"}),
        ("s3", "list_objects_v2", {"Bucket": bucket}),
        ("s3", "list_object_versions", {"Bucket": bucket}),
        ("s3", "get_bucket_policy", {"Bucket": bucket}),
        ("s3", "list_buckets", {}),
        ("s3", "delete_bucket", {"Bucket": "no-such-bucket-of-the-probe"}),
        ("dynamodb", "delete_table", {"TableName": "no-such-table-of-the-probe"}),
        ("dynamodb", "get_item", {"TableName": tables["transactions"], "Key": record}),
        ("dynamodb", "delete_item", {"TableName": tables["transactions"], "Key": record}),
        ("dynamodb", "scan", {"TableName": tables["transactions"]}),
        ("dynamodb", "scan", {"TableName": tables["errors"]}),
        ("dynamodb", "delete_item", {"TableName": tables["errors"], "Key": error}),
        ("lambda", "invoke", dry_run(system.function(other)["name"])),
        ("sns", "list_topics", {}),
        ("iam", "list_roles", {}),
        ("kms", "list_keys", {}),
    ]
    if function == "processor":
        return [
            *calls,
            transaction_of_one(tables["errors"], error),
            ("sqs", "receive_message", {"QueueUrl": queue["dead_letters"]["url"], "VisibilityTimeout": 0}),
        ]
    where, _, rest = file.partition("/")
    return [
        *calls,
        ("s3", "get_object", {"Bucket": where, "Key": rest.rpartition("@")[0]}),
        transaction_of_one(tables["transactions"], record),
        ("dynamodb", "put_item", {"TableName": tables["files"], "Item": {"file": {"S": "probe"}, "start": {"N": "0"}}}),
        ("sqs", "receive_message", {"QueueUrl": queue["url"], "VisibilityTimeout": 0}),
        ("sqs", "send_message", {"QueueUrl": queue["url"], "MessageBody": "{}"}),
        ("sqs", "send_message", {"QueueUrl": queue["dead_letters"]["url"], "MessageBody": "{}"}),
    ]


@pytest.mark.requirement("TXF-15", "TXF-32", "PLT-31", "PLT-43")
@pytest.mark.parametrize("function", ["processor", "dlq-processor"])
def test_a_function_of_transaction_files_may_do_what_it_does_and_nothing_else(
    transaction_files: TransactionFileSystem, function: str
) -> None:
    file = transaction_files.upload(transaction_files.csv(transaction_files.rows(1)))
    transaction_files.worked_off(file)
    may = allowed_to_transaction_files(transaction_files, function, file)
    may_not = forbidden_to_transaction_files(transaction_files, function, file)
    role = transaction_files.function(function)["role_arn"]
    assert_may_do_these_and_not_those(transaction_files.client, role, may, may_not)


def allowed_to_csv_upload(system: CsvUploadSystem, function: str, upload_id: str) -> list[Call]:
    """What is written is of an upload that has an end, or of none that there will ever be."""
    where, key = system.object_of(upload_id), {"upload_id": {"S": upload_id}}
    tables = {name: table["name"] for name, table in system.deployed.data["tables"].items()}
    update = {"UpdateExpression": "SET probed = :now", "ExpressionAttributeValues": {":now": {"N": "0"}}}
    notes: Call = ("dynamodb", "update_item", {"TableName": tables["status"], "Key": key, **update})
    looks: Call = ("dynamodb", "get_item", {"TableName": tables["status"], "Key": key})
    version = {"Bucket": where["bucket"], "Key": where["key"], "VersionId": where["version_id"]}
    reads: list[Call] = [
        ("s3", "get_object", {"Bucket": where["bucket"], "Key": where["key"]}),
        ("s3", "get_object", {**version, "Range": "bytes=0-9"}),
    ]
    match function:
        case "csv-validator-api":
            stores = [f"{folder}no-upload-of-the-probe.txt" for folder in ("validated/2026-03-01/", "incoming/")]
            return [looks, notes, *(("s3", "put_object", {"Bucket": where["bucket"], "Key": name}) for name in stores)]
        case "csv-validator":
            keeps = {"Bucket": where["bucket"], "Key": "rejected/2026-03-01/no-upload-of-the-probe.json"}
            return [notes, *reads, ("s3", "put_object", keeps)]
        case "data-transformer":
            [row] = system.stored(upload_id)
            item = {name: TypeSerializer().serialize(value) for name, value in row.items()}
            return [notes, *reads, transaction_of_one(tables["transactions"], item)]
        case _:
            topic = system.deployed.service["topic"]["arn"]
            return [looks, notes, ("sns", "publish", {"TopicArn": topic, "Message": "{}"})]


def forbidden_to_csv_upload(system: CsvUploadSystem, function: str, upload_id: str) -> list[Call]:
    where, key = system.object_of(upload_id), {"upload_id": {"S": upload_id}}
    tables = {name: table["name"] for name, table in system.deployed.data["tables"].items()}
    service = system.deployed.service
    row = {"transaction_id": {"S": f"probe-{uuid.uuid4()}"}}
    calls: list[Call] = [
        ("s3", "delete_object", {"Bucket": where["bucket"], "Key": "no-such-object-of-the-probe"}),
        ("s3", "list_objects_v2", {"Bucket": where["bucket"]}),
        ("s3", "put_object", {"Bucket": where["bucket"], "Key": "probe.txt", "Body": ""}),
        ("s3", "list_buckets", {}),
        ("dynamodb", "scan", {"TableName": tables["status"]}),
        ("dynamodb", "scan", {"TableName": tables["transactions"]}),
        ("dynamodb", "delete_item", {"TableName": tables["status"], "Key": key}),
        ("dynamodb", "put_item", {"TableName": tables["status"], "Item": key}),
        ("dynamodb", "delete_item", {"TableName": tables["transactions"], "Key": row}),
        ("dynamodb", "get_item", {"TableName": tables["transactions"], "Key": row}),
        ("dynamodb", "delete_table", {"TableName": "no-such-table-of-the-probe"}),
        ("sqs", "receive_message", {"QueueUrl": service["dead_letters"]["url"], "VisibilityTimeout": 0}),
        ("sqs", "send_message", {"QueueUrl": service["dead_letters"]["url"], "MessageBody": "{}"}),
        ("stepfunctions", "start_execution", {"stateMachineArn": service["workflow"]["arn"]}),
        ("lambda", "invoke", dry_run(system.function("data-transformer")["name"])),
        ("apigateway", "get_api_keys", {}),
        ("iam", "list_roles", {}),
        ("kms", "list_keys", {}),
    ]
    if function != "notification-sender":
        calls.append(("sns", "publish", {"TopicArn": service["topic"]["arn"], "Message": "{}"}))
    if function in ("csv-validator", "data-transformer"):
        calls.append(("dynamodb", "get_item", {"TableName": tables["status"], "Key": key}))
    else:
        calls.append(("s3", "get_object", {"Bucket": where["bucket"], "Key": where["key"]}))
    if function != "csv-validator-api":
        name = "validated/2026-03-01/no-upload-of-the-probe.txt"
        calls.append(("s3", "put_object", {"Bucket": where["bucket"], "Key": name}))
    if function != "csv-validator":
        name = "rejected/2026-03-01/no-upload-of-the-probe.json"
        calls.append(("s3", "put_object", {"Bucket": where["bucket"], "Key": name}))
    if function != "data-transformer":
        calls.append(transaction_of_one(tables["transactions"], row))
    return calls


@pytest.mark.requirement("CSV-20", "PLT-31", "PLT-43")
@pytest.mark.parametrize("function", ["csv-validator-api", "csv-validator", "data-transformer", "notification-sender"])
def test_a_function_of_csv_upload_may_do_what_it_does_and_nothing_else(
    csv_upload: CsvUploadSystem, function: str
) -> None:
    upload_id = csv_upload.upload(csv_upload.csv(csv_upload.rows(1)))
    csv_upload.ended(upload_id)
    may = allowed_to_csv_upload(csv_upload, function, upload_id)
    may_not = forbidden_to_csv_upload(csv_upload, function, upload_id)
    assert_may_do_these_and_not_those(csv_upload.client, csv_upload.function(function)["role_arn"], may, may_not)
