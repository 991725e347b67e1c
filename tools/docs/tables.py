"""The tables of inputs and outputs in a module's README, made from its variables.tf and outputs.tf (PLT-02)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from policies.hcl import syntax
from tools.livetree.reading.source import Source
from tools.project import ROOT

_COLLECTIONS: Final = ("list", "map", "set")
_HANDED_OVER: Final = {
    "context": "../../../../docs/architecture.md#units-and-what-passes-between-them",
    "data": "../data/README.md",
    "network": "../network/README.md",
    "service": "../service/README.md",
}


@dataclass(frozen=True)
class Row:
    """An input, or a field of one: `limits.timeout_s`, and `senders.*.service` for each value of a map or list."""

    name: str
    type: str
    default: str | None  # HCL; None where the caller must give a value
    description: str
    line: int = field(default=0, compare=False)  # where it is declared, from 1
    pointer: str = ""  # Markdown that follows the description: where the fields are described


def modules(folder: Path = ROOT / "modules") -> list[Path]:
    """The folders of all modules, compositions with them."""
    return sorted(path.parent for path in folder.rglob("variables.tf") if ".terraform" not in path.parts)


def render(module: Path) -> list[str]:
    """The lines of both tables in Markdown."""
    lines = ["", "| input | type | default | what it is |", "| --- | --- | --- | --- |"]
    for row in shown(module):
        default = "**required**" if row.default is None else _code(row.default)
        lines.append(f"| {_code(row.name)} | {_code(row.type)} | {default} | {_cell(row.description + row.pointer)} |")
    lines += ["", "| output | what it is | fields |", "| --- | --- | --- |"]
    source = Source.read(module / "outputs.tf")
    passed_on = _passed_on(module, source)
    for name, description, fields in outputs(source):
        cell = ", ".join(map(_code, fields)) or passed_on.get(name, "—")
        lines.append(f"| {_code(name)} | {_cell(description)} | {cell} |")
    return [*lines, ""]


def shown(module: Path) -> list[Row]:
    """The rows of a module's inputs as its README has them.

    What a composition is handed whole (`context`, and the outputs of the system's other units) has one row, which names
    the fields that it reads and links to what they are: they are described where they are made.
    """
    rows = list(inputs(Source.read(module / "variables.tf")))
    if module.parent.parent.name != "systems":
        return rows
    for name, link in _HANDED_OVER.items():
        fields = [row.name for row in rows if row.name.startswith(f"{name}.")]
        read = ", ".join(_code(field.partition(".")[2]) for field in fields if field.count(".") == 1)
        rows = [
            replace(row, pointer=f" Reads {read} ([what they are]({link})).") if row.name == name else row
            for row in rows
            if row.name not in fields
        ]
    return rows


def inputs(source: Source) -> Iterator[Row]:
    """A row for each variable, followed by the rows of its fields."""
    for block in source.body.named("variable"):
        description = _description(source, block)
        default = _text(source, block, "default")
        type_ = block.body.attributes.get("type", syntax.Name("any"))
        yield from _Types(source).rows(Row(block.labels[0], "any", default, description, block.line), type_)


def outputs(source: Source) -> Iterator[tuple[str, str, list[str]]]:
    """(name, description, fields) of each output; fields are the keys where the value is written as an object."""
    for block in source.body.named("output"):
        value = block.body.attributes.get("value")
        if isinstance(value, syntax.Conditional):  # one of them is null
            value = value.then if isinstance(value.then, syntax.ObjectOf) else value.otherwise
        pairs = value.items if isinstance(value, syntax.ObjectOf) else ()
        fields = [str(key.value) for key, _ in pairs if isinstance(key, syntax.Literal)]
        yield block.labels[0], _description(source, block), fields


def _passed_on(module: Path, source: Source) -> dict[str, str]:
    """Where the fields are described of each output that is the output of another module, as Markdown."""
    calls = {
        block.labels[0]: block.body.attributes["source"]
        for path in module.glob("*.tf")
        for block in Source.read(path).body.named("module")
    }
    found = {}
    for block in source.body.named("output"):
        match block.body.attributes.get("value"):
            case syntax.Attribute(syntax.Attribute(syntax.Name("module"), call), output):
                match calls.get(call):
                    case syntax.Literal(str() as path):
                        found[block.labels[0]] = f"see {_code(output)} of [{Path(path).name}]({path}/README.md)"
    return found


def _text(source: Source, block: syntax.Block, name: str) -> str | None:
    place = block.body.places.get(name)
    return source.text[slice(*place.value)] if place else None


def _description(source: Source, block: syntax.Block) -> str:
    match block.body.attributes.get("description"):
        case syntax.Literal(str() as text):
            return text
    raise source.failure(
        block.span[0], f"{block.kind} {block.labels[0]} has no description", "write one: a sentence, in quotes"
    )


class _Types:
    """The type constraints of a file.

    Source of the grammar: https://developer.hashicorp.com/terraform/language/expressions/type-constraints
    """

    def __init__(self, source: Source) -> None:
        self._source = source

    def rows(self, row: Row, type_: syntax.Expression) -> list[Row]:
        """The row of what has this type, and those of its fields."""
        match type_:
            case syntax.Call("object", (syntax.ObjectOf(items),)):
                fields = [one for key, field in items for one in self._field(row.name, key, field)]
                return [replace(row, type="object"), *fields]
            case syntax.Call(collection, (inner,)) if collection in _COLLECTIONS:
                member, *fields = self.rows(replace(row, name=f"{row.name}.*"), inner)
                return [replace(row, type=f"{collection}({member.type})"), *fields]
            case syntax.Name(word):
                return [replace(row, type=word)]
            case _:
                return [replace(row, type=self._text_at(type_))]

    def _field(self, of: str, key: syntax.Expression, type_: syntax.Expression) -> list[Row]:
        description = self._comment_behind(type_.span[1])
        default = None
        match type_:
            case syntax.Call("optional", (inner, *defaults)):
                type_ = inner
                default = self._text_at(defaults[0]) if defaults else "null"
        name = f"{of}.{self._text_at(key)}"
        return self.rows(Row(name, "any", default, description, self._source.line(key.span[0])), type_)

    def _comment_behind(self, end: int) -> str:
        """The comment that ends the line of a field whose type ends at `end`."""
        for comment in self._source.file.comments:
            if comment.span[0] >= end:
                between = self._source.text[end : comment.span[0]]
                return "" if between.strip(" \t,") else comment.text
        return ""

    def _text_at(self, node: syntax.Expression) -> str:
        return self._source.text[slice(*node.span)]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _code(text: str) -> str:
    return f"`{_cell(text)}`"
