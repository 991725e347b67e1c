"""Evaluates expressions with `terraform console`: one scratch module for all units, no provider, no back end."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tools import process_environment
from tools.colours import without_colours
from tools.errors import WRONG_INPUT, Failure
from tools.livetree.reading.configuration import ConfigurationFile
from tools.livetree.reading.outputs import Outputs
from tools.livetree.reading.subset import SUBSET
from tools.livetree.reading.units import Unit
from tools.project import display
from tools.toolchain import terraform_environment


def evaluate(terraform: str, units: Sequence[Unit]) -> None:
    """Fill in the values of all expressions that read no dependency.

    Raises Failure for what Terraform refuses, with its file and line.
    """
    _evaluate(terraform, units, None)


def evaluate_with_outputs(terraform: str, outputs: Mapping[Unit, Mapping[str, Outputs]]) -> None:
    """Fill in the values of all expressions, given the outputs of each unit's dependencies. Raises as `evaluate`."""
    _evaluate(terraform, list(outputs), outputs)


def _evaluate(terraform: str, units: Sequence[Unit], outputs: Mapping[Unit, Mapping[str, Outputs]] | None) -> None:
    files = {file.tag: file for unit in units for file in unit.files}
    with tempfile.TemporaryDirectory(prefix="livetree-") as folder:
        scratch = Path(folder)
        asked: dict[str, Unit] = {}
        for unit in units:
            for file in unit.files:
                names = [e.name for e in file.expressions if outputs is not None or not e.needs_outputs]
                asked |= dict.fromkeys(names, unit)
                (scratch / f"{file.tag}.tf").write_text(_locals(file, set(names)), encoding="utf-8")
        given: dict[str, Any] = {}
        lines = []
        for unit, by_name in (outputs or {}).items():
            entries = []
            for number, (name, of_one) in enumerate(by_name.items()):
                variable = f"{unit.tag}_dependency_{number}"
                given[variable] = of_one.values
                lines.append(f'variable "{variable}" {{\n  type = {_variable_type(of_one.types)}\n}}')
                entries.append(f"{name} = {{ outputs = var.{variable} }}")
            lines.append(f"locals {{\n  {unit.dependencies_local} = {{ {', '.join(entries)} }}\n}}")
        values = ", ".join(f"{name} = local.{name}" for name in asked)
        lines.append(f"locals {{\n  all_values = base64encode(jsonencode({{ {values} }}))\n}}")
        (scratch / "all_values.tf").write_text("\n".join(lines), encoding="utf-8")
        (scratch / "terraform.tfvars.json").write_text(json.dumps(given), encoding="utf-8")
        for name, value in _console(terraform, scratch, "local.all_values", files).items():
            asked[name].values[name] = value


def _locals(file: ConfigurationFile, names: set[str]) -> str:
    """The file's expressions as locals, each one line below its line in the file: messages name lines by it."""
    lines = ["locals {"]
    for expression in sorted(file.expressions, key=lambda one: one.line):
        if expression.name in names:
            lines += [""] * (expression.line - len(lines))
            lines += f"{expression.name} = {expression.text}".split("\n")
    return "\n".join([*lines, "}", ""])


def _variable_type(types: Mapping[str, Any]) -> str:
    """The type of a variable that holds outputs of these types. A type that cannot be written becomes `any`."""
    written = {}
    for name, of_one in types.items():
        try:
            written[name] = _type(of_one)
        except _Unwritable:
            written[name] = "any"
    return _object(written)


def _object(types: Mapping[str, str]) -> str:
    return f"object({{ {', '.join(f'{name} = {of_one}' for name, of_one in types.items())} }})"


class _Unwritable(Exception):
    """A type whose attribute names cannot stand in a type expression."""


def _type(written: Any) -> str:
    """A type constraint from its form in a state: "string", ["list", "string"], ["object", {"a": "number"}]."""
    if isinstance(written, str):
        return "any" if written == "dynamic" else written
    kind, of = written[0], written[1]
    if kind == "object":
        if not all(re.fullmatch(r"[A-Za-z_][\w-]*", name) for name in of):
            raise _Unwritable
        return _object({name: _type(of_one) for name, of_one in of.items()})
    if kind == "tuple":
        return f"tuple([{', '.join(map(_type, of))}])"
    return f"{kind}({_type(of)})"


def _console(terraform: str, folder: Path, expression: str, files: Mapping[str, ConfigurationFile]) -> dict[str, Any]:
    finished = subprocess.run(
        [terraform, "console"],
        cwd=folder,
        env=terraform_environment(process_environment.inherited(identity=False)),
        input=f"{expression}\n",
        capture_output=True,
        text=True,
        check=False,
    )
    encoded = re.search(r'^"([A-Za-z0-9+/=]+)"$', finished.stdout, re.MULTILINE)
    if finished.returncode or encoded is None:
        raise _refusal(finished.stderr or finished.stdout, files)
    values: dict[str, Any] = json.loads(base64.b64decode(encoded[1]))
    return values


_PLACE: Final = re.compile(r"on (\w+)\.tf line (\d+)")
_DETAIL: Final = re.compile(r"\n\n(?! )(.+?)(?=\n\n|\Z)", re.DOTALL)


def _refusal(said: str, files: Mapping[str, ConfigurationFile]) -> Failure:
    """The first fault that Terraform found, with its line in the file that the expression comes from."""
    text = re.sub(r"^[ \t]*[│╷╵] ?", "", without_colours(said), flags=re.MULTILINE)
    text = re.sub(r"\w+_local_(?=\w)", "", text)
    first = text.split("Error: ", 2)[1] if "Error: " in text else text
    summary = first.strip().split("\n", 1)[0]
    detail = _DETAIL.search(first)
    problem = f"{summary}: {' '.join(detail[1].split())}" if detail else summary
    place = _PLACE.search(first)
    where = None
    if place and place[1] in files:
        where = f"{display(files[place[1]].source.path)}, line {int(place[2]) - 1}"
    return Failure(problem, where=where, do=f"fix the expression; {SUBSET}", status=WRONG_INPUT)
