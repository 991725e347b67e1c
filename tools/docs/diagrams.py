"""A system's diagram, drawn from its compositions: what its modules are, and which of them refer to which.

The arguments of the module calls are evaluated (policies/worlds/configuration.py), so that a reference is followed
through locals, `for` expressions and the outputs of the system's `data` unit to the module that it means. The order of
a workflow's steps is that of its state machine.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from policies.model import Json, Reference, origins
from policies.worlds.configuration import Configuration, Module
from tools.project import ROOT

SYSTEMS: Final = ROOT / "modules" / "systems"
OVERVIEW: Final = ROOT / "README.md"
_UNITS: Final = ("data", "service")

# What is drawn of modules/: how it is called in the diagram, and the brackets of its shape
# (https://mermaid.js.org/syntax/flowchart.html#node-shapes).
_KINDS: Final = {
    "bucket": ("S3 bucket", "([", "])"),
    "rest-api": ("API<br/>Gateway", "([", "])"),
    "topic": ("SNS<br/>topic", "([", "])"),
    "lambda-function": ("Lambda", "[", "]"),
    "event-bus": ("EventBridge<br/>bus", "{{", "}}"),
    "event-rule": ("EventBridge<br/>rule", "{{", "}}"),
    "workflow": ("Step Functions<br/>workflow", "[[", "]]"),
    "queue": ("SQS queue", "[/", "/]"),
    "dynamodb-table": ("DynamoDB table", "[(", ")]"),
}
# Where events come in, and from whom.
_FRONT_DOORS: Final = {"bucket": "uploaders", "rest-api": "providers", "topic": "providers"}
_CLIENTS: Final = "clients"  # of an API that asks for their keys
_OUTSIDE: Final = {_CLIENTS: "clients", "providers": "payment<br/>providers", "uploaders": "senders<br/>of files"}
_SETTINGS: Final = (
    '%%{init: {"flowchart": {"rankSpacing": 25}}}%%'  # close together, so that the text stays legible on a page
)
_DEAD_LETTERS: Final = "dead_letters"  # one node for all the queues that modules make for their own dead letters
_DEAD_LETTERS_OF_QUEUE: Final = "aws_sqs_queue.dead_letters"  # in modules/queue; a node of its own where it is consumed


@dataclass(frozen=True)
class Node:
    """A module that is drawn: `id` is unique in the diagram, `kind` the name of its folder in modules/.

    With `part`, a resource of the module that is drawn beside it.
    """

    id: str
    name: str
    kind: str
    module: Module
    part: str = ""

    @property
    def address(self) -> str:
        return f"{self.module.address}.{self.part}"


Edge = tuple[str, str]


def systems(folder: Path = SYSTEMS) -> list[str]:
    """The systems that run something, and so have a diagram."""
    return sorted(path.parent.name for path in folder.glob("*/service"))


def render(system: str, folder: Path = SYSTEMS) -> list[str]:
    """The lines of a fenced Mermaid flowchart."""
    nodes = _nodes(Configuration(str(folder / system / unit) for unit in _UNITS))
    flow = list(dict.fromkeys(edge for node in nodes for edge in _flow(node, nodes)))
    letters = list(dict.fromkeys(edge for node in nodes for edge in _dead_letters(node, nodes)))
    flow = [edge for edge in flow if edge not in letters]
    fed = {target for _, target in flow}
    doors = [(_outside(node), node.id) for node in nodes if node.kind in _FRONT_DOORS and node.id not in fed]
    lines = [
        *(f'{outside}(["{_OUTSIDE[outside]}"])' for outside in dict.fromkeys(outside for outside, _ in doors)),
        *map(_shape, nodes),
        *(f"{source} --> {target}" for source, target in [*doors, *flow]),
    ]
    if letters:
        dead = sorted({target for _, target in letters})
        lines += [f'{each}[/"dead letters<br/>a queue for each"/]' for each in dead if each == _DEAD_LETTERS]
        lines += [f"{source} -.-> {target}" for source, target in letters]
        lines += [
            "classDef deadLetters stroke-dasharray: 4 4",
            f"class {','.join(dead)} deadLetters",
        ]
    return ["```mermaid", _SETTINGS, "flowchart LR", *(f"  {line}" for line in lines), "```"]


def _nodes(configuration: Configuration) -> list[Node]:
    """The nodes of all units, from front doors to stores; of what `for_each` repeats, one for each key.

    The dead letters of a queue are a node where a function consumes them.
    """
    found = []
    for path, root in configuration.roots.items():
        for name in root.folder.calls:
            made = root.call(name)
            modules = {"": made} if isinstance(made, Module) else made if isinstance(made, Mapping) else {}
            for key, module in modules.items():
                kind = Path(module.folder.path).name
                if kind in _KINDS:
                    id_ = "_".join([Path(path).name, name, *([str(key)] if key else [])]).replace("-", "_")
                    label = str(module.variable("name")) if key else name.replace("_", "-")
                    found.append(Node(id_, label, kind, module))
    letters = [
        Node(f"{node.id}_dead_letters", "dead-letters", node.kind, node.module, _DEAD_LETTERS_OF_QUEUE)
        for node in found
        if node.kind == "queue"
    ]
    with_letters = [*found, *letters]
    consumed = {edge for node in found for edge in _consumed(node, with_letters)}
    nodes = [*found, *(node for node in letters if node.id in consumed)]
    return sorted(nodes, key=lambda node: list(_KINDS).index(node.kind))


def _shape(node: Node) -> str:
    noun, opening, closing = _KINDS[node.kind]
    name = node.name.replace('"', "#quot;")
    label = noun if name in noun.lower().replace("<br/>", " ").split() else f"{name}<br/>{noun}"
    return f'{node.id}{opening}"{label}"{closing}'


def _outside(node: Node) -> str:
    """Who sends to a front door."""
    by_key = node.kind == "rest-api" and node.module.variable("usage_plan") is not None
    return _CLIENTS if by_key else _FRONT_DOORS[node.kind]


def _flow(node: Node, nodes: Iterable[Node]) -> Iterator[Edge]:
    """The edges that a module's arguments say, in the direction in which events go."""
    given = node.module.variable
    match node.kind:
        case "lambda-function":
            for permission in given("permissions").values():
                if not all(":Get" in action for action in permission["actions"]):  # what it reads came from there
                    yield from ((node.id, target) for target in _referred(permission["resources"], nodes))
            yield from ((source, node.id) for source in _consumed(node, nodes))
            for invoker in given("invokers").values():
                yield from ((source, node.id) for source in _referred(invoker["source_arn"], nodes))
        case "rest-api":
            yield from ((node.id, target) for target in _referred(given("functions"), nodes))
        case "event-bus":
            yield from ((node.id, target) for target in _referred(given("routes"), nodes))
        case "event-rule":
            yield from ((source, node.id) for source in _referred(given("event_pattern"), nodes))
            yield from ((node.id, target) for target in _referred(given("workflow_arn"), nodes))
        case "workflow":
            steps = [node.id, *_steps(given("definition"), nodes)]
            yield from itertools.pairwise(steps)


