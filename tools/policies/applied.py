"""Our rules on the plans of an environment that is deployed: with the ARNs that AWS has assigned.

Each unit has a state of its own, so there is a plan for each. Together they have the form of
`tools.livetree.combined`: every unit is a module of one root.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from policies.worlds.configuration import of_tree
from tools.delivery.planning import Units, scratch
from tools.deploy import terragrunt
from tools.deploy.target import Target
from tools.errors import Failure
from tools.livetree import layout
from tools.policies.plan import judge_plan
from tools.policies.report import FOLDER
from tools.policies.source import MODULES
from tools.project import BUILD, ROOT

Document = Mapping[str, Any]


def check_applied(on: Target, folder: Path = FOLDER) -> int:
    """Plan every unit of an environment with its state, and judge the plans as `judge_plan` does.

    Raises Failure for a unit that cannot be planned.
    """
    places = layout.units(on.environment)
    with scratch() as files:
        planned = Units.of(on).plan_all(
            [terragrunt.folder(on.environment, str(one.in_environment)) for one in places], files
        )
    for one in planned:
        if one.plan.problem is not None:
            raise Failure(
                f"{one.unit} could not be planned", where=one.unit, do=f"fix what it says:\n{one.plan.problem}"
            )
    document = together({one.unit: one.document for one in planned})
    return judge_plan(document, of_tree(str(ROOT / MODULES)), on.environment, folder)


def together(plans: Mapping[str, Document]) -> dict[str, Any]:
    """One document of the plans of units ("us-east-1/webhooks/data"), each as `terraform show -json` writes it."""
    modules, changes, calls = [], [], {}
    for unit, document in plans.items():
        name = unit.replace("/", "_")
        address = f"module.{name}"
        modules.append(_below(address, document.get("planned_values", {}).get("root_module", {})))
        changes += [
            {**change, "address": f"{address}.{change['address']}"} for change in document.get("resource_changes", [])
        ]
        calls[name] = {
            "source": _source(unit),
            "expressions": {"context": {"constant_value": _value(document, "context")}},
            "module": document.get("configuration", {}).get("root_module", {}),
        }
    return {
        "planned_values": {"root_module": {"child_modules": modules}},
        "resource_changes": changes,
        "configuration": {"root_module": {"module_calls": calls}},
    }


def _below(address: str, module: Document) -> dict[str, Any]:
    """A module, and all modules in it, below the address of its unit."""
    return {
        "address": f"{address}.{module['address']}" if "address" in module else address,
        "resources": [{**one, "address": f"{address}.{one['address']}"} for one in module.get("resources", [])],
        "child_modules": [_below(address, child) for child in module.get("child_modules", [])],
    }


def _source(unit: str) -> str:
    """The folder of a unit's composition, as a call in the folder of combined plans would name it."""
    return os.path.relpath(ROOT / "modules" / "systems" / Path(*Path(unit).parts[-2:]), BUILD / "plan")


def _value(document: Document, variable: str) -> Any:
    return document.get("variables", {}).get(variable, {}).get("value")
