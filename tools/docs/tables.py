"""The tables of inputs and outputs in a module's README, made from its variables.tf and outputs.tf (PLT-02)."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from tools.livetree.reading.lexer import Kind, Token, tokens
from tools.livetree.reading.source import Source
from tools.livetree.reading.syntax import Block, parse
from tools.toolchain import ROOT

_COLLECTIONS: Final = ("list", "map", "set")
_HANDED_OVER: Final = {
    "context": "../../../../docs/architecture.md#units-and-what-passes-between-them",
    "data": "../data/README.md",
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
    for name, description, fields in outputs(Source.read(module / "outputs.tf")):
        lines.append(f"| {_code(name)} | {_cell(description)} | {', '.join(map(_code, fields)) or '—'} |")
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
    for block in parse(source).of_type("variable"):
        description = _description(source, block)
        default = _expression(source, block, "default")
        type_ = block.body.attributes.get("type")
        text, start = (source.text[type_.start : type_.end], type_.start) if type_ else ("any", block.start)
        first, *fields = _Type(text, source.line(start)).rows(block.labels[0], default, description)
        yield replace(first, line=source.line(block.start))
        yield from fields


def outputs(source: Source) -> Iterator[tuple[str, str, list[str]]]:
    """(name, description, fields) of each output; fields are the keys where the value is written as an object."""
    for block in parse(source).of_type("output"):
        yield block.labels[0], _description(source, block), _keys(_expression(source, block, "value") or "")


def _expression(source: Source, block: Block, name: str) -> str | None:
    attribute = block.body.attributes.get(name)
    return source.text[attribute.start : attribute.end] if attribute else None


def _description(source: Source, block: Block) -> str:
    text = _expression(source, block, "description")
    if text is None or not text.startswith('"'):
        raise source.failure(
            block.start, f"{block.type} {block.labels[0]} has no description", "write one: a sentence, in quotes"
        )
    return str(json.loads(text))


def _keys(value: str) -> list[str]:
    found = tokens(value)
    if not found or value[found[0].start] != "{":
        return []
    pairs = itertools.pairwise(found)
    return [
        value[name.start : name.end]
        for name, following in pairs
        if name.kind is Kind.NAME and name.depth == 1 and value[following.start : following.end] == "="
    ]


class _Type:
    """A type constraint, read from left to right.

    Source of the grammar: https://developer.hashicorp.com/terraform/language/expressions/type-constraints
    """

    def __init__(self, text: str, first_line: int) -> None:
        self._text = text
        self._first_line = first_line
        self._tokens = [token for token in tokens(text) if token.kind is not Kind.NEWLINE]
        self._at = 0

    def rows(self, name: str, default: str | None, description: str) -> list[Row]:
        """The row of what has this type, and those of its fields."""
        kind, fields = self._type(name)
        return [Row(name, kind, default, description), *fields]

    def _type(self, name: str) -> tuple[str, list[Row]]:
        """Read a type; return it with `object` for an object of fields, and the fields' rows."""
        word = self._take()
        if self._shown() != "(":
            return word, []
        opening = self._take_token()
        if word == "object":
            self._take()
            fields = list(self._fields(name))
            self._take()
            self._take()
            return word, fields
        if word in _COLLECTIONS:
            inner, fields = self._type(f"{name}.*")
            self._take()
            return f"{word}({inner})", fields
        return f"{word}{self._rest(opening, take_closing=True)}", []

    def _fields(self, name: str) -> Iterator[Row]:
        while self._shown() != "}":
            if self._shown() == ",":
                self._take()
                continue
            line = self._first_line + self._text.count("\n", 0, self._tokens[self._at].start)
            field = f"{name}.{self._take()}"
            self._take()
            opening: Token | None = None
            if self._shown() == "optional":
                self._take()
                opening = self._take_token()
            kind, fields = self._type(field)
            default = None
            if opening:
                default = "null"
                if self._shown() == ",":
                    self._take()
                    default = self._rest(opening, take_closing=False)
                self._take()
            yield Row(field, kind, default, self._comment(), line)
            yield from fields

    def _rest(self, opening: Token, *, take_closing: bool) -> str:
        """The text up to the bracket that closes `opening`: with both brackets, or from here and without them."""
        start = opening.start if take_closing else self._tokens[self._at].start
        while not (self._shown() == ")" and self._tokens[self._at].depth == opening.depth):
            self._at += 1
        end = self._tokens[self._at].start
        if take_closing:
            end = self._take_token().end
        return self._text[start:end].strip()

    def _comment(self) -> str:
        """The comment at the end of the line that was read last."""
        end = self._tokens[self._at - 1].end
        found = re.match(r"[ \t,]*(?:#|//)[ \t]*(.*)", self._text[end:])
        return found[1] if found else ""

    def _shown(self) -> str:
        if self._at == len(self._tokens):
            return ""
        token = self._tokens[self._at]
        return self._text[token.start : token.end]

    def _take(self) -> str:
        shown = self._shown()
        self._at += 1
        return shown

    def _take_token(self) -> Token:
        self._at += 1
        return self._tokens[self._at - 1]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _code(text: str) -> str:
    return f"`{_cell(text)}`"
