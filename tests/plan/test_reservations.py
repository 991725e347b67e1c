"""How much of an account's concurrency the functions reserve."""

from __future__ import annotations

import pytest

from tools.deploy.quotas import reservations


@pytest.mark.requirement("CSV-20", "EVT-20", "TXF-10", "TXF-31", "WHK-10", "WHK-11")
def test_an_environment_reserves_what_the_catalogue_says_unit_by_unit() -> None:
    everything = reservations("dev")
    assert sum(everything["us-east-1"].values()) == 4 * 100 + 2 * 10 + 4 * 20
    assert everything["eu-central-1"] == {"lambda-transaction-processor-dev": 100, "lambda-dlq-processor-dev": 50}
    assert reservations("dev", "us-east-1/webhooks") == {
        "us-east-1": {"event-router-dev": 10, "webhook-validator-dev": 10}
    }
