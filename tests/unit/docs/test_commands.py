"""Every command of `pipelines` that this repository names is one that the program takes."""

from __future__ import annotations

import ast
import contextlib
import io
import itertools
import re
import shlex
from pathlib import Path

import pytest

from tools import cli
from tools.errors import Failure
from tools.project import ROOT, display, files
from tools.quality.cli import lint_steps

BLOCK = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
# A line of a block of code, or of a table that a program prints: the command ends at a comment or at two spaces.
IN_A_LINE = re.compile(r"^[ $]*(?:entry: )?(?:tools/)?pipelines ((?:(?! #|  ).)+)", re.MULTILINE)
IN_A_SPAN = re.compile(r"`(?:tools/)?pipelines ([^`\n]+)`")
PLACEHOLDERS = {"<env>": "dev", "<environment>": "dev", "<system>": "webhooks", "<noun>": "env", "<verb>": "plan"}
TEXTS = ["*.md", "*.tf", "*.hcl", "*.yaml", "*.py"]
# The tests of this folder hold wrong commands on purpose.
FILES = [path for path in files(*TEXTS) if not path.is_relative_to(ROOT / "tests" / "unit" / "docs")]
# What a value in a message stands for, by how its expression ends.
VALUES = {"system": "webhooks", "system.name": "webhooks", "self.name": "webhooks", "environment": "dev"}


def commands(text: str) -> list[str]:
    """The command lines in a text, with something in the place of each placeholder."""
    blocks = BLOCK.findall(text)
    found = []
    for line in [*IN_A_SPAN.findall(BLOCK.sub("", text)), *IN_A_LINE.findall("\n".join(blocks or [text]))]:
        for placeholder, value in PLACEHOLDERS.items():
            line = line.replace(placeholder, value)
        line = re.sub(r"\$\{[^}]*environment\}", "dev", line)
        words = re.sub(r"<[^>]*>|\$\{[^}]*\}|\{[^}]*\}", "x", line).split()
        found += [" ".join(chosen) for chosen in itertools.product(*(word.split("|") for word in words))]
    return found


def commands_of_code(source: str) -> list[str]:
    """The command lines in the docstrings and messages of a Python module, and those that it runs or makes for a
    system.
    """
    found = []
    tree = ast.parse(source)
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Constant, ast.JoinedStr)) and id(node) not in parts:
            found += commands(flat(node))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "command":
            found += [flat(argument) for argument in node.args]
        elif isinstance(node, ast.List) and node.elts and ast.unparse(node.elts[0]).endswith("'tools' / 'pipelines')"):
            found.append(" ".join(map(flat, node.elts[1:])))
    return [line for line in found if not line.startswith("x")]


def flat(node: ast.AST) -> str:
    """A text of the source with something in the place of each value."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(map(flat, node.values))
    if isinstance(node, ast.FormattedValue):
        written = ast.unparse(node.value)
        return next((value for end, value in VALUES.items() if written.endswith(end)), "x")
    return ""


def fault(line: str, *, whole: bool = False) -> str | None:
    """What the program says against a command line; None where it takes it, or, unless it is `whole`, only wants more
    words."""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            cli.parse(shlex.split(line))
        except Failure as failure:
            wants_more = "are required" in failure.problem or "is not a whole command" in failure.problem
            return None if wants_more and not whole else failure.problem
        except SystemExit:
            return None
    return None


@pytest.mark.parametrize("path", FILES, ids=display)
def test_a_file_names_no_command_that_the_program_refuses(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = commands_of_code(text) if path.suffix == ".py" else commands(text)
    assert {line: problem for line in found if (problem := fault(line))} == {}


def lines_of_make() -> list[str]:
    """The command lines that the Makefile runs, with its default for each variable, or something in its place."""
    text = (ROOT / "Makefile").read_text()
    defaults = dict(re.findall(r"^(\w+) =(?: (.*))?$", text, re.MULTILINE))
    lines = []
    for line in re.findall(r"\$\(PIPELINES\) (.*?)(?= &&|$)", text, re.MULTILINE):
        line = re.sub(r"\$\(if \$\(\w+\),(.*)\)$", r"\1", line).replace("$$started", "1")
        lines.append(re.sub(r"\$\((\w+)\)", lambda name: defaults[name[1]] or "x", line))
    return lines


def test_the_makefile_runs_whole_commands() -> None:
    lines = lines_of_make()
    assert len(lines) > 10
    assert {line: problem for line in lines if (problem := fault(line, whole=True))} == {}


def test_lint_runs_whole_commands() -> None:
    commands = [step.command for step in lint_steps() if step.command]
    ours = [command[1:] for command in commands if command[0].endswith("/tools/pipelines")]
    assert len(ours) > 2
    assert [problem for words in ours if (problem := fault(shlex.join(words), whole=True))] == []


def test_commands_are_found_in_text_and_refused_when_wrong() -> None:
    text = (
        "pipelines for money; `tools/pipelines system redrive webhooks --env <env>`\n"
        "```sh\npipelines system stauts webhooks   # how many\n```\n"
    )
    assert commands(text) == ["system redrive webhooks --env dev", "system stauts webhooks"]
    assert commands("`pipelines env plan|apply`") == ["env plan", "env apply"]
    assert fault("system redrive webhooks --env dev") is None
    assert fault("system redrive") is None
    assert "are required" in str(fault("system redrive", whole=True))
    assert "is not a command" in str(fault("system stauts webhooks"))
    assert "is not an argument" in str(fault("system status webhooks --whole"))


def test_commands_are_found_in_code() -> None:
    source = '''"""`pipelines env plan`."""
print(f"next: `tools/pipelines system trace {self.name} {event_id}`")
print("  tools/pipelines env outputs    where everything is")
system.command(f"system redrive {system.name} --queue {queue}")
run([str(ROOT / "tools" / "pipelines"), "project", "demo"])
'''
    assert sorted(commands_of_code(source)) == [
        "env outputs",
        "env plan",
        "project demo",
        "system redrive webhooks --queue x",
        "system trace webhooks x",
    ]
