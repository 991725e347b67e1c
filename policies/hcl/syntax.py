"""The one reader of HCL 2, the language of Terraform and Terragrunt: text to blocks, attributes and expressions.

Rules, the live tree, the documentation and the tests all read with it. Every node knows its place in the text. Follows
the HCL native syntax specification (github.com/hashicorp/hcl, hclsyntax/spec.md). A template directive (`%{ ... }`) is
`Directive`: its expressions are read, but the template has no value that is known.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, cast

from policies.hcl.lexical import escape, name_end


class SyntaxFault(Exception):
    """The text is not HCL. The message names the line, which counts from 1, and the file where it is known."""

    def __init__(self, problem: str, line: int, file: Path | None = None) -> None:
        super().__init__(f"{f'{file}, ' if file else ''}line {line}: {problem}")
        self.problem = problem
        self.line = line


Span = tuple[int, int]
"""Where something begins and ends in the text: `text[begin:end]`."""


@dataclass(frozen=True, slots=True)
class Node:
    """`span` is the node's place, without brackets around it. Nodes that say the same are equal wherever they are."""

    span: Span = field(default=(0, 0), kw_only=True, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Literal(Node):
    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Template(Node):
    """A quoted or heredoc string with interpolations; text parts stand between the expressions."""

    parts: tuple[str | Expression, ...]


@dataclass(frozen=True, slots=True)
class Name(Node):
    """The root of a reference: `var`, `local`, `aws_kms_key`, or a name bound by `for` or `dynamic`."""

    name: str


@dataclass(frozen=True, slots=True)
class Attribute(Node):
    of: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Index(Node):
    of: Expression
    key: Expression


@dataclass(frozen=True, slots=True)
class Splat(Node):
    """`of[*]` or `of.*`; `each` is what follows it, applied to `Name("*")`."""

    of: Expression
    each: Expression


@dataclass(frozen=True, slots=True)
class Call(Node):
    function: str
    arguments: tuple[Expression, ...]
    spread: bool = False


@dataclass(frozen=True, slots=True)
class Unary(Node):
    operator: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary(Node):
    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Conditional(Node):
    condition: Expression
    then: Expression
    otherwise: Expression


@dataclass(frozen=True, slots=True)
class TupleOf(Node):
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class ObjectOf(Node):
    items: tuple[tuple[Expression, Expression], ...]


@dataclass(frozen=True, slots=True)
class For(Node):
    """`[for k, v in collection : value if condition]`, or with `key` the object form."""

    names: tuple[str, ...]
    collection: Expression
    key: Expression | None
    value: Expression
    condition: Expression | None
    grouped: bool


@dataclass(frozen=True, slots=True)
class Directive(Node):
    """`%{ if condition }`, `%{ for name in collection }`, `%{ else }`, `%{ endif }` or `%{ endfor }`, with its text."""

    text: str
    expressions: tuple[Expression, ...]


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
    | Directive
)


def children(node: Node) -> Iterator[Expression]:
    """The expressions that an expression is made of, in no particular order."""
    for part in fields(node):
        yield from _expressions(getattr(node, part.name))


def _expressions(value: Any) -> Iterator[Expression]:
    if isinstance(value, Node):
        yield cast("Expression", value)
    elif isinstance(value, tuple):
        for part in value:
            yield from _expressions(part)


@dataclass(frozen=True, slots=True)
class Comment:
    """`text` is what it says, without its marks."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Skip:
    """A `checkov:skip=<id>:<reason>` comment. Without a reason, `reason` is empty."""

    id: str
    reason: str
    line: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where an attribute stands: its name, and its value with the brackets around it."""

    name: int
    value: Span


@dataclass(slots=True)
class Body:
    """What stands between the braces of a block, or in a file; in the order of the file."""

    attributes: dict[str, Expression] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict, compare=False, repr=False)
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
    span: Span = field(default=(0, 0), compare=False, repr=False)


def blocks(body: Body) -> Iterator[Block]:
    """All blocks in a body, at every depth."""
    for block in body.blocks:
        yield block
        yield from blocks(block.body)


