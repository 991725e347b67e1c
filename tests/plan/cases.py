"""The cases of a module, from `tests/plan/modules/<module>/tftest.yaml`.

    module: modules/queue
    plans:
      smallest:                  # smallest.tfvars against smallest.yaml (see tests/plan/inventory.py)
    refused:
      endless_retention:
        set: {retention_days: 15}
        base: smallest           # the tfvars that the values are set in (default: those of the first plan)
        says: "retention_days is 15"

An inventory may name the rows of docs/spec that it proves: `requirements: [EVT-30]`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.plan.inventory import SECTIONS
from tests.plan.terraform import Call
from tools.project import ROOT

EXAMPLE = re.compile(r"^```hcl\n(?P<code>.*?)^# plan:(?P<counts>[^\n]*)\n```$", re.MULTILINE | re.DOTALL)


class Malformed(Exception):
    """A file of cases cannot be read. The message names the file and what is wrong in it."""


@dataclass(frozen=True)
class Plan:
    """A plan and what it must contain; `source` is the file that says so."""

    call: Call
    inventory: Mapping[str, Any]
    source: Path
    requirements: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refusal:
    """Values that a module must refuse, and a part of its message."""

    module: str
    name: str
    tfvars: str
    changes: Mapping[str, Any]
    says: str


@dataclass(frozen=True)
class Cases:
    """All cases of one module."""

    module: str
    plans: tuple[Plan, ...]
    refusals: tuple[Refusal, ...]


def read(path: Path) -> Cases:
    """Read a tftest.yaml, with the files beside it and the module's README; raises Malformed."""
    content = _mapping(path, {"module", "plans", "refused"})
    module = str(content.get("module"))
    if not (ROOT / module / "variables.tf").is_file():
        raise Malformed(f"{path}: module is {module}: give the path of a module, such as modules/queue")
    names = list(content.get("plans") or {})
    if not names:
        raise Malformed(f"{path}: plans is empty: name one, and put <name>.tfvars and <name>.yaml next to this file")
    plans = [_plan(path.parent, module, name) for name in names]
    refusals = [_refusal(path, module, name, entry, names[0]) for name, entry in (content.get("refused") or {}).items()]
    return Cases(module, (*plans, *example(module)), tuple(refusals))


def _plan(folder: Path, module: str, name: str) -> Plan:
    tfvars, inventory = folder / f"{name}.tfvars", folder / f"{name}.yaml"
    if not tfvars.is_file():
        raise Malformed(f"{tfvars}: not there, but tftest.yaml names the plan {name}")
    content = _mapping(inventory, {*SECTIONS, "requirements"})
    if not any(content.get(section) for section in SECTIONS):
        raise Malformed(f"{inventory}: says nothing about the plan: give {', '.join(SECTIONS)}")
    return Plan(Call(module, name, tfvars.read_text()), content, inventory, tuple(content.get("requirements", ())))


def _refusal(path: Path, module: str, name: str, entry: Any, first: str) -> Refusal:
    if not isinstance(entry, dict) or not {"set", "says"} <= set(entry) <= {"set", "says", "base"}:
        raise Malformed(f"{path}: refused.{name} is {entry!r}: give `set` and `says`, and `base` if it is not {first}")
    tfvars = path.with_name(f"{entry.get('base', first)}.tfvars")
    if not tfvars.is_file():
        raise Malformed(f"{tfvars}: not there, but refused.{name} of tftest.yaml is based on it")
    return Refusal(module, name, tfvars.read_text(), entry["set"], str(entry["says"]))


def example(module: str) -> tuple[Plan, ...]:
    """The examples in a module's README: ```hcl blocks that end in `# plan: resources=5`."""
    readme = ROOT / module / "README.md"
    found = EXAMPLE.finditer(readme.read_text()) if readme.is_file() else ()
    return tuple(
        Plan(
            Call(module, f"example-{number}", example=match["code"]),
            {"counts": {name: int(count) for name, count in (each.split("=") for each in match["counts"].split())}},
            readme,
            ("PLT-02",),
        )
        for number, match in enumerate(found, start=1)
    )


def _mapping(path: Path, keys: set[str]) -> dict[str, Any]:
    if not path.is_file():
        raise Malformed(f"{path}: not there")
    content = yaml.safe_load(path.read_text())
    if not isinstance(content, dict) or not set(content) <= keys:
        unknown = sorted(set(content) - keys) if isinstance(content, dict) else content
        raise Malformed(f"{path}: {unknown!r} is not known here: use {', '.join(sorted(keys))}")
    return content
