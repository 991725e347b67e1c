"""The outputs of a unit's dependencies, from their states or their mocks."""

from __future__ import annotations

from tools.errors import Failure
from tools.livetree.reading.outputs import Outputs, merged_outputs, mock_outputs
from tools.livetree.reading.tree import Tree
from tools.livetree.reading.units import Unit
from tools.livetree.standin.terminal import STAND_IN
from tools.livetree.state import States


def dependency_outputs(tree: Tree, states: States, unit: Unit, command: str) -> tuple[dict[str, Outputs], list[str]]:
    """The outputs of a unit's dependencies, by the names that it gives them, and a sentence for each that is mocked.

    Mocks replace the outputs of a dependency that was never applied, and outputs that an applied one does not have yet,
    for the commands that they are for. `render` shows them for every dependency that was never applied, as Terragrunt
    does. Raises Failure where outputs are missing and mocks are not allowed.
    """
    configuration = unit.configuration()
    outputs, mocked = {}, []
    for name, other in tree.dependencies(unit):
        found = states.outputs(other)
        dependency = configuration.dependencies[name]
        allowed = dependency.mock_outputs_allowed_terraform_commands
        if found is None:
            if dependency.mock_outputs is None or command not in {"render", *allowed}:
                raise Failure(
                    f"{unit.name} needs the outputs of {other.name}, which is not applied, "
                    f"and mock outputs are not for {command}",
                    where=unit.name,
                    do=f"apply {other.name} first, or both with `{STAND_IN} run-all apply` in a folder above them",
                )
            found = mock_outputs(dependency)
            mocked.append(f"{other.name} is not applied: its mock outputs are used")
        elif command in allowed:
            found, lacking = merged_outputs(dependency, found)
            if lacking:
                mocked.append(f"{other.name} has no output {', '.join(lacking)} yet: its mock is used")
        outputs[name] = found
    return outputs, mocked
