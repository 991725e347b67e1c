"""Who may send: signatures, their age, and secrets that change. The secrets stay where they belong."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

import pytest

from functions.webhooks.logic.signatures import sign
from tests.emulator import faults
from tests.emulator.webhook_system import WebhookSystem
from tools.waiting import wait_for

pytestmark = pytest.mark.requirement("WHK-07")

FORGED = "forged" * 8

# Given body and secret, the headers of a request that must be refused; and how the log calls the reason.
Headers = Callable[[bytes, str], dict[str, str]]


def headers(timestamp: str, signature: str) -> dict[str, str]:
    return {"X-Webhook-Timestamp": timestamp, "X-Webhook-Signature": signature}


def signed(body: bytes, secret: str, at: float) -> dict[str, str]:
    return headers(str(int(at)), "v1=" + sign(body, str(int(at)), secret.encode()))


REFUSED: dict[str, tuple[Headers, str]] = {
    "no headers": (lambda body, secret: {}, "no_signature"),
    "no signature": (lambda body, secret: {"X-Webhook-Timestamp": str(int(time.time()))}, "no_signature"),
    "signature of another scheme": (
        lambda body, secret: headers(str(int(time.time())), "v0=" + sign(body, "0", secret.encode())),
        "no_signature",
    ),
    "no timestamp": (
        lambda body, secret: {"X-Webhook-Signature": signed(body, secret, time.time())["X-Webhook-Signature"]},
        "no_timestamp",
    ),
    "timestamp of another form": (
        lambda body, secret: headers("today", "v1=" + sign(body, "today", secret.encode())),
        "no_timestamp",
    ),
    "too old": (lambda body, secret: signed(body, secret, time.time() - 310), "outside_tolerance"),
    "too far ahead": (lambda body, secret: signed(body, secret, time.time() + 330), "outside_tolerance"),
    "another secret": (lambda body, secret: signed(body, FORGED, time.time()), "no_match"),
    "another body": (lambda body, secret: signed(body + b" ", secret, time.time()), "no_match"),
    "another timestamp than was signed": (
        lambda body, secret: signed(body, secret, time.time()) | {"X-Webhook-Timestamp": str(int(time.time()) - 5)},
        "no_match",
    ),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_a_request_without_a_valid_signature_is_refused_for_the_same_visible_reason(
    webhooks: WebhookSystem, reason: str
) -> None:
    make, code = REFUSED[reason]
    event, started = webhooks.event(), time.time()
    body = json.dumps(event).encode()
    answer = webhooks.deployed.post(body, make(body, webhooks.secrets[-1]))
    assert (answer.status, answer.body) == (401, {"error": "Invalid signature"})
    assert webhooks.item(event["event_id"]) == {}
    webhooks.logged("webhook-validator", f"signature:{code}", started)


@pytest.mark.parametrize("age_s", [-270, 270])
def test_a_signature_of_five_minutes_difference_is_taken(webhooks: WebhookSystem, age_s: int) -> None:
    assert webhooks.post(webhooks.event(), at=time.time() - age_s).status == 200


def test_one_valid_signature_among_several_is_enough(webhooks: WebhookSystem) -> None:
    body, timestamp = json.dumps(webhooks.event()).encode(), str(int(time.time()))
    signatures = [f"v1={sign(body, timestamp, secret.encode())}" for secret in (FORGED, webhooks.secrets[-1])]
    assert webhooks.deployed.post(body, headers(timestamp, ",".join(signatures))).status == 200


def test_after_a_rotation_the_new_secret_and_the_one_before_are_valid_and_no_older_one(
    webhooks: WebhookSystem,
) -> None:
    def status(secret: str) -> int:
        return webhooks.post(webhooks.event(), secret).status

    oldest = webhooks.secrets[-1]
    assert status(oldest) == 200
    webhooks.rotate_secret()
    # A warm function looks for newer secrets when a signature does not match, at most every half a minute.
    wait_for(lambda: status(webhooks.secrets[-1]) == 200, "the new secret to be taken")
    assert status(oldest) == 200
    webhooks.rotate_secret()
    # A function that starts knows the newest ones, whatever a warm one still remembers.
    faults.restart(webhooks.client, webhooks.function("webhook-validator")["name"])
    assert [status(secret) for secret in (oldest, *webhooks.secrets[-2:])] == [401, 200, 200]


@pytest.mark.requirement("WHK-07", "PLT-10")
def test_no_state_holds_a_secret(webhooks: WebhookSystem) -> None:
    def versions() -> Iterator[bytes]:
        backend = next(iter(webhooks.deployed.target.backends.values()))
        s3, bucket = webhooks.deployed.target.client("s3", backend.region), backend.bucket
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for version in page["Versions"]:
                yield s3.get_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])["Body"].read()

    states = list(versions())
    # The container itself is in a state, so we would see what is in it.
    assert any(webhooks.deployed.data["signing_secret"]["arn"].encode() in state for state in states)
    assert not [secret for secret in webhooks.secrets if any(secret.encode() in state for state in states)]


def test_no_log_holds_a_secret_or_a_signature(webhooks: WebhookSystem) -> None:
    event, started = webhooks.event(), time.time()
    body = json.dumps(event).encode()
    sent = signed(body, webhooks.secrets[-1], started)
    assert webhooks.deployed.post(body, sent).status == 200
    webhooks.logged("webhook-validator", event["event_id"], started)
    webhooks.logged("event-router", event["event_id"], started)
    logs = webhooks.client("logs")
    lines = [
        line["message"]
        for group in webhooks.deployed.service["log_group_names"]
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        for line in page["events"]
    ]
    hidden = [*webhooks.secrets, sent["X-Webhook-Signature"].removeprefix("v1=")]
    assert not [line for line in lines if any(value in line for value in hidden)]
