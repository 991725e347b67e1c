"""The syntax of Terraform's language (HCL 2): text to blocks, attributes and expressions.

checkov's own parser loses what a rule has to know: whether `name` was a string or a reference, lists of one element,
`for` expressions. So rules read the source themselves. Follows the HCL native syntax specification
(github.com/hashicorp/hcl, hclsyntax/spec.md). What stands in a template directive (`%{ ... }`) is not read: such a
template is `Opaque`, and whoever needs its value cannot decide.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from policies.hcl.lexical import escape, name_end


class SyntaxFault(Exception):
    """The text is not HCL. `line` counts from 1; the message names it, and the file where that is known."""

    def __init__(self, problem: str, line: int, file: Path | None = None) -> None:
        super().__init__(f"{f'{file}, ' if file else ''}line {line}: {problem}")
        self.problem = problem
        self.line = line


@dataclass(frozen=True, slots=True)
class Literal:
    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Template:
    """A quoted or heredoc string with interpolations; text parts stand between the expressions."""

    parts: tuple[str | Expression, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """The root of a reference: `var`, `local`, `aws_kms_key`, or a name bound by `for` or `dynamic`."""

    name: str


@dataclass(frozen=True, slots=True)
class Attribute:
    of: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Index:
    of: Expression
    key: Expression


@dataclass(frozen=True, slots=True)
class Splat:
    """`of[*]` or `of.*`; `each` is what follows it, applied to `Name("*")`."""

    of: Expression
    each: Expression


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple[Expression, ...]
    spread: bool = False


@dataclass(frozen=True, slots=True)
class Unary:
    operator: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Conditional:
    condition: Expression
    then: Expression
    otherwise: Expression


@dataclass(frozen=True, slots=True)
class TupleOf:
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class ObjectOf:
    items: tuple[tuple[Expression, Expression], ...]


@dataclass(frozen=True, slots=True)
class For:
    """`[for k, v in collection : value if condition]`, or with `key` the object form."""

    names: tuple[str, ...]
    collection: Expression
    key: Expression | None
    value: Expression
    condition: Expression | None
    grouped: bool


@dataclass(frozen=True, slots=True)
class Opaque:
    """A part that is not read, with its text."""

    text: str


Expression = (
    Literal
    | Template
    | Name
    | Attribute
    | Index
    | Splat
    | Call
    | Unary
    | Binary
    | Conditional
    | TupleOf
    | ObjectOf
    | For
    | Opaque
)


@dataclass(frozen=True, slots=True)
class Skip:
    """A `checkov:skip=<id>:<reason>` comment. Without a reason, `reason` is empty."""

    id: str
    reason: str
    line: int


@dataclass(slots=True)
class Body:
    attributes: dict[str, Expression] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)

    def named(self, kind: str) -> Iterator[Block]:
        return (block for block in self.blocks if block.kind == kind)


@dataclass(slots=True)
class Block:
    kind: str
    labels: tuple[str, ...]
    body: Body
    line: int
    end_line: int
    skips: tuple[Skip, ...] = ()


@dataclass(slots=True)
class File:
    body: Body
    skips: tuple[Skip, ...]


_NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_DIGITS: Final = re.compile(r"[0-9]+")
_HEREDOC: Final = re.compile(r"<<(-?)(?=\w)")
_END_OF_LINE: Final = re.compile(r"[ \t]*\r?\n")
_COMMENT: Final = re.compile(r"(?:#|//)[^\n]*|/\*.*?\*/", re.DOTALL)
_SKIP: Final = re.compile(r"checkov:skip\s*=\s*([\w-]+)\s*(?::[ \t]*([^\n]*))?")
_BINARY: Final = (("||",), ("&&",), ("==", "!="), ("<=", ">=", "<", ">"), ("+", "-"), ("*", "/", "%"))


def read(path: Path) -> File:
    """Parse a file. Raises SyntaxFault with the file and the line."""
    try:
        return parse(path.read_text(encoding="utf-8"))
    except SyntaxFault as fault:
        raise SyntaxFault(fault.problem, fault.line, path) from None
    except UnicodeDecodeError as fault:
        line = fault.object.count(b"\n", 0, fault.start) + 1
        raise SyntaxFault("the text is not UTF-8", line, path) from None


@lru_cache(maxsize=4096)
def parse(text: str) -> File:
    """Blocks and attributes of a `.tf` file, with its skip comments. Raises SyntaxFault, and nothing else."""
    parser = _Parser(text)
    try:
        return parser.file()
    except RecursionError:
        raise parser.fault("brackets are nested too deeply") from None


class _Parser:
    def __init__(self, text: str, first_line: int = 1) -> None:
        self.text = text
        self.at = 0
        self.first_line = first_line
        self.skips: list[Skip] = []

    # Characters ------------------------------------------------------------------------------------------------------

    def line(self, at: int | None = None) -> int:
        return self.text.count("\n", 0, self.at if at is None else at) + self.first_line

    def fault(self, problem: str) -> SyntaxFault:
        return SyntaxFault(problem, self.line())

    def space(self, *, newlines: bool) -> None:
        """Move over blanks and comments; over line ends only where they mean nothing."""
        while self.at < len(self.text):
            character = self.text[self.at]
            if character in " \t\r\ufeff" or (newlines and character == "\n"):
                self.at += 1
            elif comment := _COMMENT.match(self.text, self.at):
                self.note_skip(comment)
                self.at = comment.end()
            else:
                return

    def note_skip(self, comment: re.Match[str]) -> None:
        if found := _SKIP.search(comment.group()):
            skip = Skip(found.group(1), (found.group(2) or "").strip(), self.line(comment.start()))
            if skip not in self.skips:  # a comment is met again when the parser steps back
                self.skips.append(skip)

    def sees(self, mark: str) -> bool:
        return self.text.startswith(mark, self.at)

    def take(self, mark: str) -> bool:
        if self.sees(mark):
            self.at += len(mark)
            return True
        return False

    def need(self, mark: str) -> None:
        if not self.take(mark):
            raise self.fault(f"expected {mark!r}, found {self.text[self.at : self.at + 12]!r}")

    def name(self) -> str:
        started, self.at = self.at, name_end(self.text, self.at)
        if self.at == started:
            raise self.fault(f"expected a name, found {self.text[self.at : self.at + 12]!r}")
        return unicodedata.normalize("NFC", self.text[started : self.at])  # as Terraform's reader does

    def sees_word(self, word: str) -> bool:
        return self.text[self.at : name_end(self.text, self.at)] == word

    # Structure -------------------------------------------------------------------------------------------------------

    def file(self) -> File:
        body = self.body(top=True)
        return File(body, tuple(self.skips))

    def body(self, *, top: bool) -> Body:
        body = Body()
        while True:
            self.space(newlines=True)
            if self.at >= len(self.text):
                if top:
                    return body
                raise self.fault("a block is not closed")
            if self.sees("}") and not top:
                self.at += 1
                return body
            started = self.at
            name = self.name()
            self.space(newlines=False)
            if self.sees("=") and not self.sees("=="):
                self.at += 1
                if name in body.attributes:
                    raise SyntaxFault(f"{name} is set twice", self.line(started))
                body.attributes[name] = self.expression(newlines=False)
                self.end_of_item(top=top)
            else:
                body.blocks.append(self.block(name, started))

    def end_of_item(self, *, top: bool) -> None:
        self.space(newlines=False)
        if self.at < len(self.text) and not self.sees("\n") and not (self.sees("}") and not top):
            raise self.fault(f"expected the end of the line, found {self.text[self.at : self.at + 12]!r}")

    def block(self, kind: str, started: int) -> Block:
        labels: list[str] = []
        while not self.sees("{"):
            if self.sees('"'):
                label = self.quoted()
                if not isinstance(label, Literal):
                    raise self.fault("a label holds an interpolation")
                labels.append(str(label.value))
            else:
                labels.append(self.name())
            self.space(newlines=False)
        self.at += 1
        first = len(self.skips)
        body = self.body(top=False)
        return Block(kind, tuple(labels), body, self.line(started), self.line(), tuple(self.skips[first:]))

    # Expressions -----------------------------------------------------------------------------------------------------

    def expression(self, *, newlines: bool) -> Expression:
        self.space(newlines=newlines)
        condition = self.binary(0, newlines)
        self.space(newlines=newlines)
        if not self.take("?"):
            return condition
        then = self.expression(newlines=newlines)
        self.space(newlines=newlines)
        self.need(":")
        return Conditional(condition, then, self.expression(newlines=newlines))

    def binary(self, level: int, newlines: bool) -> Expression:
        if level == len(_BINARY):
            return self.unary(newlines)
        left = self.binary(level + 1, newlines)
        while True:
            before = self.at
            self.space(newlines=newlines)
            operator = next((mark for mark in _BINARY[level] if self.sees(mark)), None)
            if operator is None:
                self.at = before
                return left
            self.at += len(operator)
            self.space(newlines=newlines)
            left = Binary(operator, left, self.binary(level + 1, newlines))

    def unary(self, newlines: bool) -> Expression:
        self.space(newlines=newlines)
        for operator in ("-", "!"):
            if self.sees(operator):
                self.at += 1
                return Unary(operator, self.unary(newlines))
        return self.traversal(self.term(), newlines)

    def traversal(self, value: Expression, newlines: bool) -> Expression:
        while True:
            before = self.at
            if newlines:
                self.space(newlines=True)
            if self.sees("[*]"):
                self.at += 3
                return Splat(value, self.traversal(Name("*"), newlines))
            if self.sees(".*"):
                self.at += 2
                return Splat(value, self.traversal(Name("*"), newlines))
            if self.sees("[") and self.at == before:
                self.at += 1
                key = self.expression(newlines=True)
                self.space(newlines=True)
                self.need("]")
                value = Index(value, key)
            elif self.sees(".") and not self.sees("..."):
                self.at += 1
                if number := _DIGITS.match(self.text, self.at):
                    value = Index(value, Literal(self.number(number)))
                else:
                    value = Attribute(value, self.name())
            else:
                self.at = before
                return value

    def term(self) -> Expression:
        if self.sees('"'):
            return self.quoted()
        if heredoc := _HEREDOC.match(self.text, self.at):
            return self.heredoc(indented=bool(heredoc.group(1)), marker=heredoc.end())
        if self.take("("):
            inner = self.expression(newlines=True)
            self.space(newlines=True)
            self.need(")")
            return inner
        if self.take("["):
            return self.tuple_()
        if self.take("{"):
            return self.object_()
        if number := _NUMBER.match(self.text, self.at):
            return Literal(self.number(number))
        name = self.name()
        while self.take("::"):
            name += "::" + self.name()
        if self.sees("("):
            self.at += 1
            return self.call(name)
        if name in ("true", "false", "null"):
            return Literal({"true": True, "false": False, "null": None}[name])
        return Name(name)

    def number(self, found: re.Match[str]) -> int | float:
        text = found.group()
        try:
            value = int(text) if text.isdigit() else float(text)
        except ValueError:  # Python reads at most 4,300 digits
            raise self.fault("a number has too many digits") from None
        self.at = found.end()
        return value

    def call(self, function: str) -> Call:
        arguments: list[Expression] = []
        spread = False
        while True:
            self.space(newlines=True)
            if self.take(")"):
                return Call(function, tuple(arguments), spread)
            arguments.append(self.expression(newlines=True))
            self.space(newlines=True)
            spread = self.take("...")
            self.space(newlines=True)
            if not self.take(",") and not self.sees(")"):
                raise self.fault(f"the arguments of {function} are not closed")

    def tuple_(self) -> Expression:
        self.space(newlines=True)
        if self.sees_word("for"):
            return self.for_(closing="]")
        items: list[Expression] = []
        while True:
            self.space(newlines=True)
            if self.take("]"):
                return TupleOf(tuple(items))
            items.append(self.expression(newlines=True))
            self.space(newlines=True)
            if not self.take(",") and not self.sees("]"):
                raise self.fault("a list is not closed")

    def object_(self) -> Expression:
        self.space(newlines=True)
        if self.sees_word("for"):
            return self.for_(closing="}")
        items: list[tuple[Expression, Expression]] = []
        while True:
            self.space(newlines=True)
            if self.take("}"):
                return ObjectOf(tuple(items))
            key = self.expression(newlines=False)
            if isinstance(key, Name):  # a bare word is its own name
                key = Literal(key.name)
            self.space(newlines=False)
            if not self.take("=") and not self.take(":"):
                raise self.fault("an object's key has no value")
            items.append((key, self.expression(newlines=False)))
            self.space(newlines=False)
            if not self.take(",") and not self.sees("\n") and not self.sees("}"):
                raise self.fault("an object is not closed")

    def for_(self, closing: str) -> For:
        self.name()
        self.space(newlines=True)
        names = [self.name()]
        self.space(newlines=True)
        if self.take(","):
            self.space(newlines=True)
            names.append(self.name())
            self.space(newlines=True)
        if not self.sees_word("in"):
            raise self.fault("expected `in`")
        self.name()
        collection = self.expression(newlines=True)
        self.space(newlines=True)
        self.need(":")
        key: Expression | None = None
        value = self.expression(newlines=True)
        self.space(newlines=True)
        if closing == "}":
            self.need("=>")
            key, value = value, self.expression(newlines=True)
            self.space(newlines=True)
        grouped = self.take("...")
        self.space(newlines=True)
        condition: Expression | None = None
        if self.sees_word("if"):
            self.name()
            condition = self.expression(newlines=True)
            self.space(newlines=True)
        self.need(closing)
        return For(tuple(names), collection, key, value, condition, grouped)

    # Templates -------------------------------------------------------------------------------------------------------

    def quoted(self) -> Expression:
        self.need('"')
        parts: list[str | Expression] = []
        text: list[str] = []
        while True:
            if self.at >= len(self.text) or self.text[self.at] == "\n":
                raise self.fault("a string is not closed")
            if self.take('"'):
                return _template(parts, text)
            if self.sees("\\"):
                try:
                    character, self.at = escape(self.text, self.at)
                except ValueError as error:
                    raise self.fault(str(error)) from None
                text.append(character)
            else:
                self.template_part(parts, text)

    def template_part(self, parts: list[str | Expression], text: list[str]) -> None:
        if self.sees("$${") or self.sees("%%{"):
            text.append(self.text[self.at : self.at + 1] + "{")
            self.at += 3
        elif self.sees("${"):
            self.at += 2
            self.take("~")
            if text:
                parts.append("".join(text))
                text.clear()
            parts.append(self.expression(newlines=True))
            self.space(newlines=True)
            self.take("~")
            self.need("}")
        elif self.sees("%{"):
            end = self.text.find("}", self.at)
            if end < 0:
                raise self.fault("a template directive is not closed")
            if text:
                parts.append("".join(text))
                text.clear()
            parts.append(Opaque(self.text[self.at : end + 1]))
            self.at = end + 1
        else:
            text.append(self.text[self.at])
            self.at += 1

    def heredoc(self, *, indented: bool, marker: int) -> Expression:
        name = self.text[marker : name_end(self.text, marker)]
        opening = _END_OF_LINE.match(self.text, marker + len(name))
        if not name or opening is None:
            raise self.fault("a heredoc begins with a name, alone at the end of its line")
        closing = re.compile(rf"^[ \t]*{re.escape(name)}[ \t]*\r?$", re.MULTILINE).search(self.text, opening.end())
        if closing is None:
            raise self.fault(f"the heredoc {name} is not closed")
        self.at = opening.end()
        raw = self.text[self.at : closing.start()]
        if indented:
            lines = raw.split("\n")  # and at no other of the characters that Python takes for the end of a line
            margin = min((len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()), default=0)
            raw = "\n".join(line[margin:] if line.strip() else line for line in lines)
        inner = _Parser(raw, self.line())
        parts: list[str | Expression] = []
        text: list[str] = []
        while inner.at < len(raw):
            inner.template_part(parts, text)
        self.at = closing.end()
        return _template(parts, text)


def _template(parts: list[str | Expression], text: list[str]) -> Expression:
    if not parts:
        return Literal("".join(text))
    return Template((*parts, "".join(text)) if text else tuple(parts))
