"""The deployed API against its own description: whatever is sent, the answer is one that the description has."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import pytest
import requests
import schemathesis
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from functions.webhooks.logic.signatures import sign
from tests.emulator.webhook_system import WebhookSystem
from tools.toolchain import ROOT

EXAMPLES = 500
DOCUMENT = ROOT / "modules" / "systems" / "webhooks" / "service" / "openapi.yaml"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


class Signature(requests.auth.AuthBase):
    """Signs what goes over the wire, so that most examples get beyond the check of the signature."""

    def __init__(self, secret: str) -> None:
        self._key = secret.encode()

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        body = request.body or b""
        assert isinstance(body, bytes | str)
        timestamp = str(int(time.time()))
        signature = sign(body.encode() if isinstance(body, str) else body, timestamp, self._key)
        request.headers.update({"X-Webhook-Timestamp": timestamp, "X-Webhook-Signature": f"v1={signature}"})
        return request


@pytest.mark.requirement("WHK-01", "WHK-02", "WHK-05", "WHK-06", "WHK-07")
def test_every_answer_to_anything_is_one_of_the_description(webhooks: WebhookSystem) -> None:
    schema = schemathesis.openapi.from_dict(yaml.safe_load(DOCUMENT.read_text()))
    operation = schema["/webhook"]["POST"]
    base_url = webhooks.deployed.url.removesuffix("/webhook")
    signature = Signature(webhooks.secrets[-1])
    statuses: Counter[int] = Counter()

    with requests.Session() as session:

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(
            case=st.one_of([operation.as_strategy(mode) for mode in GenerationMode]),
            signed=st.sampled_from([True, True, True, False]),
        )
        def fuzz(case: schemathesis.Case[Any], signed: bool) -> None:
            answer = case.call_and_validate(
                base_url=base_url, session=session, auth=signature if signed else None, checks=CHECKS
            )
            statuses[answer.status_code] += 1

        fuzz()

    # All of it was reached, and not only the refusal of what is not signed. Each run has the same examples, so an
    # environment that saw them before knows their events.
    assert {400, 401} <= set(statuses)
    assert {200, 409} & set(statuses)
    assert statuses.total() >= EXAMPLES
