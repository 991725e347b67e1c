"""The console script `pipelines`."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from functions.common.errors import TransientError
from tools import cli
from tools.errors import Failure
from tools.livetree.layout import environments

COMMANDS = [(noun, verb) for noun, each in cli.COMMANDS.items() for verb in each.verbs]


@pytest.mark.parametrize(("noun", "verb"), COMMANDS)
def test_every_command_explains_itself(noun: str, verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([noun, verb, "--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: pipelines {noun} {verb}")
    assert callable(cli.parser(noun, verb).get_default("run"))


@pytest.mark.parametrize(("words", "listed"), [([], cli.COMMANDS), (["env"], cli.COMMANDS["env"].verbs)])
def test_the_installed_script_runs_from_any_folder(words: list[str], listed: dict[str, object], tmp_path: Path) -> None:
    script = Path(sys.executable).with_name("pipelines")
    answer = subprocess.run([script, *words, "--help"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert {line.split()[0] for line in answer.stdout.splitlines() if line.startswith("  ")} == set(listed)


def test_a_service_that_keeps_failing_is_no_bug_of_ours(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: object) -> int:
        raise TransientError("reading from uploads: SlowDown")

    monkeypatch.setattr("tools.cli.parse", lambda _: SimpleNamespace(run=fail))
    assert cli.main(["system", "export"]) == 1
    assert "reading from uploads: SlowDown" in capsys.readouterr().err


def test_a_failure_ends_with_its_message_and_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: object) -> int:
        raise Failure("the port is in use", where="127.0.0.1:4566", do="stop the program", status=2)

    monkeypatch.setattr("tools.livetree.cli._check", fail)
    assert cli.main(["env", "settings"]) == 2
    assert capsys.readouterr().err == ("error: the port is in use\n  where: 127.0.0.1:4566\n  do: stop the program\n")


@pytest.mark.parametrize(
    ("line", "problem", "do"),
    [
        ("", "`pipelines` is not a whole command", "give one of env, system, emulator"),
        ("system", "`pipelines system` is not a whole command", "give one of status, send"),
        ("systm status", "'systm' is not a command of `pipelines`", "did you mean system?"),
        ("redrive webhooks", "'redrive' is not a command of `pipelines`", "did you mean system redrive?"),
        ("status", "'status' is not a command", "did you mean system status or emulator status?"),
        ("env aply", "'aply' is not a command of `pipelines env`", "did you mean apply?"),
        ("env plan --targt aws", "'--targt' is not an argument of `pipelines env plan`", "did you mean --target?"),
        ("env plan --tar aws", "'--tar' is not an argument of `pipelines env plan`", "did you mean --target?"),
        ("env plan --target asw", "invalid choice: 'asw'", "did you mean aws?"),
        ("env plan --target moon", "invalid choice: 'moon'", "usage: pipelines env plan"),
        ("system trace webhook evt-1", "invalid choice: 'webhook'", "did you mean webhooks?"),
        ("system trace webhooks", "arguments are required: id", "usage: pipelines system trace [-h] [--env ENV]"),
        ("system status --since 3", "'3' is no length of time", "usage: pipelines system status"),
    ],
)
def test_a_wrong_command_line_is_refused_as_any_wrong_input(
    line: str, problem: str, do: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(line.split()) == 2
    said = capsys.readouterr()
    assert said.out == ""
    error, where, remedy = said.err.splitlines()
    assert problem in error.removeprefix("error: ")
    assert where.startswith("  where: ")
    assert "pipelines" in where
    assert remedy.startswith(f"  do: {do}")


@pytest.mark.parametrize(("noun", "verb"), [("unit", "check"), ("release", "manifest")])
def test_the_hook_of_every_unit_loads_its_own_tool_and_nothing_of_aws(noun: str, verb: str) -> None:
    code = f"import sys; from tools import cli; cli.parser({noun!r}, {verb!r}); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    tools = {name for name in loaded if name.startswith("tools.") and name.endswith(".cli")}
    assert tools == {"tools.cli", f"tools.{cli.COMMANDS[noun].verbs[verb].tool}.cli"}
    assert "boto3" not in loaded


@pytest.mark.requirement("PLT-16")
@pytest.mark.parametrize("words", [("env", "plan"), ("env", "settings"), ("policies", "plan")])
def test_an_unknown_environment_is_refused_with_the_known_ones(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*words, "--env", "nowhere"]) == 2
    said = capsys.readouterr().err
    assert "'nowhere'" in said
    assert ", ".join(environments()) in said


def test_a_library_that_is_not_installed_asks_for_the_set_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "docker", None)
    monkeypatch.delitem(sys.modules, "tools.release.engine", raising=False)
    monkeypatch.setattr("tools.release.cli._manifest", lambda _: importlib.import_module("tools.release.engine"))
    assert cli.main(["release", "manifest"]) == 3
    assert capsys.readouterr().err.splitlines() == [
        "error: the library docker is not installed: the Python environment is older than its lock",
        "  where: .venv",
        "  do: run `make setup`",
    ]


def test_a_module_of_ours_that_is_missing_is_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.release.cli._manifest", lambda _: importlib.import_module("tools.nowhere"))
    with pytest.raises(ModuleNotFoundError):
        cli.main(["release", "manifest"])