def expressions(body: Body) -> Iterator[Expression]:
    """All expressions in a body, at every depth: those of the attributes, and what they are made of."""
    for one in (body, *(block.body for block in blocks(body))):
        for value in one.attributes.values():
            yield from _with_parts(value)


def _with_parts(expression: Expression) -> Iterator[Expression]:
    yield expression
    for part in children(expression):
        yield from _with_parts(part)


@dataclass(slots=True)
class File:
    body: Body
    skips: tuple[Skip, ...]
    comments: tuple[Comment, ...] = field(default=(), compare=False, repr=False)


_NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_DIGITS: Final = re.compile(r"[0-9]+")
_HEREDOC: Final = re.compile(r"<<(-?)(?=\w)")
_END_OF_LINE: Final = re.compile(r"[ \t]*\r?\n")
_COMMENT: Final = re.compile(r"(?:#|//)(?P<line>[^\n]*)|/\*(?P<block>.*?)\*/", re.DOTALL)
_ITEM: Final = "expected an attribute (name = value) or a block (name { ... })"
_SKIP: Final = re.compile(r"checkov:skip\s*=\s*([\w-]+)\s*(?::[ \t]*([^\n]*))?")
_OPERATOR: Final = re.compile(r"\|\||&&|[=!]=|[<>]=?|[-+*/%]")
_LEVELS: Final = (("||",), ("&&",), ("==", "!="), ("<=", ">=", "<", ">"), ("+", "-"), ("*", "/", "%"))
_LEVEL: Final = {operator: level for level, operators in enumerate(_LEVELS) for operator in operators}
_BLANKS: Final = re.compile(r"[ \t\r\ufeff]+")
_BLANKS_AND_LINES: Final = re.compile(r"[ \t\r\ufeff\n]+")
_PLAIN_TEXT: Final = re.compile(r'[^"\\\n$%]+')


