"""Every name in backticks on a page is one that the repository has: file, command, variable, output, setting.

A name is looked up in all files that git knows, pages aside. `<system>` and `*` stand for anything, `{a,b}` for each.
What is composed, such as `event-processing-bus-dlq-<suffix>`, is looked up part by part.
"""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Final

from tools import project
from tools.errors import Failure
from tools.project import ROOT

# Names that no file of this repository holds, each with the reason.
EXCEPTIONS: Final = {
    "root.hcl": "the name that Terragrunt recommends, and that the layout does not take",
    "root-terragrunt-hcl": "a strict control of Terragrunt",
    "sqsQueueExposed": "a finding of terrascan",
    "sqsSseDisabled": "a finding of terrascan",
    "iam:PassRole": "an action of AWS that nothing here needs",
    "EntityAlreadyExists": "an error of AWS",
    "use_lockfile": "a setting of Terraform that is newer than what is supported",
}
# The names that the recipes of CONTRIBUTING.md give to what they make.
EXAMPLES: Final = frozenset(
    {"chargeback", "chargebacks", "CHARGEBACK", "CHARGEBACKS", "eu-west-1", "event-archiver", "event_archiver"}
    | {"notices", "ping", "pinger", "PING", "qa", "queue_tags", "trace_percent"}
)
# The catalogue speaks of what is to come, and the page of requirements repeats it.
UNREAD: Final = ("docs/spec/", "docs/requirements.md")

_BLOCK: Final = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_GENERATED: Final = re.compile(r"<!-- BEGIN ([A-Z_]+) -->.*?<!-- END \1 -->", re.DOTALL)
_SPAN: Final = re.compile(r"`([^`\n]+)`")
_MAKE: Final = re.compile(r"^(?:\$ )?(make [^#\n]*)", re.MULTILINE)
_PLACEHOLDER: Final = re.compile(r"<[^<>]*>|\.\.\.")
_WORD: Final = re.compile(r"[A-Za-z_]\w*(?:-\w+)*")
_EXAMPLE: Final = re.compile(rf"(?<![A-Za-z])({'|'.join(sorted(EXAMPLES))})(?![A-Za-z])")
_FILE: Final = re.compile(r"[\w<>{},*./-]+\.(?:hcl|in|json|md|py|sh|tf|tfvars|toml|txt|ya?ml)")


@dataclass(frozen=True)
class Problem:
    """A name that is not there, the page and line that give it, and the closest one that is."""

    page: str
    line: int
    name: str
    closest: str | None

    def __str__(self) -> str:
        closest = f"; `{self.closest}` is" if self.closest else ""
        return f"{self.page}, line {self.line}: `{self.name}` is nowhere in the repository{closest}"


