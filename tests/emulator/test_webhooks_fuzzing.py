"""The deployed API against its own description: whatever is sent, the answer is one that the description has."""

from __future__ import annotations

import time
from collections import Counter

import pytest
import requests
import schemathesis
import yaml
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from functions.webhooks.logic.signatures import sign
from tests.emulator.webhook_system import WebhookSystem
from tools.project import ROOT

EXAMPLES = 500
DOCUMENT = ROOT / "modules" / "systems" / "webhooks" / "service" / "openapi.yaml"


class Signature(requests.auth.AuthBase):
    """Signs what goes over the wire."""

    def __init__(self, secret: str) -> None:
        self._key = secret.encode()

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        body = request.body or b""
        assert isinstance(body, bytes | str)
        timestamp = str(int(time.time()))
        signature = sign(body.encode() if isinstance(body, str) else body, timestamp, self._key)
        request.headers.update({"X-Webhook-Timestamp": timestamp, "X-Webhook-Signature": f"v1={signature}"})
        return request


def run(webhooks: WebhookSystem, signature: Signature | None) -> Counter[int]:
    """Send what schemathesis makes of the description, in every phase and with every check: examples, the limits of
    each rule and just beyond, methods that are not described, and valid and invalid data at random.

    Fails with what a check has found. Returns how often each status was answered.
    """
    settings = {
        "base-url": webhooks.deployed.url.removesuffix("/webhook"),
        "generation": {
            "deterministic": True,
            "max-examples": EXAMPLES,
            # Without them no request lacks the headers of a signature: a request that is signed has them.
            "with-security-parameters": signature is None,
        },
    }
    schema = schemathesis.openapi.from_dict(
        yaml.safe_load(DOCUMENT.read_text()), config=SchemathesisConfig.from_dict(settings)
    )
    if signature is not None:
        schema.auth.set_from_requests(signature)
    statuses: Counter[int] = Counter()
    phases, found = set(), []
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            found.append(str(event))
        if isinstance(event, events.ScenarioFinished):
            phases.add(event.phase.value)
            answers = (interaction.response for interaction in event.recorder.interactions.values())
            statuses.update(answer.status_code for answer in answers if answer is not None)
            found += [
                f"{check.name}: {check.failure_info.failure.message}\n{check.failure_info.code_sample}"
                for checks in event.recorder.checks.values()
                for check in checks
                if check.failure_info is not None
            ]
    assert not found, "\n\n".join(found[:5])
    assert {"examples", "coverage", "fuzzing"} <= {phase.lower() for phase in phases}
    return statuses


@pytest.mark.requirement("WHK-01", "WHK-02", "WHK-05", "WHK-06", "WHK-07")
def test_every_answer_to_a_signed_request_is_one_of_the_description(webhooks: WebhookSystem) -> None:
    statuses = run(webhooks, Signature(webhooks.secrets[-1]))
    # All of it was reached, and not only a refusal. Each run has the same examples, so an environment that saw them
    # before knows their events; and without a signature, the check that it is needed is answered 401.
    assert {400, 401, 403} <= set(statuses)
    assert {200, 409} & set(statuses)
    assert statuses.total() >= EXAMPLES


@pytest.mark.requirement("WHK-07")
def test_every_answer_to_a_request_that_is_not_signed_refuses_it(webhooks: WebhookSystem) -> None:
    # Without a JSON object that has the fields, it does not get to the check of the signature.
    assert set(run(webhooks, None)) == {400, 401, 403}
