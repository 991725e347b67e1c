"""Accept what a plan has in place of what its inventory says: `.venv/bin/python -m tests.plan.accept FILE [UNIT]`.

FILE is an inventory of a module (`tests/plan/modules/<module>/<plan>.yaml`), the README of a module with examples, or
an inventory of an environment (`tests/plan/live/<environment>.yaml`), which takes the unit, too. Only values that the
inventory already names are replaced, in place: comments, order and layout stay. What needs judgement (a resource that
is gone, a list of mappings that has another length) is left to a person, and named.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.plan import cases
from tests.plan.environments import INVENTORIES, plans
from tests.plan.inventory import Difference, differences
from tests.plan.terraform import Refused, Workspace
from tools.errors import WRONG_INPUT, Failure
from tools.project import ROOT

Places = dict[tuple[str | int, ...], yaml.Node]

_ANCHOR = re.compile(r"^&\S+\s+")
_MERGE = "tag:yaml.org,2002:merge"


def report(found: Sequence[Difference], inventory: Path, unit: str = "") -> str:
    """What a failing test says: the differences, and the command that accepts those that it can."""
    lines = ["the plan is not what the inventory says", *(f"  {difference}" for difference in found)]
    if any(difference.replaceable for difference in found):
        command = f".venv/bin/python -m tests.plan.accept {_shown(inventory)} {unit}".rstrip()
        lines.append(f"to accept the new values: `{command}`, then review the diff")
    return "\n".join(lines)


def replaced(text: str, found: Iterable[Difference], unit: str = "") -> tuple[str, list[Difference]]:
    """The text of a YAML inventory with the planned values, and the differences that are left to a person.

    A value with an anchor is replaced when it is the same new value everywhere that the file refers to it.
    """
    wanted = {(*([unit] if unit else []), *each.path): each for each in found}
    users: dict[int, set[tuple[str | int, ...]]] = {}
    nodes: dict[int, yaml.Node] = {}
    for path, node in _places(yaml.compose(text, yaml.SafeLoader), ()):
        users.setdefault(node.start_mark.index, set()).add(path)
        nodes[node.start_mark.index] = node
    left = dict(wanted)
    for start in sorted(nodes, reverse=True):
        node, changes = nodes[start], [wanted.get(path) for path in users[start]]
        values = [change.planned for change in changes if change and change.replaceable]
        if len(values) == len(changes) and all(value == values[0] for value in values) and _is_plain(node):
            end = node.end_mark.index
            begin = end - len(_ANCHOR.sub("", text[start:end]))
            text = text[:begin] + _written(values[0], node) + text[end:]
            for path in users[start]:
                del left[path]
    return text, list(left.values())


def _places(node: yaml.Node | None, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], yaml.Node]]:
    """(path, node) of every value that is not a mapping, as `yaml.safe_load` would lay them out."""
    if isinstance(node, yaml.MappingNode):
        for key, value in _entries(node).items():
            yield from _places(value, (*path, key))
    elif node:
        yield path, node
    if isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _places(value, (*path, index))


def _entries(node: yaml.MappingNode) -> dict[str, yaml.Node]:
    """The entries of a mapping, with those that it merges from others beneath its own."""
    entries: dict[str, yaml.Node] = {}
    for key, value in node.value:
        if key.tag == _MERGE:
            entries = {**_entries(value), **entries}
    return entries | {key.value: value for key, value in node.value if key.tag != _MERGE}


def _is_plain(node: yaml.Node) -> bool:
    """Whether the node is written in one piece, and can be replaced by another."""
    if isinstance(node, yaml.ScalarNode):
        return node.style not in ("|", ">")
    return isinstance(node, yaml.SequenceNode) and bool(node.flow_style)


def _written(value: Any, node: yaml.Node) -> str:
    """The value in the style that the node has."""
    if isinstance(value, str) and isinstance(node, yaml.ScalarNode) and node.style == '"':
        return json.dumps(value, ensure_ascii=False)
    written = yaml.safe_dump([value], default_flow_style=True, width=math.inf, allow_unicode=True).strip()
    return written[1:-1]


def replaced_in_example(text: str, number: int, found: Iterable[Difference]) -> tuple[str, list[Difference]]:
    """The text of a README with the planned counts in its example of this number, and what is left to a person."""
    match = list(cases.EXAMPLE.finditer(text))[number - 1]
    counts = match["counts"]
    for difference in found:
        counts = re.sub(rf"\b{difference.path[-1]}=\d+", f"{difference.path[-1]}={difference.planned}", counts)
    return text[: match.start("counts")] + counts + text[match.end("counts") :], []


def accept_unit(inventory: Path, unit: str) -> list[Difference]:
    """Accept the plan of a unit of an environment; returns what is left to a person."""
    text = inventory.read_text(encoding="utf-8")
    text, left = replaced(text, differences(yaml.safe_load(text)[unit], plans(inventory.stem)[unit]), unit)
    inventory.write_text(text, encoding="utf-8")
    return left


def accept_module(inventory: Path, workspace: Workspace) -> list[Difference]:
    """Accept the plans of a module that this file describes; returns what is left to a person."""
    if inventory.name == "README.md":
        plans_there = cases.example(_shown(inventory.parent))
    else:
        plans_there = tuple(
            each for each in cases.read(inventory.with_name("tftest.yaml")).plans if each.source == inventory
        )
    left: list[Difference] = []
    for number, plan in enumerate(plans_there, start=1):
        text = inventory.read_text(encoding="utf-8")
        found = differences(plan.inventory, workspace.plan(plan.call, [each.call for each in plans_there]))
        text, remaining = replaced_in_example(text, number, found) if plan.call.example else replaced(text, found)
        inventory.write_text(text, encoding="utf-8")
        left += remaining
    return left


def _shown(path: Path) -> str:
    path = path.resolve()
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)


def accept(inventory: Path, unit: str) -> list[Difference]:
    """Accept what is planned now; returns the differences that are left to a person. Raises Failure."""
    if inventory.parent == INVENTORIES:
        known = yaml.safe_load(inventory.read_text(encoding="utf-8"))
        if unit not in known:
            raise Failure(
                f"{unit or 'no unit'} is not in the inventory",
                where=_shown(inventory),
                do=f"name one of {', '.join(known)}",
                status=WRONG_INPUT,
            )
        return accept_unit(inventory, unit)
    with tempfile.TemporaryDirectory(prefix="plans-") as scratch:
        workspace = Workspace(Path(scratch))
        try:
            return accept_module(inventory, workspace)
        except (Refused, cases.Malformed) as fault:
            raise Failure(str(fault), where=_shown(inventory), do="fix the case first") from None
        finally:
            workspace.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 when every difference is accepted, 1 when some are left to a person, 2 for a wrong argument."""
    parser = argparse.ArgumentParser(prog="python -m tests.plan.accept", description="Accept what is planned now.")
    parser.add_argument("inventory", type=Path, help="a YAML inventory, or the README of a module")
    parser.add_argument("unit", nargs="?", default="", help="of an environment: such as us-east-1/webhooks/data")
    parsed = parser.parse_args(arguments)
    inventory = parsed.inventory.resolve()
    if not inventory.is_file():
        parser.error(f"{parsed.inventory} is not a file")
    try:
        left = accept(inventory, parsed.unit)
    except Failure as failure:
        print(failure, file=sys.stderr)
        return failure.status
    for difference in left:
        print(f"change this one yourself: {difference}")
    print(f"{_shown(inventory)}: review the change with `git diff {_shown(inventory)}`")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
