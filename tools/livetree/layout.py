"""Which environments exist, in which regions, with which systems and units: the folders of `live/` say it.

A unit is `live/<environment>/<region>/<system>/<unit>/terragrunt.hcl`, and an environment has its settings in
`live/<environment>/environment.yaml`. Nothing else in this repository lists them, so a copied folder is a new
environment or region.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.errors import WRONG_INPUT, Failure
from tools.project import ROOT

LIVE: Final = "live"
UNIT_FILE: Final = "terragrunt.hcl"
SETTINGS_FILE: Final = "environment.yaml"
# Holds what AWS has once in an account and region: all deployments there share its units and their states.
SHARED_SYSTEM: Final = "account"


@dataclass(frozen=True, order=True)
class Place:
    """Where a unit is: Place("dev", "us-east-1", "payment-events", "data")."""

    environment: str
    region: str
    system: str
    unit: str

    @classmethod
    def of(cls, folder: Path) -> Place:
        """The place of the unit in a folder of the live tree, of this repository or of a copy."""
        return cls(*folder.parts[-4:])

    def __str__(self) -> str:
        """The unit's folder below the repository's, as messages show it."""
        return f"{LIVE}/{self.environment}/{self.in_environment}"

    @property
    def in_environment(self) -> str:
        """The unit's folder below its environment's: us-east-1/payment-events/data."""
        return f"{self.region}/{self.system}/{self.unit}"


def folder(environment: str, root: Path = ROOT) -> Path:
    """The folder of an environment, whether there is one or not."""
    return root / LIVE / environment


def environments(root: Path = ROOT) -> list[str]:
    """The names of the environments: the folders of `live/` that hold a settings file or units."""
    return sorted(
        found.name
        for found in (root / LIVE).glob("*")
        if (found / SETTINGS_FILE).exists() or any(found.glob(f"*/*/*/{UNIT_FILE}"))
    )


def check_environment(name: str, root: Path = ROOT) -> None:
    """Raise Failure when there is no environment of this name. The message names those that exist."""
    known = environments(root)
    if name in known:
        return
    near = difflib.get_close_matches(name, known, 1)
    raise Failure(
        f"there is no environment {name!r}",
        where=f"{LIVE}/",
        do=f"name one of {', '.join(known)}" + (f" (did you mean {near[0]}?)" if near else ""),
        status=WRONG_INPUT,
    )


def units(environment: str | None = None, root: Path = ROOT) -> list[Place]:
    """Where the units of an environment are, or those of all environments."""
    return sorted(
        Place(*path.relative_to(root / LIVE).parts[:4])
        for path in (root / LIVE).glob(f"{environment or '*'}/*/*/*/{UNIT_FILE}")
    )


def regions(environment: str, system: str, root: Path = ROOT) -> list[str]:
    """The regions of an environment that a system runs in."""
    return sorted({place.region for place in units(environment, root) if place.system == system})


def region(environment: str, system: str, named: str | None = None, root: Path = ROOT) -> str:
    """The region of an environment that a system runs in: the one that is `named`, else the only one.

    Raises Failure when the environment has no such system, has it in several regions and none is named, or not in the
    one that is.
    """
    check_environment(environment, root)
    found = regions(environment, system, root)
    if named in found:
        return str(named)
    if len(found) == 1 and named is None:
        return found[0]
    if not found:
        problem = f"{environment} has no system {system}"
        do = f"name one of: {', '.join(sorted({place.system for place in units(environment, root)}))}"
    elif named is None:
        problem = f"{system} of {environment} runs in {' and '.join(found)}: which one is meant?"
        do = f"name it: --region {found[0]}"
    else:
        problem = f"{system} of {environment} does not run in {named}"
        do = f"name one of: {', '.join(found)}"
    raise Failure(problem, where=f"{LIVE}/{environment}/<region>/{system}", do=do, status=WRONG_INPUT)
