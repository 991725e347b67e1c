"""A file of HCL: its text, what the reader makes of it, and the words to say where in it something is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from policies.hcl import syntax
from tools.errors import WRONG_INPUT, Failure
from tools.project import display


@dataclass(frozen=True)
class Source:
    """A file's text, with its places: an offset counts the characters before it, a line counts from 1."""

    path: Path
    text: str

    @classmethod
    def read(cls, path: Path) -> Source:
        """Read a file. Raises Failure with file and line for one that is not UTF-8."""
        try:
            return cls(path, syntax.text_of(path))
        except syntax.SyntaxFault as fault:
            raise _failure(path, fault.line, fault.problem, "save the file as UTF-8") from None

    @property
    def file(self) -> syntax.File:
        """The blocks, attributes and comments of the file. Raises Failure with file and line for invalid HCL."""
        try:
            return syntax.parse(self.text)
        except syntax.SyntaxFault as fault:
            raise _failure(self.path, fault.line, fault.problem, "correct the syntax") from None

    @property
    def body(self) -> syntax.Body:
        """The blocks and attributes of the file. Raises Failure as `file` does."""
        return self.file.body

    def line(self, offset: int) -> int:
        return self.text.count("\n", 0, offset) + 1

    def where(self, offset: int) -> str:
        return _where(self.path, self.line(offset))

    def failure(self, offset: int, problem: str, do: str) -> Failure:
        return _failure(self.path, self.line(offset), problem, do)


def _where(path: Path, line: int) -> str:
    return f"{display(path)}, line {line}"


def _failure(path: Path, line: int, problem: str, do: str) -> Failure:
    return Failure(problem, where=_where(path, line), do=do, status=WRONG_INPUT)
