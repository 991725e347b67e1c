"""Destroying the units of a folder: all of them, or what an earlier destroy has left.

Terragrunt reads the outputs of what a unit depends on before it destroys the unit, and fails where they are gone. So
what is gone already is left out of the run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tools.deploy import terragrunt
from tools.deploy.client_keys import delete_keys
from tools.deploy.target import Target
from tools.errors import Failure
from tools.livetree import guard
from tools.livetree.layout import Place
from tools.livetree.state import holds_resources
from tools.project import ROOT, display

# By default Terragrunt 0.89 looks outside of the folder, too. The stand-in needs neither of these.
_INSIDE_ONLY: Final = {"TG_QUEUE_EXCLUDE_EXTERNAL": "true"}
_LEFT_OUT: Final = "TG_QUEUE_EXCLUDE_DIR"


def destroy(on: Target, where: Path) -> int:
    """Destroy the units below a folder of an environment. Returns the exit status; done again, it goes on.

    Raises Failure where the environment is not destroyable, or where a unit needs outputs that are gone.
    """
    guard.check_destroyable(where, on.environment, ROOT)
    inside = {place: unit for place, unit in on.units.items() if unit.folder.is_relative_to(where)}
    units = {place: unit for place, unit in inside.items() if not guard.is_left_by(unit.folder, where)}
    gone = [place for place in units if not holds_resources(on.state(place))]
    if len(gone) == len(units):
        print(f"destroy: nothing is left of {display(where)}")
        return 0
    for place in units.keys() - gone:
        _check_outputs(on, place)
    if gone:
        print(f"destroy: gone already: {', '.join(map(str, gone))}", flush=True)
    for name in delete_keys(on, units.keys() - gone):
        print(f"destroy: deleted the API key {name}", flush=True)
    left_out = {_LEFT_OUT: ",".join(str(units[place].folder) for place in gone)} if gone else {}
    variables = {**on.variables(), **_INSIDE_ONLY, **left_out}
    return terragrunt.run("destroy", where, variables, for_aws=on.emulator is None).returncode


def _check_outputs(on: Target, place: Place) -> None:
    for folder in on.units[place].dependencies().values():
        other = Place.of(folder)
        if not on.state(other).get("outputs"):
            words = f"ENV={other.environment} UNITS={other.in_environment}{'' if on.emulator else ' TARGET=aws'}"
            raise Failure(
                f"{place} still stands, and {other}, whose outputs it is destroyed with, is gone",
                where=f"s3://{on.backends[other].bucket}/{on.backends[other].key}",
                do=f"apply it again: `make apply {words}`; then destroy",
            )
