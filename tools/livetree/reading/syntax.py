"""The shape of an HCL file: attributes and blocks, with the place of each. Expressions stay text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tools.errors import Failure
from tools.livetree.reading.lexer import Kind, LexicalError, Token, tokens
from tools.livetree.reading.source import Source


@dataclass(frozen=True)
class Attribute:
    """`name = expression`; `start` and `end` span the expression, `at` is where the name stands."""

    name: str
    at: int
    start: int
    end: int


@dataclass(frozen=True)
class Block:
    """`type "label" { ... }`; `start` and `end` span all of it."""

    type: str
    labels: tuple[str, ...]
    body: Body
    start: int
    end: int


@dataclass
class Body:
    """What stands between the braces of a block, or in a file; in the order of the file."""

    attributes: dict[str, Attribute] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)

    def of_type(self, type_: str) -> Iterator[Block]:
        return (block for block in self.blocks if block.type == type_)


def parse(source: Source) -> Body:
    """Cut a file into attributes and blocks. Raises Failure with file and line for what is no HCL."""
    try:
        return _Parser(source, tokens(source.text)).body(0)
    except LexicalError as error:
        raise source.failure(error.offset, error.problem, "mend the syntax") from None


class _Parser:
    def __init__(self, source: Source, found: list[Token]) -> None:
        self.source = source
        self.tokens = found
        self.at = 0

    def body(self, depth: int) -> Body:
        """Read attributes and blocks up to the brace that closes this body; that brace is left to the caller."""
        body = Body()
        while (token := self._peek()) is not None and not self._is(token, "}"):
            self.at += 1
            if token.kind is Kind.NEWLINE:
                continue
            if token.kind is not Kind.NAME:
                raise self._unexpected(token)
            following = self._peek()
            if following is not None and self._is(following, "="):
                self._attribute(body, token, depth)
            else:
                body.blocks.append(self._block(token, depth))
        return body

    def _attribute(self, body: Body, name: Token, depth: int) -> None:
        self.at += 1
        first = self._peek()
        end = start = first.start if first else len(self.source.text)
        while (token := self._peek()) is not None:
            closes_block = token.depth < depth and self._is(token, "}")
            if closes_block or (token.kind is Kind.NEWLINE and token.depth == depth):
                break
            end = max(end, token.end)
            self.at += 1
        text = self._text(name)
        if start == end:
            raise self.source.failure(name.start, f"{text} has no value", "write one after the equals sign")
        if text in body.attributes:
            line = self.source.line(body.attributes[text].at)
            raise self.source.failure(name.start, f"{text} is set twice (first on line {line})", "keep one of them")
        body.attributes[text] = Attribute(text, name.start, start, end)

    def _block(self, type_: Token, depth: int) -> Block:
        labels = []
        while (token := self._peek()) is not None and not self._is(token, "{"):
            if token.kind not in (Kind.NAME, Kind.STRING):
                raise self._unexpected(token)
            labels.append(self._text(token).strip('"'))
            self.at += 1
        self.at += 1
        body = self.body(depth + 1)
        closing = self._peek()
        if closing is None:
            raise self._unexpected(type_)
        self.at += 1
        return Block(self._text(type_), tuple(labels), body, type_.start, closing.end)

    def _peek(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _text(self, token: Token) -> str:
        return self.source.text[token.start : token.end]

    def _is(self, token: Token, symbol: str) -> bool:
        return token.kind is Kind.SYMBOL and self._text(token) == symbol

    def _unexpected(self, token: Token) -> Failure:
        shown = self._text(token).strip() or "end of line"
        return self.source.failure(
            token.start, f"unexpected {shown}", "write an attribute (name = value) or a block (name { ... })"
        )