def _consumed(node: Node, nodes: Iterable[Node]) -> Iterator[str]:
    """The queues that a function consumes."""
    if node.kind == "lambda-function":
        for queue in node.module.variable("queues").values():
            yield from _referred(queue["arn"], nodes)


def _steps(definition: Any, nodes: Iterable[Node]) -> Iterator[str]:
    """What the states of a state machine use, from the first to the last that succeeds."""
    machine = definition.value if isinstance(definition, Json) else {}
    state = machine.get("StartAt")
    while state:
        step = machine["States"][state]
        yield from _referred(step.get("Arguments"), nodes)
        state = step.get("Next") or next((choice["Next"] for choice in step.get("Choices", [])), None)


def _dead_letters(node: Node, nodes: Iterable[Node]) -> Iterator[Edge]:
    """The edges to queues of dead letters."""
    given = node.module.variable
    match node.kind:
        case "event-bus":
            yield node.id, _DEAD_LETTERS
        case "lambda-function" if (asynchronous := given("asynchronous")) is not None:
            to = _referred(asynchronous.get("dead_letters"), nodes) or [_DEAD_LETTERS]
            yield from ((node.id, target) for target in to)
        case "workflow":
            to = _referred(given("dead_letter_queue_arns"), nodes)
            queues = {other.id for other in nodes if other.kind == "queue"}  # the others are functions with their own
            yield from ((node.id, target) for target in to if target in queues)
        case "queue" if not node.part:
            if given("dead_letters") is not None:
                own = (other.id for other in nodes if other.part and other.module is node.module)
                yield node.id, next(own, _DEAD_LETTERS)
            for sender in given("senders").values():
                yield from ((source, node.id) for source in _referred(sender["source_arn"], nodes))


def _referred(value: Any, nodes: Iterable[Node]) -> list[str]:
    """The nodes that a value refers to, in the diagram's order."""
    places = {
        (origin.resource.root, origin.resource.address) for origin in origins(value) if isinstance(origin, Reference)
    }
    meant = {
        max((node for node in nodes if _holds(node, *place)), key=lambda node: len(node.address), default=None)
        for place in places
    }
    return [node.id for node in nodes if node in meant]


def _holds(node: Node, root: str, address: str) -> bool:
    return root == node.module.root and address.startswith(node.address)
