"""A client's API key can be changed without a moment in which it has none."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tools.operations.api_keys import ApiKeys

API = {"name": "csv-upload-dev", "usage_plan_id": "plan"}


class Gateway:
    """API keys by id, in a usage plan or not, and no value where none is asked for."""

    def __init__(self) -> None:
        self.keys: dict[str, dict[str, Any]] = {}
        self.in_plan: list[str] = []

    def create_api_key(self, **given: Any) -> dict[str, Any]:
        number = len(self.in_plan)
        self.keys[f"k{number}"] = given | {"id": f"k{number}", "value": f"secret-{number}"}
        self.keys[f"k{number}"]["createdDate"] = number
        return self.keys[f"k{number}"]

    def create_usage_plan_key(self, **given: str) -> None:
        assert (given["usagePlanId"], given["keyType"]) == ("plan", "API_KEY")
        self.in_plan.append(given["keyId"])

    def delete_api_key(self, **given: str) -> None:
        del self.keys[given["apiKey"]]

    def get_api_key(self, **given: Any) -> dict[str, Any]:
        assert given["includeValue"]
        return self.keys[given["apiKey"]]

    def get_paginator(self, _: str) -> Any:
        def paginate(**given: str) -> Iterator[dict[str, Any]]:
            for key in reversed(self.keys.values()):
                if key["name"].startswith(given["nameQuery"]):
                    yield {"items": [{name: value for name, value in key.items() if name != "value"}]}

        return SimpleNamespace(paginate=paginate)


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.mark.requirement("CSV-01")
def test_the_newest_key_is_shown_and_the_one_before_it_stays_valid(gateway: Gateway) -> None:
    keys = ApiKeys(gateway, API)
    assert keys.current() is None
    values = [keys.rotate() for _ in range(3)]
    assert values == ["secret-0", "secret-1", "secret-2"]
    assert keys.current() == "secret-2"
    assert sorted(gateway.keys) == ["k1", "k2"]
    assert all(key["enabled"] for key in gateway.keys.values())


def test_the_keys_of_another_client_stay(gateway: Gateway) -> None:
    other = ApiKeys(gateway, API, "operations-of-a-partner")
    value = other.rotate()
    ours = ApiKeys(gateway, API)
    for _ in range(3):
        ours.rotate()
    assert other.current() == value
