"""API keys of clients. Terraform makes none, so that no value is in a state; so a destroy has to delete them itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tools.deploy.target import Target
from tools.livetree.layout import Place


def delete_keys(on: Target, places: Iterable[Place]) -> Iterator[str]:
    """Delete the keys that open nothing but the APIs of these units. Yields the name of each.

    A key is useless without its usage plan, and one that another usage plan has too stays.
    """
    for place in places:
        plan = on.outputs_if_applied(place).get("api", {}).get("usage_plan_id")
        if plan:
            yield from _delete_keys(on.client("apigateway", place.region), plan)


def _delete_keys(gateway: Any, plan: str) -> Iterator[str]:
    try:
        pages = list(gateway.get_paginator("get_usage_plan_keys").paginate(usagePlanId=plan))
    except gateway.exceptions.NotFoundException:
        return  # an earlier destroy came as far
    for key in [key for page in pages for key in page["items"]]:
        plans = [each["id"] for each in gateway.get_usage_plans(keyId=key["id"])["items"]]
        if plans == [plan]:
            gateway.delete_api_key(apiKey=key["id"])
            yield str(key["name"])
