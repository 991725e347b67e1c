"""The deployed API against its own description: whatever is sent, the answer is one that the description has."""

from __future__ import annotations

from collections import Counter

import pytest
import requests
import schemathesis
import yaml
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from tests.emulator.csv_upload_system import DOCUMENT, CsvUploadSystem

EXAMPLES = 500


class Key(requests.auth.AuthBase):
    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["x-api-key"] = self._key
        return request


def run(csv_upload: CsvUploadSystem, key: str | None) -> Counter[int]:
    """Send what schemathesis makes of the description, in every phase and with every check.

    Fails with what a check has found. Returns how often each status was answered.
    """
    settings = {
        "base-url": csv_upload.deployed.api.url,
        "checks": {
            # No schema says what CSV is, so most of what fits the description is refused all the same.
            "positive_data_acceptance": {"enabled": False},
            # A form's upload has no status until its file arrives.
            "ensure_resource_availability": {"enabled": False},
        },
        "generation": {
            "deterministic": True,
            "max-examples": EXAMPLES,
            # With a key of its own, a request lacks none.
            "with-security-parameters": key is None,
        },
    }
    schema = schemathesis.openapi.from_dict(
        yaml.safe_load(DOCUMENT.read_text()), config=SchemathesisConfig.from_dict(settings)
    )
    if key is not None:
        schema.auth.set_from_requests(Key(key))
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


@pytest.mark.requirement("CSV-01", "CSV-02", "CSV-03")
def test_every_answer_to_a_request_with_a_key_is_one_of_the_description(csv_upload: CsvUploadSystem) -> None:
    statuses = run(csv_upload, csv_upload.key)
    assert {200, 202, 400, 404, 415} <= set(statuses)
    assert not [status for status in statuses if status >= 500]
    assert statuses.total() >= EXAMPLES


@pytest.mark.requirement("CSV-01", "CSV-03")
def test_every_request_without_a_key_is_refused(csv_upload: CsvUploadSystem) -> None:
    assert set(run(csv_upload, None)) == {403}
