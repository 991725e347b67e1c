"""HCL has one reader: what of the tools, the rules and the tests wants to know what configuration says asks it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tools.project import ROOT, display, files

READER = {"policies/hcl/lexical.py", "policies/hcl/syntax.py", "policies/hcl/writing.py"}
MODULES = [display(path) for path in files("tools/*.py", "policies/*.py", "tests/*.py")]

# Code that handles the text of configuration without asking what it says.
HANDLES_TEXT = {
    "policies/mutations/generated.py": "edits a text at the places that the reader names",
    "tests/emulator/delivery/conftest.py": "writes a composition with more in it",
    "tests/emulator/drills/test_region.py": "edits the root configuration as the runbook says, and puts it back",
    "tests/policies/test_mutations.py": "compares a file with what an edit has to leave",
    "tests/emulator/livetree/test_stand_in.py": "copies a unit",
    "tests/plan/test_layout.py": "compares the units of two environments",
    "tests/unit/docs/test_commands.py": "looks for command lines in texts of every kind",
    "tests/unit/hcl/test_syntax.py": "gives texts to the reader",
    "tests/unit/hcl/test_one_reader.py": "knows how reading looks",
}

BLOCKS = "resource|variable|output|module|locals|provider|validation|(?:pre|post)condition|dependency|include|terraform"
# How a regular expression looks that reads HCL: `name\s*=`, `resource "`, `validation) \{`, `checkov:skip`.
READS_HCL = re.compile(rf'\w\\s[*+]=|=\\s[*+]| = |\b(?:{BLOCKS})\b[^"{{]{{0,4}} ?\\?["{{]|checkov:skip')
NAMES_HCL = re.compile(r"\.(?:tf|hcl)$")
READS = {"open", "read_bytes", "read_text"}


def own_readings(code: str) -> Iterator[str]:
    """Where a module reads HCL by itself: by a regular expression, or by the text of a file that it names."""
    statements = ast.parse(code).body
    shared = _names_of_files([one for one in statements if not isinstance(one, ast.ClassDef)], set(), inside=False)
    for statement in statements:
        files = _names_of_files([statement], shared, inside=True)
        for call in (node for node in ast.walk(statement) if isinstance(node, ast.Call)):
            function = ast.unparse(call.func)
            if function.startswith("re.") and any(READS_HCL.search(text) for text in _texts(call)):
                yield f"line {call.lineno}: a regular expression over HCL"
            if function.rpartition(".")[2] in READS and _is_of_a_file(call, files):
                yield f"line {call.lineno}: the text of a file of HCL"


def _names_of_files(statements: list[ast.stmt], names: set[str], *, inside: bool) -> set[str]:
    """The variables and functions that hold or return files of HCL; `inside` looks into functions, too."""
    said: list[tuple[ast.AST, ast.AST]] = []
    for statement in statements:
        if isinstance(statement, ast.FunctionDef):
            returned = [part.value for part in ast.walk(statement) if isinstance(part, ast.Return) and part.value]
            said += [(ast.Name(statement.name), value) for value in returned]
            if not inside:
                continue
        for node in ast.walk(statement):
            match node:
                case ast.Assign(targets=[target], value=value):
                    said.append((target, value))
                case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
                    said.append((target, value))
    names = set(names)
    while (
        more := {
            part.id
            for target, value in said
            if _is_of_a_file(value, names)
            for part in ast.walk(target)
            if isinstance(part, ast.Name)
        }
        - names
    ):
        names |= more
    return names


def _is_of_a_file(node: ast.AST, files: set[str]) -> bool:
    """Whether an expression is made of a file's name, other than by the reader."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Source.read", "syntax.read", "read"):
        return False
    if isinstance(node, ast.Name):
        return node.id in files
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and bool(NAMES_HCL.search(node.value))
    return any(_is_of_a_file(part, files) for part in ast.iter_child_nodes(node))


def _texts(node: ast.AST) -> Iterator[str]:
    return (part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str))


def test_nothing_reads_hcl_by_itself() -> None:
    found = {path: [*own_readings((ROOT / path).read_text(encoding="utf-8"))] for path in MODULES}
    reading = {path: places for path, places in found.items() if places and path not in READER | HANDLES_TEXT.keys()}
    assert reading == {}, "ask policies/hcl/syntax.py, or tools/livetree/reading/source.py for a person's messages"
    assert [path for path in HANDLES_TEXT if not found.get(path)] == [], "these need no exception any more"


@pytest.mark.parametrize(
    "code",
    [
        r"""re.compile(r'required_version\s*=\s*">= 1\.5(\.0)?"')""",
        r"""re.findall(r"max_receive_count\s*=\s*(\d+)", text)""",
        r"""re.compile(r"^(?P<indent> *)(?P<kind>validation|precondition|postcondition) \{$")""",
        r"""re.compile(r'^resource "(random|time)_', re.MULTILINE)""",
        r"""re.compile(r"#\s*checkov:skip=(\w+):(.*)")""",
        r"""re.search(r"tags = (\{.*\})", contents)""",
        r"""def f(module):\n    return "var.x" in (module / "variables.tf").read_text()""",
        r"""def f():\n    for path in ROOT.rglob("*.tf"):\n        with open(path) as file: print(file.read())""",
        r"""def f(folder):\n    return "terraform.io" in (folder / ".terraform.lock.hcl").read_text()""",
    ],
)
def test_code_that_reads_hcl_by_itself_is_found(code: str) -> None:
    assert [*own_readings(code.replace("\\n", "\n"))]


@pytest.mark.parametrize(
    "code",
    [
        r"""re.search(r"Plan: (\d+) to add", said)""",
        r"""re.compile(r"arn:(?P<partition>[^:]*):")""",
        r"""def f(module):\n    return read(module / "variables.tf").body""",
        r"""def f(folder):\n    (folder / "main.tf").write_text("a = 1")""",
    ],
)
def test_code_that_reads_something_else_is_not(code: str) -> None:
    assert [*own_readings(code.replace("\\n", "\n"))] == []
