"""The API keys of a REST API. Terraform makes none, so that no value is ever in a plan or a state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

OPERATIONS: Final = "operations"


class ApiKeys:
    """The keys of one client ("operations"), which its API's usage plan admits: the newest, and the one before it."""

    def __init__(self, gateway: Any, api: Mapping[str, Any], client: str = OPERATIONS) -> None:
        self._gateway = gateway
        self._plan = str(api["usage_plan_id"])
        self.name = f"{api['name']}-{client}"

    def current(self) -> str | None:
        """The value of the newest key, or None if none has been made."""
        ids = self._ids()
        return str(self._gateway.get_api_key(apiKey=ids[-1], includeValue=True)["value"]) if ids else None

    def rotate(self) -> str:
        """Make a new key, and delete all of the client's but the one before it. Returns the new one's value.

        On AWS it may take a minute until the new key is known everywhere.
        """
        old = self._ids()
        made = self._gateway.create_api_key(name=self.name, enabled=True)
        self._gateway.create_usage_plan_key(usagePlanId=self._plan, keyId=made["id"], keyType="API_KEY")
        for key_id in old[:-1]:
            self._gateway.delete_api_key(apiKey=key_id)
        return str(made["value"])

    def _ids(self) -> list[str]:
        """The ids of the client's keys, the oldest first."""
        pages = self._gateway.get_paginator("get_api_keys").paginate(nameQuery=self.name)
        keys = [key for page in pages for key in page["items"] if key["name"] == self.name]
        return [key["id"] for key in sorted(keys, key=lambda key: key["createdDate"])]
