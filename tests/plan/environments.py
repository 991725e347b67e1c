"""The plans of the live tree's environments, as AWS would get them on an empty account."""

from __future__ import annotations

import functools
from pathlib import Path

from tests.plan.inventory import Planned
from tools.livetree import layout
from tools.livetree.combined import plan_environment
from tools.livetree.settings import load

ENVIRONMENTS = {name: load(name) for name in layout.environments()}
INVENTORIES = Path(__file__).parent / "live"
# The region that the specification gives each system. In a further region a system is a copy; others may be anywhere.
REGIONS = {
    "csv-upload": "us-east-1",
    "payment-events": "us-east-1",
    "transaction-files": "eu-central-1",
    "webhooks": "us-east-1",
}


@functools.cache
def plans(environment: str) -> dict[str, Planned]:
    """The plans of an environment's units by region, system and unit; made once, they take some seconds."""
    modules = plan_environment(environment)["planned_values"]["root_module"]["child_modules"]
    by_name = {module["address"].removeprefix("module."): module for module in modules}
    units = [place.in_environment for place in layout.units(environment)]
    return {unit: Planned.of(by_name[unit.replace("/", "_")], {}) for unit in units}