def text_of(path: Path) -> str:
    """The text of a file. Raises SyntaxFault with the file and the line where it is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as fault:
        line = fault.object.count(b"\n", 0, fault.start) + 1
        raise SyntaxFault("the text is not UTF-8", line, path) from None


def read(path: Path) -> File:
    """Parse a file. Raises SyntaxFault with the file and the line."""
    text = text_of(path)
    try:
        return parse(text)
    except SyntaxFault as fault:
        raise SyntaxFault(fault.problem, fault.line, path) from None


@lru_cache(maxsize=4096)
def parse(text: str) -> File:
    """Blocks and attributes of a file, with its comments. Raises SyntaxFault, and nothing else."""
    parser = _Parser(text)
    try:
        return parser.file()
    except RecursionError:
        raise parser.fault("brackets are nested too deeply") from None


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.opened: list[tuple[str, int]] = []
        """The open brackets, each with its place."""
        self.comments: dict[int, Comment] = {}
        self.skips: dict[int, Skip] = {}

    # Characters ------------------------------------------------------------------------------------------------------

    def line(self, at: int | None = None) -> int:
        return self.text.count("\n", 0, self.at if at is None else at) + 1

    def fault(self, problem: str, at: int | None = None) -> SyntaxFault:
        return SyntaxFault(problem, self.line(at))

    def unexpected(self, wanted: str) -> SyntaxFault:
        """What is wrong here. At the end of the file it is the bracket that is not closed."""
        if self.at < len(self.text):
            end = max(name_end(self.text, self.at), self.at + 1)
            shown = "end of line" if self.text[self.at] in "\r\n" else self.text[self.at : end]
            return self.fault(f"unexpected {shown}: {wanted}")
        if self.opened:
            bracket, at = self.opened[-1]
            return self.fault(f"{bracket} is not closed", at)
        return self.fault(f"unexpected end of the file: {wanted}")

    def space(self, *, newlines: bool) -> None:
        """Move over blanks and comments, and over line ends where they have no meaning."""
        blanks = _BLANKS_AND_LINES if newlines else _BLANKS
        while self.at < len(self.text):
            if blank := blanks.match(self.text, self.at):
                self.at = blank.end()
            if not self.text.startswith(("#", "/"), self.at):
                return
            if comment := _COMMENT.match(self.text, self.at):
                self.note_comment(comment)
                self.at = comment.end()
            elif self.sees("/*"):
                raise self.fault("a comment is not closed")
            else:
                return

    def note_comment(self, comment: re.Match[str]) -> None:
        """Keep a comment once: the parser meets it again when it steps back."""
        start = comment.start()
        said = comment["line"] if comment["line"] is not None else comment["block"]
        self.comments[start] = Comment(said.strip(), comment.span())
        if found := _SKIP.search(said):
            self.skips[start] = Skip(found.group(1), (found.group(2) or "").strip(), self.line(start))

    def sees(self, mark: str) -> bool:
        return self.text.startswith(mark, self.at)

    def take(self, mark: str) -> bool:
        if self.sees(mark):
            self.at += len(mark)
            return True
        return False

    def need(self, mark: str) -> None:
        if not self.take(mark):
            raise self.unexpected(f"expected {mark}")

    def open(self, bracket: str) -> bool:
        """Take a bracket that has to be closed, if it is there."""
        started = self.at
        if self.take(bracket):
            self.opened.append((bracket, started))
            return True
        return False

    def close(self, bracket: str) -> bool:
        """Take the bracket that closes what was opened last, if it is there."""
        if self.take(bracket):
            self.opened.pop()
            return True
        return False

    def need_closing(self, bracket: str) -> None:
        if not self.close(bracket):
            raise self.unexpected(f"expected {bracket}")

    def name(self, wanted: str = "expected a name") -> str:
        started, self.at = self.at, name_end(self.text, self.at)
        if self.at == started:
            raise self.unexpected(wanted)
        return unicodedata.normalize("NFC", self.text[started : self.at])  # as Terraform's reader does

    def sees_word(self, word: str) -> bool:
        return self.text[self.at : name_end(self.text, self.at)] == word

    # Structure -------------------------------------------------------------------------------------------------------

    def file(self) -> File:
        body = self.body(top=True)
        comments = tuple(comment for _, comment in sorted(self.comments.items()))
        return File(body, self.skips_from(0), comments)

    def skips_from(self, start: int) -> tuple[Skip, ...]:
        return tuple(skip for at, skip in sorted(self.skips.items()) if at >= start)

    def body(self, *, top: bool) -> Body:
        body = Body()
        while True:
            self.space(newlines=True)
            if top and self.at >= len(self.text):
                return body
            if not top and self.close("}"):
                return body
            started = self.at
            name = self.name(_ITEM)
            self.space(newlines=False)
            if self.sees("=") and not self.sees("=="):
                self.attribute(body, name, started, top=top)
            else:
                body.blocks.append(self.block(name, started))

    def attribute(self, body: Body, name: str, started: int, *, top: bool) -> None:
        if name in body.attributes:
            raise self.fault(f"{name} is set twice (first on line {self.line(body.places[name].name)})", started)
        self.at += 1
        self.space(newlines=False)
        if self.at >= len(self.text) or self.sees("\n") or (self.sees("}") and not top):
            raise self.fault(f"{name} has no value", started)
        value = self.at
        body.attributes[name] = self.expression(newlines=False)
        body.places[name] = Place(started, (value, self.at))
        self.space(newlines=False)
        if self.at < len(self.text) and not self.sees("\n") and not (self.sees("}") and not top):
            raise self.unexpected("expected the end of the line")

    def block(self, kind: str, started: int) -> Block:
        labels: list[str] = []
        while not self.open("{"):
            if self.sees('"'):
                label = self.term()
                if not isinstance(label, Literal):
                    raise self.fault("a label holds an interpolation")
                labels.append(str(label.value))
            elif self.at >= len(self.text) and not self.opened:
                raise self.fault(f"unexpected {kind}: {_ITEM}", started)
            else:
                labels.append(self.name(_ITEM))
            self.space(newlines=False)
        first = self.at
        body = self.body(top=False)
        lines = (self.line(started), self.line())
        return Block(kind, tuple(labels), body, *lines, self.skips_from(first), span=(started, self.at))

    # Expressions -----------------------------------------------------------------------------------------------------

    def expression(self, *, newlines: bool) -> Expression:
        self.space(newlines=newlines)
        started = self.at
        condition = self.binary(0, newlines)
        ended = self.at
        self.space(newlines=newlines)
        if not self.take("?"):
            self.at = ended
            return condition
        then = self.expression(newlines=newlines)
        self.space(newlines=newlines)
        self.need(":")
        otherwise = self.expression(newlines=newlines)
        return Conditional(condition, then, otherwise, span=(started, self.at))

    def binary(self, lowest: int, newlines: bool) -> Expression:
        """Operands with the operators between them that bind as strongly as `lowest`, or stronger."""
        started = self.at
        left = self.unary(newlines)
        while True:
            before = self.at
            self.space(newlines=newlines)
            found = _OPERATOR.match(self.text, self.at)
            if found is None or _LEVEL[found.group()] < lowest:
                self.at = before
                return left
            self.at = found.end()
            self.space(newlines=newlines)
            right = self.binary(_LEVEL[found.group()] + 1, newlines)
            left = Binary(found.group(), left, right, span=(started, self.at))

    def unary(self, newlines: bool) -> Expression:
        self.space(newlines=newlines)
        started = self.at
        for operator in ("-", "!"):
            if self.take(operator):
                operand = self.unary(newlines)
                return Unary(operator, operand, span=(started, self.at))
        return self.traversal(self.term(), newlines, started)

    def traversal(self, value: Expression, newlines: bool, started: int) -> Expression:
        while True:
            before = self.at
            if newlines:
                self.space(newlines=True)
            if self.take("[*]") or self.take(".*"):
                each = self.traversal(Name("*", span=(self.at, self.at)), newlines, self.at)
                return Splat(value, each, span=(started, self.at))
            if self.at == before and self.open("["):
                key = self.expression(newlines=True)
                self.space(newlines=True)
                self.need_closing("]")
                value = Index(value, key, span=(started, self.at))
            elif self.sees(".") and not self.sees("..."):
                self.at += 1
                if number := _DIGITS.match(self.text, self.at):
                    position = Literal(self.number(number), span=number.span())
                    value = Index(value, position, span=(started, self.at))
                else:
                    name = self.name()
                    value = Attribute(value, name, span=(started, self.at))
            else:
                self.at = before
                return value

    def term(self) -> Expression:
        started = self.at
        if self.open("("):
            inner = self.expression(newlines=True)
            self.space(newlines=True)
            self.need_closing(")")
            return inner
        return replace(self.term_without_place(), span=(started, self.at))

    def term_without_place(self) -> Expression:
        if self.sees('"'):
            return self.quoted()
        if heredoc := _HEREDOC.match(self.text, self.at):
            return self.heredoc(indented=bool(heredoc.group(1)), marker=heredoc.end())
        if self.open("["):
            return self.tuple_()
        if self.open("{"):
            return self.object_()
        if number := _NUMBER.match(self.text, self.at):
            return Literal(self.number(number))
        name = self.name("expected a value")
        while self.take("::"):
            name += "::" + self.name()
        if self.open("("):
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
            if self.close(")"):
                return Call(function, tuple(arguments), spread)
            arguments.append(self.expression(newlines=True))
            self.space(newlines=True)
            spread = self.take("...")
            self.space(newlines=True)
            if not self.take(",") and not self.sees(")"):
                raise self.unexpected(f"expected a comma or ) in the call of {function}")

    def tuple_(self) -> Expression:
        self.space(newlines=True)
        if self.sees_word("for"):
            return self.for_(closing="]")
        items: list[Expression] = []
        while True:
            self.space(newlines=True)
            if self.close("]"):
                return TupleOf(tuple(items))
            items.append(self.expression(newlines=True))
            self.space(newlines=True)
            if not self.take(",") and not self.sees("]"):
                raise self.unexpected("expected a comma or ]")

    def object_(self) -> Expression:
        self.space(newlines=True)
        if self.sees_word("for"):
            return self.for_(closing="}")
        items: list[tuple[Expression, Expression]] = []
        while True:
            self.space(newlines=True)
            if self.close("}"):
                return ObjectOf(tuple(items))
            key = self.expression(newlines=False)
            if isinstance(key, Name):  # a bare word is its own name
                key = Literal(key.name, span=key.span)
            self.space(newlines=False)
            if not self.take("=") and not self.take(":"):
                raise self.unexpected("expected = and the value of the key")
            items.append((key, self.expression(newlines=False)))
            self.space(newlines=False)
            if not self.take(",") and not self.sees("\n") and not self.sees("}"):
                raise self.unexpected("expected a comma, a new line or }")

    def for_(self, closing: str) -> For:
        names, collection = self.names_in_collection()
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
        self.need_closing(closing)
        return For(names, collection, key, value, condition, grouped)

    def names_in_collection(self) -> tuple[tuple[str, ...], Expression]:
        """Read `for name, name in collection`."""
        self.name()
        self.space(newlines=True)
        names = [self.name()]
        self.space(newlines=True)
        if self.take(","):
            self.space(newlines=True)
            names.append(self.name())
            self.space(newlines=True)
        if not self.sees_word("in"):
            raise self.unexpected("expected `in`")
        self.name()
        collection = self.expression(newlines=True)
        self.space(newlines=True)
        return tuple(names), collection

    # Templates -------------------------------------------------------------------------------------------------------

    def quoted(self) -> Expression:
        started = self.at
        self.need('"')
        parts: list[str | Expression] = []
        text: list[str] = []
        while True:
            if self.at >= len(self.text) or self.text[self.at] == "\n":
                raise self.fault("a string is not closed", started)
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
        elif self.sees("${") or self.sees("%{"):
            if text:
                parts.append("".join(text))
                text.clear()
            parts.append(self.interpolation() if self.open("${") else self.directive())
        else:
            plain = _PLAIN_TEXT.match(self.text, self.at)
            end = plain.end() if plain else self.at + 1
            text.append(self.text[self.at : end])
            self.at = end

    def interpolation(self) -> Expression:
        self.take("~")
        found = self.expression(newlines=True)
        self.end_of_template_part()
        return found

    def directive(self) -> Directive:
        started = self.at
        self.open("%{")
        self.take("~")
        self.space(newlines=True)
        expressions: tuple[Expression, ...] = ()
        if self.sees_word("for"):
            expressions = (self.names_in_collection()[1],)
        elif (word := self.name("expected if, else, for or the end of one")) == "if":
            expressions = (self.expression(newlines=True),)
        elif word not in ("else", "endif", "endfor"):
            raise self.fault(f"there is no template directive {word}", started)
        self.end_of_template_part()
        return Directive(self.text[started : self.at], expressions, span=(started, self.at))

    def end_of_template_part(self) -> None:
        self.space(newlines=True)
        self.take("~")
        self.need_closing("}")

    def heredoc(self, *, indented: bool, marker: int) -> Expression:
        started = self.at
        name = self.text[marker : name_end(self.text, marker)]
        opening = _END_OF_LINE.match(self.text, marker + len(name))
        if not name or opening is None:
            raise self.fault("a heredoc begins with a name, alone at the end of its line")
        closing = re.compile(rf"^[ \t]*{re.escape(name)}[ \t]*\r?$", re.MULTILINE).search(self.text, opening.end())
        if closing is None:
            raise self.fault(f"a heredoc is not closed: {name} is missing")
        lines = self.text[opening.end() : closing.start()].split("\n")  # and at nothing else that Python splits at
        margin = min((len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()), default=0)
        self.at = opening.end()
        parts: list[str | Expression] = []
        text: list[str] = []
        while self.at < closing.start():
            if (
                indented
                and self.text[self.at - 1] == "\n"
                and self.text[self.at : self.text.find("\n", self.at)].strip()
            ):
                self.at += margin
            self.template_part(parts, text)
        if self.at > closing.start():
            raise self.fault(f"the heredoc {name} ends within a template", started)
        self.at = closing.start() + len(closing.group().rstrip())
        return _template(parts, text)


def _template(parts: list[str | Expression], text: list[str]) -> Expression:
    if not parts:
        return Literal("".join(text))
    return Template((*parts, "".join(text)) if text else tuple(parts))
