"""A Terragrunt expression in Terraform's terms, so that Terraform itself can evaluate it.

The text of an expression stays as it is, except for three things: `local.x` becomes the local that holds x in the
scratch module, `dependency.x` becomes a variable there, and Terragrunt's own functions become their values. What is
Terragrunt's and not among the functions below is refused.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from policies.hcl.lexical import escape, quoted
from tools.errors import WRONG_INPUT, Failure
from tools.livetree.reading.lexer import Kind, LexicalError, tokens
from tools.livetree.reading.source import Source, display
from tools.livetree.reading.subset import SUBSET
from tools.livetree.reading.syntax import Attribute

# Roots that mean something to Terragrunt and nothing, or something else, to Terraform.
_REFUSED_ROOTS: Final = {"include", "feature", "values", "unit", "stack", "path", "terraform"}


@dataclass(frozen=True)
class View:
    """From where a file is read, which decides what Terragrunt's functions answer in it."""

    repository: Path
    unit: Path  # the folder of the unit
    included: Path  # the folder of the file that the unit includes; the unit's own folder in its own file
    environment: Mapping[str, str]
    command: tuple[str, ...] = ()  # Terraform's command and its arguments


@dataclass(frozen=True)
class Expression:
    """An attribute's value as a local of the scratch module; `name` is that local's, `trail` says what it is for."""

    name: str
    trail: tuple[str, ...]
    source: Source
    attribute: Attribute
    text: str
    needs_outputs: bool


def constant(source: Source, attribute: Attribute, view: View) -> str:
    """The text that an attribute's expression is, without evaluating anything: include paths have to be known first.

    Raises Failure when it is more than quoted text and Terragrunt's functions.
    """
    return _Rewriter(source, attribute, view).constant()


def rewrite(
    source: Source, attribute: Attribute, view: View, *, tag: str, dependencies: str, trail: tuple[str, ...]
) -> Expression:
    """An attribute's expression in Terraform's terms.

    `tag` begins the names of this file's locals; `dependencies` is the local that holds the unit's dependencies.
    Raises Failure with file and line for what is outside the subset.
    """
    rewriter = _Rewriter(source, attribute, view)
    text = rewriter.rewritten(tag, dependencies)
    name = local_name(tag, trail[1]) if trail[0] == "locals" else f"{tag}_{attribute.at}"
    if rewriter.needs_outputs and trail != ("inputs",):
        raise source.failure(attribute.at, f"{'.'.join(trail)} reads a dependency; only inputs may", SUBSET)
    return Expression(name, trail, source, attribute, text, rewriter.needs_outputs)


def local_name(tag: str, name: str) -> str:
    """The local of the scratch module that holds local `name` of the file with this tag."""
    return f"{tag}_local_{name}"


