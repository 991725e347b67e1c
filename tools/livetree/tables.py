"""The tables of a `data` unit: which one its state holds, and which one the settings name (`restored_tables`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from tools.livetree.layout import Place
from tools.livetree.settings import Settings

# What a restored table's name has behind that of the original: the time that it was restored to.
_RESTORED: Final = re.compile(r"-at-\d{8}T\d{6}Z$")


@dataclass(frozen=True)
class Table:
    """A table of a unit: "event", its address in the unit's state, and the table's name on AWS."""

    key: str
    address: str
    name: str

    @property
    def original(self) -> str:
        """The name that the configuration gives the table without the setting."""
        return _RESTORED.sub("", self.name)

    def at(self, time: datetime) -> str:
        """The name of what this table is restored to."""
        return f"{self.original}-at-{time.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def held(state: Mapping[str, Any]) -> dict[str, Table]:
    """The tables in a unit's state, by their keys."""
    found = {}
    for resource in state.get("resources", []):
        if resource["type"] == "aws_dynamodb_table" and resource.get("module"):
            key = resource["module"].removeprefix("module.").removesuffix("_table")
            name = resource["instances"][0]["attributes"]["name"]
            found[key] = Table(key, f"{resource['module']}.aws_dynamodb_table.{resource['name']}", name)
    return found


def wanted(tables: Mapping[str, Table], settings: Settings, place: Place) -> dict[Table, str]:
    """The tables that the settings name otherwise than the state, with the names that these give them."""
    named = settings.restored_tables.get(place.region, {})
    names = {table: named.get(table.original, table.original) for table in tables.values()}
    return {table: name for table, name in names.items() if name != table.name}
