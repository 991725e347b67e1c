"""Behind the webhooks' API: logs a line, and makes the three calls of AWS that a hand-over takes (WHK-12), no more."""

from __future__ import annotations

import json
import os
from typing import Any

import boto3

dynamodb = boto3.client("dynamodb")
functions = boto3.client("lambda")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    print("{}")
    body = event["body"]
    webhook = json.loads(body)
    event_id, type_, timestamp = webhook["event_id"], webhook["transaction_type"], webhook["timestamp"]
    correlation_id = event["requestContext"]["requestId"]
    dynamodb.put_item(
        TableName=os.environ["DYNAMODB_TABLE"],
        Item={
            "event_id": {"S": event_id},
            "transaction_type": {"S": type_},
            "timestamp": {"S": timestamp},
            "correlation_id": {"S": correlation_id},
            "event": {"S": body},
            "body_digest": {"S": "0" * 64},
            "status": {"S": "RECEIVED"},
            "received_at": {"S": timestamp},
            "expires_at": {"N": "4102444800"},
            "lease_holder": {"S": context.aws_request_id},
            "lease_until": {"N": "4102444800000"},
        },
        ConditionExpression="attribute_not_exists(event_id)",
    )
    hand_over = {
        "event_id": event_id,
        "transaction_type": type_,
        "timestamp": timestamp,
        "correlation_id": correlation_id,
        "payload": body,
    }
    functions.invoke(
        FunctionName=os.environ["ROUTER_LAMBDA_NAME"], InvocationType="Event", Payload=json.dumps(hand_over)
    )["Payload"].read()
    dynamodb.update_item(
        TableName=os.environ["DYNAMODB_TABLE"],
        Key={"event_id": {"S": event_id}},
        UpdateExpression="SET #status = :status, handed_over_at = :at",
        ConditionExpression="#status = :expected",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={
            ":status": {"S": "HANDED_OVER"},
            ":expected": {"S": "RECEIVED"},
            ":at": {"S": timestamp},
        },
    )
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": "{}"}
