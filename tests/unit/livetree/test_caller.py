"""Which run started a hook, and the folder that it is about."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools.livetree.caller import Caller, caller

WAITS = "print('ready', flush=True); input()"


def test_a_program_is_known_by_its_words_and_its_folder(tmp_path: Path) -> None:
    words = ("-c", WAITS, "run", "--all", "destroy")
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, *words], cwd=tmp_path, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert caller(process.pid) == Caller(words, tmp_path.resolve())
        process.communicate("\n")
    assert caller(process.pid) is None


@pytest.mark.parametrize(
    ("words", "environment", "folder"),
    [
        ("run --all destroy", {}, "here"),
        ("run-all destroy", {}, "here"),
        ("destroy -a", {}, "here"),
        ("destroy", {"TG_ALL": "true"}, "here"),
        ("run --all --working-dir below destroy", {}, "here/below"),
        ("run --all --working-dir=../there destroy", {}, "there"),
        ("run-all destroy --terragrunt-working-dir below", {}, "here/below"),
        ("run --all destroy", {"TG_WORKING_DIR": "below"}, "here/below"),
        ("run --all destroy --working-dir a", {"TG_WORKING_DIR": "below"}, "here/a"),
        ("destroy", {}, None),
        ("run --graph destroy", {}, None),
        ("run --all --queue-include-external destroy", {}, None),
        ("run --all --filter=../x destroy", {}, None),
    ],
)
def test_the_folder_of_a_run_over_all_units_is_the_one_that_it_names_or_was_started_in(
    tmp_path: Path, words: str, environment: dict[str, str], folder: str | None
) -> None:
    run = Caller(tuple(words.split()), tmp_path / "here")
    assert run.folder_of_all_units(environment) == (folder and (tmp_path / folder).resolve())