class _Rewriter:
    def __init__(self, source: Source, attribute: Attribute, view: View) -> None:
        self.source = source
        self.offset = attribute.start
        self.text = source.text[attribute.start : attribute.end]
        self.view = view
        self.needs_outputs = False
        try:
            self.tokens = tokens(self.text)
        except LexicalError as error:
            raise self._failure(error.offset, error.problem, "mend the syntax") from None

    def rewritten(self, tag: str, dependencies: str) -> str:
        pieces, done, at = [], 0, 0
        while at < len(self.tokens):
            replaced = self._replacement(at, tag, dependencies)
            if replaced is None:
                at += 1
                continue
            new, last = replaced
            pieces += [self.text[done : self.tokens[at].start], new]
            done = self.tokens[last].end
            at = last + 1
        return "".join([*pieces, self.text[done:]])

    def _replacement(self, at: int, tag: str, dependencies: str) -> tuple[str, int] | None:
        """What stands for the token at `at`, and the last token that it replaces; None where the token stays."""
        if self.tokens[at].kind is not Kind.NAME or (at > 0 and self._is(at - 1, ".")):
            return None
        name, following = self._shown(at), self._shown(at + 1)
        if following == "(" and name in self._functions:
            last = self._closing(at + 1)
            answer = self._call(at, last)
            return quoted(answer) if isinstance(answer, str) else f"[{', '.join(map(quoted, answer))}]", last
        if following not in (".", "["):
            return None
        if name == "local" and following == ".":
            return "local." + local_name(tag, ""), at + 1
        if name == "dependency":
            self.needs_outputs = True
            return f"local.{dependencies}", at
        if name in _REFUSED_ROOTS:
            raise self._failure(
                self.tokens[at].start, f"{name}.* is outside the subset that the stand-in reads", SUBSET
            )
        return None

    def constant(self) -> str:
        return self._constant(0, len(self.tokens))

    def _constant(self, first: int, end: int) -> str:
        """The text that the tokens [first, end) are: one quoted string, or one call of a function."""
        significant = [at for at in range(first, end) if self.tokens[at].kind is not Kind.NEWLINE]
        head = self.tokens[significant[0]] if significant else None
        if head is not None and head.kind is Kind.STRING and head.end == max(t.end for t in self.tokens[first:end]):
            return self._text_of(significant[0])
        if head is not None and head.kind is Kind.NAME and self._shown(significant[0] + 1) == "(":
            last = self._closing(significant[0] + 1)
            if last == significant[-1] and self._shown(significant[0]) in self._functions:
                answer = self._call(significant[0], last)
                if isinstance(answer, str):
                    return answer
        start = head.start if head else 0
        raise self._failure(start, "this has to be known before anything is evaluated", f"write quoted text; {SUBSET}")

    def _text_of(self, at: int) -> str:
        string = self.tokens[at]
        pieces, done = [], string.start + 1
        at += 1
        while at < len(self.tokens) and self.tokens[at].end < string.end:
            opening = self.tokens[at]
            closing = next(
                k for k in range(at + 1, len(self.tokens)) if self.tokens[k].depth == opening.depth and self._is(k, "}")
            )
            pieces += [self._unescaped(done, opening.start), self._constant(at + 1, closing)]
            done, at = self.tokens[closing].end, closing + 1
        return "".join([*pieces, self._unescaped(done, string.end - 1)])

    def _unescaped(self, start: int, end: int) -> str:
        """What the literal part [start, end) of a quoted text stands for; the lexer has seen that its escapes are."""
        pieces, at = [], start
        while at < end:
            if self.text[at] == "\\":
                character, at = escape(self.text, at)
                pieces.append(character)
            else:
                at += self.text.startswith(("$${", "%%{"), at)
                pieces.append(self.text[at])
                at += 1
        return "".join(pieces)

    def _call(self, at: int, last: int) -> str | tuple[str, ...]:
        inside = self.tokens[at + 1].depth + 1
        bounds = [
            at + 1,
            *(k for k in range(at + 2, last) if self.tokens[k].depth == inside and self._is(k, ",")),
            last,
        ]
        spans = [(one + 1, two) for one, two in pairwise(bounds) if two > one + 1]
        arguments = [self._constant(*span) for span in spans]
        name = self._shown(at)
        least, most = self._functions[name]
        if not least <= len(arguments) <= most:
            raise self._failure(
                self.tokens[at].start, f"{name} with {len(arguments)} arguments is outside the subset", SUBSET
            )
        try:
            return self._answer(name, arguments)
        except LookupError as error:
            raise self._failure(self.tokens[at].start, str(error.args[0]), "mend the argument") from None

    # name -> how many arguments it takes, from and to
    _functions: Final = {
        "find_in_parent_folders": (1, 1),
        "get_env": (1, 2),
        "get_repo_root": (0, 0),
        "get_terraform_cli_args": (0, 0),
        "get_terragrunt_dir": (0, 0),
        "path_relative_to_include": (0, 0),
    }

    def _answer(self, name: str, arguments: list[str]) -> str | tuple[str, ...]:
        """What Terragrunt's function answers (https://terragrunt.gruntwork.io/docs/reference/hcl/functions/)."""
        view = self.view
        match name:
            case "get_repo_root":
                return str(view.repository)
            case "get_terraform_cli_args":
                return view.command
            case "get_terragrunt_dir":
                return str(view.unit)
            case "path_relative_to_include":
                return os.path.relpath(view.unit, view.included)
            case "get_env":
                if arguments[0] not in view.environment and len(arguments) == 1:
                    raise LookupError(f"the environment variable {arguments[0]} is not set, and has no default")
                return view.environment.get(arguments[0], arguments[-1])
            case _:
                return str(self._in_parents(arguments[0]))

    def _in_parents(self, name: str) -> Path:
        for folder in self.view.unit.parents:
            if (folder / name).exists():
                return folder / name
        raise LookupError(f"{name} is in no folder above {display(self.view.unit)}")

    def _closing(self, at: int) -> int:
        """The place of the bracket that closes the one at `at`."""
        depth = self.tokens[at].depth
        return next(k for k in range(at + 1, len(self.tokens)) if self.tokens[k].depth == depth and self._is(k, ")"))

    def _is(self, at: int, symbol: str) -> bool:
        return self.tokens[at].kind is Kind.SYMBOL and self._shown(at) == symbol

    def _shown(self, at: int) -> str:
        return self.text[self.tokens[at].start : self.tokens[at].end] if 0 <= at < len(self.tokens) else ""

    def _failure(self, start: int, problem: str, do: str) -> Failure:
        return Failure(problem, where=self.source.where(self.offset + start), do=do, status=WRONG_INPUT)
