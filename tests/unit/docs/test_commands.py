"""Every command line that a document or an alarm gives is one that the program takes."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import cli
from tools.toolchain import ROOT

BLOCK = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
IN_A_BLOCK = re.compile(r"^(?:\$ )?(?:tools/)?pipelines ((?:(?! #).)*)", re.MULTILINE)
IN_A_SPAN = re.compile(r"`(?:tools/)?pipelines ([^`\n]*)`")
PLACEHOLDERS = {"<env>": "dev", "<environment>": "dev", "<system>": "webhooks", "<...>": "x", "[system]": ""}


def documents() -> Iterator[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "*.md", "modules/systems/*.tf"], cwd=ROOT, capture_output=True, check=True
    )
    return (ROOT / name for name in listed.stdout.decode().splitlines())


def commands(text: str) -> list[str]:
    """The command lines in a text, with something in the place of each placeholder."""
    found = []
    in_blocks = [line for block in BLOCK.findall(text) for line in IN_A_BLOCK.findall(block)]
    for line in [*IN_A_SPAN.findall(BLOCK.sub("", text)), *in_blocks]:
        for placeholder, value in PLACEHOLDERS.items():
            line = line.replace(placeholder, value)
        line = re.sub(r"\$\{[^}]*environment\}", "dev", line)
        found.append(re.sub(r"<[^>]*>|\$\{[^}]*\}", "x", line).strip())
    return found


def fault(line: str) -> str | None:
    """What the program says against a command line; None where it takes it, or only wants more (a bare name)."""
    said = io.StringIO()
    words = shlex.split(line)
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        try:
            cli.parser(words[0] if words else None).parse_args(words)
        except SystemExit as end:
            wants_more = "the following arguments are required" in said.getvalue()
            return None if not end.code or wants_more else said.getvalue().splitlines()[-1]
    return None


@pytest.mark.parametrize("document", list(documents()), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_document_gives_no_command_that_the_program_refuses(document: Path) -> None:
    faults = {line: problem for line in commands(document.read_text()) if (problem := fault(line))}
    assert faults == {}


def test_commands_are_found_in_code_and_refused_when_wrong() -> None:
    text = (
        "pipelines for money; `tools/pipelines redrive webhooks --env <env>`\n```sh\npipelines stauts webhooks\n```\n"
    )
    assert commands(text) == ["redrive webhooks --env dev", "stauts webhooks"]
    assert fault("redrive webhooks --env dev") is None
    assert "invalid choice" in str(fault("stauts webhooks"))
    assert "unrecognized arguments" in str(fault("status webhooks --whole"))
