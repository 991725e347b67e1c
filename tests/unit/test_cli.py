"""The console script `pipelines`."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import pytest

from tools import cli
from tools.errors import Failure
from tools.livetree.layout import environments


def commands(parser: argparse.ArgumentParser) -> set[str]:
    [actions] = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return set(actions.choices)


def test_every_command_is_found_in_the_tool_that_is_said_to_have_it() -> None:
    assert commands(cli.parser()) == set(cli.TOOL_OF)
    for command in cli.TOOL_OF:
        assert command in commands(cli.parser(command))


def test_the_installed_script_runs_from_any_folder(tmp_path: Path) -> None:
    script = Path(sys.executable).with_name("pipelines")
    answer = subprocess.run([script, "--help"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert set(cli.TOOL_OF) <= set(answer.stdout.replace(",", " ").replace("{", " ").replace("}", " ").split())


def test_a_failure_ends_with_its_message_and_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: object) -> int:
        raise Failure("the port is in use", where="127.0.0.1:4566", do="stop the program", status=2)

    monkeypatch.setattr("tools.livetree.cli._check", fail)
    assert cli.main(["settings", "check"]) == 2
    assert capsys.readouterr().err == ("error: the port is in use\n  where: 127.0.0.1:4566\n  do: stop the program\n")


@pytest.mark.requirement("PLT-16")
@pytest.mark.parametrize("words", [("terragrunt", "plan"), ("policies", "plan")])
def test_an_unknown_environment_is_refused_with_the_known_ones(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*words, "--env", "nowhere"]) == 2
    said = capsys.readouterr().err
    assert "'nowhere'" in said
    assert ", ".join(environments()) in said
