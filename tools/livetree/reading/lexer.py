"""Where one token of HCL ends and the next begins: enough to cut a file into expressions, not to understand them.

Source: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md, "Lexical Elements" and "Templates".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from policies.hcl.lexical import escape, name_end


class Kind(Enum):
    NAME = auto()
    NUMBER = auto()
    STRING = auto()  # quoted, from quote to quote
    HEREDOC = auto()  # from << to the end of its closing marker
    SYMBOL = auto()  # brackets, operators, and the ${ %{ } of a template
    NEWLINE = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """`text[start:end]`; `depth` counts the brackets, strings and templates around it.

    A string's own token comes before the tokens of the expressions in it, which are one deeper.
    """

    kind: Kind
    start: int
    end: int
    depth: int


class LexicalError(ValueError):
    """Text that is no HCL; `offset` is where."""

    def __init__(self, problem: str, offset: int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.offset = offset


def tokens(text: str) -> list[Token]:
    """The tokens of a file or an expression, without white space, comments and the literal text of strings.

    Raises LexicalError for an unfinished string, comment or bracket, and nothing else.
    """
    lexer = _Lexer(text)
    try:
        lexer.code(depth=0, closing=None, opened=0)
    except RecursionError:
        raise LexicalError("brackets are nested too deeply", lexer.at) from None
    return lexer.found


_CLOSING: Final = {"{": "}", "[": "]", "(": ")"}
_SPACE: Final = re.compile(r"[ \t\r\ufeff]+")
_NUMBER: Final = re.compile(r"[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_HEREDOC: Final = re.compile(r"<<-?(?=\w)")
_END_OF_LINE: Final = re.compile(r"[ \t]*\r?\n")
_OPERATOR: Final = re.compile(r"=>|==|!=|<=|>=|&&|\|\||\.\.\.|[^\s\w]")


class _Lexer:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: list[Token] = []

    def code(self, depth: int, closing: str | None, opened: int) -> None:
        """Read up to and with the bracket that closes what was opened at `opened`, or up to the end of the text."""
        while self.at < len(self.text):
            start, symbol = self.at, self.text[self.at]
            if space := _SPACE.match(self.text, start):
                self.at = space.end()
            elif symbol == "\n":
                self._take(Kind.NEWLINE, start + 1, depth)
            elif symbol == "#" or self.text.startswith("//", start):
                end = self.text.find("\n", start)
                self.at = len(self.text) if end < 0 else end
            elif self.text.startswith("/*", start):
                end = self.text.find("*/", start + 2)
                if end < 0:
                    raise LexicalError("a comment is not closed", start)
                self.at = end + 2
            elif symbol == '"':
                self._string(depth)
            elif heredoc := _HEREDOC.match(self.text, start):
                self._heredoc(heredoc.end(), depth)
            elif (end := name_end(self.text, start)) > start:
                self._take(Kind.NAME, end, depth)
            elif number := _NUMBER.match(self.text, start):
                self._take(Kind.NUMBER, number.end(), depth)
            elif symbol in _CLOSING:
                self._take(Kind.SYMBOL, start + 1, depth)
                self.code(depth + 1, _CLOSING[symbol], start)
            elif symbol in "}])":
                if symbol != closing:
                    raise LexicalError(f"{symbol} closes nothing that is open", start)
                self._take(Kind.SYMBOL, start + 1, depth - 1)
                return
            elif closing == "}" and self.text.startswith("~}", start):
                self.at += 1
            elif operator := _OPERATOR.match(self.text, start):
                self._take(Kind.SYMBOL, operator.end(), depth)
            else:
                raise LexicalError(f"unexpected {symbol!r}", start)
        if closing is not None:
            width = 2 if self.text[opened] in "$%" else 1
            raise LexicalError(f"{self.text[opened : opened + width]} is not closed", opened)

    def _take(self, kind: Kind, end: int, depth: int) -> None:
        self.found.append(Token(kind, self.at, end, depth))
        self.at = end

    def _string(self, depth: int) -> None:
        opened, place = self.at, len(self.found)
        self.at += 1
        while self.at < len(self.text) and self.text[self.at] != "\n":
            if self.text[self.at] == '"':
                self.at += 1
                self.found.insert(place, Token(Kind.STRING, opened, self.at, depth))
                return
            if self.text[self.at] == "\\":
                try:
                    _, self.at = escape(self.text, self.at)
                except ValueError as error:
                    raise LexicalError(str(error), self.at) from None
            else:
                self._literal_or_template(depth + 1)
        raise LexicalError("a string is not closed", opened)

    def _heredoc(self, marker: int, depth: int) -> None:
        opened, place, name = self.at, len(self.found), self.text[marker : name_end(self.text, marker)]
        opening = _END_OF_LINE.match(self.text, marker + len(name))
        if not name or opening is None:
            raise LexicalError("a heredoc begins with a name, alone at the end of its line", opened)
        closing = re.compile(rf"[ \t]*{re.escape(name)}(?=[ \t]*\r?(\n|\Z))")
        self.at = opening.end()
        while self.at < len(self.text):
            if self.text[self.at - 1] == "\n" and (end := closing.match(self.text, self.at)):
                self.at = end.end()
                self.found.insert(place, Token(Kind.HEREDOC, opened, self.at, depth))
                return
            self._literal_or_template(depth + 1)
        raise LexicalError(f"a heredoc is not closed: {name} is missing", opened)

    def _literal_or_template(self, depth: int) -> None:
        if self.text.startswith(("$${", "%%{"), self.at):
            self.at += 3
        elif self.text.startswith(("${", "%{"), self.at):
            opened = self.at
            self._take(Kind.SYMBOL, opened + 2, depth)
            if self.text.startswith("~", self.at):
                self.at += 1
            self.code(depth + 1, "}", opened)
        else:
            self.at += 1
