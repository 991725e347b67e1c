from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.livetree.trees import SERVICE_UNIT, LiveTree
from tools.livetree.standin.main import ANNOUNCEMENT, main

LOCAL = "http://127.0.0.1:9"


def run(monkeypatch: pytest.MonkeyPatch, folder: Path, *words: str, **environment: str) -> int:
    for name in ("AWS_ENDPOINT_URL", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return main([*words, "--working-dir", str(folder)])


@pytest.mark.requirement("PLT-17")
@pytest.mark.parametrize("command", ["plan", "apply", "destroy", "init", "output", "render --json", "run-all apply"])
@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({}, "AWS_ENDPOINT_URL is not set"),
        ({"AWS_ENDPOINT_URL": ""}, "AWS_ENDPOINT_URL is not set"),
        ({"AWS_ENDPOINT_URL": "https://sqs.us-east-1.amazonaws.com"}, "which is not this machine"),
        ({"AWS_ENDPOINT_URL": "http://10.0.0.1:4566"}, "which is not this machine"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1.example.com"}, "which is not this machine"),
        (
            {"AWS_ENDPOINT_URL": LOCAL, "AWS_ENDPOINT_URL_S3": "https://s3.amazonaws.com"},
            "AWS_ENDPOINT_URL_S3 is https://s3.amazonaws.com, which is not this machine",
        ),
        (
            {"AWS_ENDPOINT_URL": LOCAL, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS turns AWS_ENDPOINT_URL off",
        ),
    ],
)
def test_no_command_reaches_for_a_real_account(
    tree: LiveTree,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    environment: dict[str, str],
    named: str,
) -> None:
    assert run(monkeypatch, tree.root / SERVICE_UNIT, *command.split(), **environment) == 1
    said = capsys.readouterr().err
    assert "the stand-in does not deploy to a real account" in said
    assert named in said
    assert "install Terragrunt" in said


@pytest.mark.requirement("PLT-17")
def test_it_says_in_one_line_that_it_stands_in(
    tree: LiveTree, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, tree.root / SERVICE_UNIT, "plan")
    assert capsys.readouterr().err.splitlines().count(ANNOUNCEMENT) == 1


def test_an_emulator_that_does_not_run_is_told_with_the_command_that_starts_it(
    tree: LiveTree, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    credentials = {"AWS_ACCESS_KEY_ID": "111111111111", "AWS_SECRET_ACCESS_KEY": "x", "AWS_MAX_ATTEMPTS": "1"}
    assert run(monkeypatch, tree.root / SERVICE_UNIT, "plan", AWS_ENDPOINT_URL=LOCAL, **credentials) == 1
    said = capsys.readouterr().err
    assert "error: the state bucket states-111111111111 cannot be reached" in said
    assert "make up" in said


def test_wrong_input_ends_with_1_as_2_means_changes_to_those_who_call_terragrunt(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert run(monkeypatch, tmp_path, "workspace", "list") == 1
