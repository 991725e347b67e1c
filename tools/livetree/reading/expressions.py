"""A Terragrunt expression in Terraform's terms, so that Terraform itself can evaluate it.

The text of an expression stays as it is, except for three things: `local.x` becomes the local that holds x in the
scratch module, `dependency.x` becomes a variable there, and a call of one of Terragrunt's functions becomes its result.
Other constructs of Terragrunt are refused.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from policies.hcl import syntax
from policies.hcl.writing import quoted
from tools.errors import Failure
from tools.livetree.reading.source import Source
from tools.livetree.reading.subset import SUBSET
from tools.project import display

# Roots that mean something to Terragrunt and nothing, or something else, to Terraform.
_REFUSED_ROOTS: Final = {"include", "feature", "values", "unit", "stack", "path", "terraform"}

# Terragrunt's functions: the least and the most arguments that each takes.
_FUNCTIONS: Final = {
    "find_in_parent_folders": (1, 1),
    "get_env": (1, 2),
    "get_repo_root": (0, 0),
    "get_terraform_cli_args": (0, 0),
    "get_terragrunt_dir": (0, 0),
    "path_relative_to_include": (0, 0),
}


@dataclass(frozen=True)
class View:
    """For which unit a file is read, and from where: this decides what Terragrunt's functions return in it."""

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
    line: int
    text: str
    needs_outputs: bool


def constant(source: Source, expression: syntax.Expression, view: View) -> str:
    """The text that an expression stands for. Include paths are needed before anything can be evaluated.

    Raises Failure for more than text and Terragrunt's functions.
    """
    return _Rewriter(source, view).constant(expression)


def rewrite(
    source: Source, body: syntax.Body, view: View, *, tag: str, dependencies: str, trail: tuple[str, ...]
) -> Expression:
    """The value of an attribute of `body` in Terraform's terms; the attribute's name ends the trail.

    `tag` begins the names of this file's locals; `dependencies` is the local that holds the unit's dependencies.
    Raises Failure with file and line for what is outside the subset.
    """
    rewriter = _Rewriter(source, view, tag, dependencies)
    place = body.places[trail[-1]]
    text = rewriter.rewritten(body.attributes[trail[-1]], place.value)
    name = local_name(tag, trail[1]) if trail[0] == "locals" else f"{tag}_{place.name}"
    if rewriter.needs_outputs and trail != ("inputs",):
        raise source.failure(place.name, f"{'.'.join(trail)} reads a dependency; only inputs may", SUBSET)
    return Expression(name, trail, source.line(place.value[0]), text, rewriter.needs_outputs)


def local_name(tag: str, name: str) -> str:
    """The local of the scratch module that holds local `name` of the file with this tag."""
    return f"{tag}_local_{name}"


class _Rewriter:
    def __init__(self, source: Source, view: View, tag: str = "", dependencies: str = "") -> None:
        self.source = source
        self.view = view
        self.tag = tag
        self.dependencies = dependencies
        self.needs_outputs = False

    def rewritten(self, expression: syntax.Expression, place: syntax.Span) -> str:
        done, end = place
        pieces = []
        for (start, stop), new in sorted(self._replacements(expression)):
            pieces += [self.source.text[done:start], new]
            done = stop
        return "".join([*pieces, self.source.text[done:end]])

    def _replacements(self, node: syntax.Expression) -> Iterator[tuple[syntax.Span, str]]:
        """The parts of the text that are replaced, each with what replaces it."""
        match node:
            case syntax.Call(function) if function in _FUNCTIONS:
                result = self._call(node)
                yield node.span, quoted(result) if isinstance(result, str) else f"[{', '.join(map(quoted, result))}]"
                return
            case syntax.Attribute(syntax.Name("local") as root, name):
                yield (root.span[0], node.span[1]), f"local.{local_name(self.tag, name)}"
                return
            case syntax.Attribute(syntax.Name() as root) | syntax.Index(syntax.Name() as root):
                yield from self._root(root)
            case syntax.Splat(syntax.Name() as root):
                yield from self._root(root)
        for child in syntax.children(node):
            yield from self._replacements(child)

    def _root(self, root: syntax.Name) -> Iterator[tuple[syntax.Span, str]]:
        if root.name == "dependency":
            self.needs_outputs = True
            yield root.span, f"local.{self.dependencies}"
        elif root.name in _REFUSED_ROOTS:
            problem = f"{root.name}.* is outside the subset that the stand-in reads"
            raise self.source.failure(root.span[0], problem, SUBSET)

    def constant(self, node: syntax.Expression) -> str:
        """The text that an expression is: quoted text, or the result of one of Terragrunt's functions."""
        match node:
            case syntax.Literal(str() as value):
                return value
            case syntax.Template(parts):
                return "".join(part if isinstance(part, str) else self.constant(part) for part in parts)
            case syntax.Call(function) if function in _FUNCTIONS:
                result = self._call(node)
                if isinstance(result, str):
                    return result
        raise self._failure(node, "this has to be known before anything is evaluated", f"write quoted text; {SUBSET}")

    def _call(self, call: syntax.Call) -> str | tuple[str, ...]:
        arguments = [self.constant(argument) for argument in call.arguments]
        least, most = _FUNCTIONS[call.function]
        if not least <= len(arguments) <= most:
            problem = f"{call.function} with {len(arguments)} arguments is outside the subset"
            raise self._failure(call, problem, SUBSET)
        try:
            return self._result(call.function, arguments)
        except LookupError as error:
            raise self._failure(call, str(error.args[0]), "correct the argument") from None

    def _result(self, function: str, arguments: list[str]) -> str | tuple[str, ...]:
        """What Terragrunt's function returns (https://terragrunt.gruntwork.io/docs/reference/hcl/functions/)."""
        view = self.view
        match function:
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

    def _failure(self, node: syntax.Expression, problem: str, do: str) -> Failure:
        return self.source.failure(node.span[0], problem, do)
