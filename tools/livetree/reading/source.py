"""A file that is read: its text, and the words to say where in it something is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tools.errors import WRONG_INPUT, Failure
from tools.toolchain import ROOT


@dataclass(frozen=True)
class Source:
    """A file's text, and the words to say where in it something is wrong."""

    path: Path
    text: str

    @classmethod
    def read(cls, path: Path) -> Source:
        """Read a file. Raises Failure with file and line for one that is not UTF-8."""
        try:
            return cls(path, path.read_text(encoding="utf-8"))
        except UnicodeDecodeError as error:
            before = cls(path, error.object[: error.start].decode("utf-8"))
            raise before.failure(error.start, "the text is not UTF-8", "save the file as UTF-8") from None

    def line(self, offset: int) -> int:
        """The number of the line that holds an offset, from 1."""
        return self.text.count("\n", 0, offset) + 1

    def where(self, offset: int) -> str:
        return f"{display(self.path)}, line {self.line(offset)}"

    def failure(self, offset: int, problem: str, do: str) -> Failure:
        return Failure(problem, where=self.where(offset), do=do, status=WRONG_INPUT)


def display(path: Path) -> str:
    """A path as it is shown to people: below the repository where it lies there."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