@dataclass
class Repository:
    """The files that git knows in a folder, as far as names are looked up in them."""

    root: Path = ROOT
    # The list of exceptions would make each of them known.
    unread: frozenset[str] = field(default=frozenset({"tools/docs/names.py", "tests/unit/docs/test_names.py"}))

    @cached_property
    def files(self) -> list[str]:
        """Those that git tracks, and new ones that it does not ignore."""
        return [path.relative_to(self.root).as_posix() for path in project.files(root=self.root)]

    @cached_property
    def paths(self) -> set[str]:
        """Each file and folder, and the ends of its path: "tools/docs/cli.py", "docs/cli.py", "cli.py"."""
        whole = {parent for file in self.files for parent in (file, *map(str, Path(file).parents))}
        return {"/".join(parts[start:]) for path in whole for parts in [path.split("/")] for start in range(len(parts))}

    @cached_property
    def text(self) -> str:
        """All that stands in the files, pages of Markdown aside."""
        read = (name for name in self.files if not name.endswith(".md") and name not in self.unread)
        return "\n".join((self.root / name).read_text(encoding="utf-8", errors="ignore") for name in read)

    @cached_property
    def words(self) -> set[str]:
        """Every word in the files and in their paths; of one with hyphens the parts, too."""
        found = {*_WORD.findall(self.text), *(word for path in self.paths for word in _WORD.findall(path))}
        return found | {part for word in found for part in word.split("-")}

    @cached_property
    def make(self) -> set[str]:
        """The targets and variables of the Makefile."""
        makefile = (self.root / "Makefile").read_text(encoding="utf-8")
        return {
            *re.findall(r"^([a-z-]+):", makefile, re.MULTILINE),
            *re.findall(r"^([A-Z]+) :?=", makefile, re.MULTILINE),
        }

    def pages(self) -> list[str]:
        return [name for name in self.files if name.endswith(".md") and not name.startswith(UNREAD)]

    def problems(self) -> list[Problem]:
        """What is wrong on all pages, in their order."""
        return [problem for page in self.pages() for problem in self._on(page)]

    def _on(self, page: str) -> Iterator[Problem]:
        text = _blank(_GENERATED, (self.root / page).read_text(encoding="utf-8"))
        found = []
        for block in _BLOCK.finditer(text):
            for line in _MAKE.finditer(block[0]):
                found += [(block.start() + line.start(), name) for name in self._make_faults(line[1])]
        for span in _SPAN.finditer(_blank(_BLOCK, text)):
            found += [(span.start(), name) for name in self._faults(span[1], page)]
        for start, name in sorted(found):
            yield Problem(page, text.count("\n", 0, start) + 1, name, self._closest(name))

    def _make_faults(self, command: str) -> list[str]:
        """What the Makefile does not have of the targets and variables of a command line."""
        names = [word.partition("=")[0] for word in shlex.split(command)[1:]]
        return [f"make {name}" for name in names if name not in self.make]

    def _faults(self, span: str, page: str) -> list[str]:
        if span.startswith("make "):
            return self._make_faults(span)
        if span in EXCEPTIONS or self._stands(span):
            return []
        if self._is_path(span):
            return [] if any(self._is_there(path, page) for path in _expanded(span)) else [span]
        return [word for word in _WORD.findall(_PLACEHOLDER.sub(" ", span)) if not self._is_word(word)]

    def _stands(self, name: str) -> bool:
        """Whether a name stands in a file as a whole: "retention_day" does not stand in "retention_days"."""
        at = self.text.find(name)
        while at >= 0:
            before, after = self.text[at - 1 : at], self.text[at + len(name) : at + len(name) + 1]
            if not (_joins(before, name[0]) or _joins(name[-1], after)):
                return True
            at = self.text.find(name, at + 1)
        return False

    def _is_there(self, path: str, page: str) -> bool:
        """Whether a path, from the top, from the page's folder or from anywhere, is one of a file or folder."""
        if "*" not in path:
            return path in self.paths
        beside = f"{Path(page).parent}/{path}"
        return any(fnmatchcase(each, path) or fnmatchcase(each, beside) for each in self.paths)

    def _is_path(self, span: str) -> bool:
        if re.search(r"[ :]|^build/", span):
            return False
        top = {file.split("/")[0] for file in self.files if "/" in file}
        return bool(_FILE.fullmatch(span)) or ("/" in span and span.split("/")[0] in top)

    def _is_word(self, word: str) -> bool:
        if word in self.words or all(part in self.words or part in EXAMPLES for part in word.split("-")):
            return True
        pattern = _EXAMPLE.sub("*", word)
        return pattern != word and any(fnmatchcase(each, pattern) for each in self.words)

    def _closest(self, name: str) -> str | None:
        known = self.paths if "/" in name or _FILE.fullmatch(name) else self.words
        if name.startswith("make "):
            known = {f"make {target}" for target in self.make}
        found = difflib.get_close_matches(name, known, n=1)
        return found[0] if found else None


def require() -> None:
    """Raises Failure where a page gives a name that the repository does not have."""
    if problems := Repository().problems():
        raise Failure(
            f"{len(problems)} name{'' if len(problems) == 1 else 's'} in backticks that the repository does not have",
            where="\n         ".join(map(str, problems)),
            do="correct the name; one that is not ours goes into EXCEPTIONS of tools/docs/names.py, with the reason",
        )


def _joins(left: str, right: str) -> bool:
    """Whether two characters side by side belong to one word."""
    return all(each.isalnum() or each == "_" for each in (left or " ", right or " "))


def _expanded(path: str) -> Iterator[str]:
    """The path for each of its `{a,b}`, with `*` for what a placeholder or a recipe's example stands for."""
    path = _PLACEHOLDER.sub("*", path).rstrip("/")
    parts = [part[1:-1].split(",") if part.startswith("{") else [part] for part in re.split(r"(\{[^{}]*\})", path)]
    for choice in product(*parts):
        yield _EXAMPLE.sub("*", "".join(choice))


def _blank(pattern: re.Pattern[str], text: str) -> str:
    """The text without what the pattern finds, with the same lines."""
    return pattern.sub(lambda found: "\n" * found[0].count("\n"), text)
