"""The Python that functions run on: what has to follow when it changes, and whether they are ready for the next."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from policies.hcl.syntax import Literal, expressions
from tools.errors import Failure
from tools.livetree.reading.source import Source
from tools.project import BUILD, ROOT, display
from tools.release.manifest import RUNTIME
from tools.toolchain import DEVELOPMENT, PythonEnvironment, build

VERSION = RUNTIME.removeprefix("python")
# What Lambda offers next: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
NEXT = "python3.13"


@pytest.mark.requirement("PLT-25")
@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("docs/architecture.md", r"Python (\S+) on arm64"),
        ("docs/architecture.md", r'"runtime": "python([^"]+)"'),
        ("mise.toml", r'python = "([^"]+)"'),
        ("pyproject.toml", r'python_version = "([^"]+)"'),
        ("requirements/README.md", r"--python-version (\S+)"),
    ],
)
def test_what_speaks_of_the_runtime_follows_it(file: str, says: str) -> None:
    found = re.findall(says, (ROOT / file).read_text())
    assert found
    assert set(found) == {VERSION}


def test_no_module_names_a_runtime_of_its_own() -> None:
    named = [
        (display(path), node.value)
        for path in (ROOT / "modules").rglob("*.tf")
        for node in expressions(Source.read(path).body)
        if isinstance(node, Literal) and re.fullmatch(r"python3\.\d+", str(node.value))
    ]
    assert named == []


@pytest.mark.requirement("PLT-25")
@pytest.mark.timeout(900)
def test_the_functions_pass_their_tests_on_the_next_runtime() -> None:
    interpreter = shutil.which(NEXT)
    if interpreter is None or subprocess.run([interpreter, "-c", ""], capture_output=True, check=False).returncode:
        pytest.skip(f"{NEXT} is not on this machine")
    following = PythonEnvironment(BUILD / NEXT, DEVELOPMENT.lock, interpreter=interpreter)
    try:
        build(following)
    except Failure as failure:
        pytest.skip(f"the locked packages cannot be installed for {NEXT} here: {failure.problem}")
    answer = subprocess.run(
        [following.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/unit/functions"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout[-3000:]
