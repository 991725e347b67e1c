"""What a unit's dependencies put out, as the stand-in takes it from their states or their mocks."""

from __future__ import annotations

from tools.errors import Failure
from tools.livetree.reading.outputs import Outputs, merged_outputs, mock_outputs
from tools.livetree.reading.tree import Tree
from tools.livetree.reading.units import Unit
from tools.livetree.standin.terminal import STAND_IN
from tools.livetree.state import States


def dependency_outputs(tree: Tree, states: States, unit: Unit, command: str) -> tuple[dict[str, Outputs], list[str]]:
    """What a unit's dependencies put out, by the names that it gives them, and sentences about what is mocked of it.

    Mocks stand in where a dependency was never applied, or lacks outputs that they have, and the command is one that
    they are for; for a dependency that was never applied `render` shows them always, as Terragrunt does. Raises Failure
    where they may not.
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
            mocked.append(f"{other.name} is not applied: its mock outputs stand in")
        elif command in allowed:
            found, lacking = merged_outputs(dependency, found)
            if lacking:
                mocked.append(f"{other.name} does not put out {', '.join(lacking)} yet: its mock outputs stand in")
        outputs[name] = found
    return outputs, mocked
