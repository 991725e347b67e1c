"""A destroy deletes the API keys that open nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tools.deploy.client_keys import delete_keys
from tools.deploy.target import Target
from tools.livetree.layout import Place

SERVICE = Place("dev", "us-east-1", "csv-upload", "service")
OTHERS = [Place("dev", "us-east-1", "webhooks", "service"), Place("dev", "us-east-1", "csv-upload", "data")]
OUTPUTS = {SERVICE: {"api": {"usage_plan_id": "ours"}}, OTHERS[0]: {"api": {"usage_plan_id": None}}}


class NotFoundException(ClientError):
    pass


class Gateway:
    """API keys, each with the usage plans that it is in."""

    class exceptions:  # noqa: N801 -- as clients of boto3 have it
        NotFoundException = NotFoundException

    def __init__(self, keys: Mapping[str, list[str]]) -> None:
        self.keys = dict(keys)

    def get_paginator(self, operation: str) -> Gateway:
        assert operation == "get_usage_plan_keys"
        return self

    def paginate(self, **given: str) -> Iterator[dict[str, Any]]:
        of_plan = [name for name, plans in self.keys.items() if given["usagePlanId"] in plans]
        if not of_plan:
            raise NotFoundException({"Error": {"Code": "NotFoundException"}}, "GetUsagePlanKeys")
        yield from ({"items": [{"id": name, "name": name}]} for name in of_plan)

    def get_usage_plans(self, **given: str) -> dict[str, Any]:
        return {"items": [{"id": plan} for plan in self.keys[given["keyId"]]]}

    def delete_api_key(self, **given: str) -> None:
        del self.keys[given["apiKey"]]


def deleted(monkeypatch: pytest.MonkeyPatch, gateway: Gateway) -> list[str]:
    monkeypatch.setattr(Target, "client", lambda *_: gateway)
    monkeypatch.setattr(Target, "outputs_if_applied", lambda _, place: OUTPUTS.get(place, {}))
    return list(delete_keys(Target("dev", None), [SERVICE, *OTHERS]))


@pytest.mark.requirement("PLT-15", "CSV-01")
def test_keys_that_open_nothing_else_go_and_all_others_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = Gateway({"operations": ["ours"], "a client": ["ours"], "of both": ["ours", "other"], "other": ["other"]})
    assert deleted(monkeypatch, gateway) == ["operations", "a client"]
    assert list(gateway.keys) == ["of both", "other"]


@pytest.mark.requirement("PLT-15")
def test_a_destroy_that_goes_on_finds_no_usage_plan_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    assert deleted(monkeypatch, Gateway({})) == []
