"""The run of Terragrunt that started a hook: its words and its folder. Terragrunt itself does not tell a hook."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools import process_environment

_PROC: Final = Path("/proc")
_FOLDER_OPTIONS: Final = ("--working-dir", "--terragrunt-working-dir")
_FOLDER_VARIABLES: Final = ("TG_WORKING_DIR", "TERRAGRUNT_WORKING_DIR")
_ALL: Final = frozenset({"run-all", "--all", "-a"})
# With these options a person names units, in any folder.
_NAMES_UNITS: Final = ("--filter", "--graph", "--queue-include", "graph")


@dataclass(frozen=True)
class Caller:
    """A program's words, without its own name, and the folder that it was started in."""

    words: tuple[str, ...]
    started_in: Path

    def folder_of_all_units(self, environment: Mapping[str, str]) -> Path | None:
        """The folder whose units the run covers. None for a run in one unit, and for one that names its units."""
        if not _ALL.intersection(self.words) and environment.get("TG_ALL", "").lower() not in ("1", "true"):
            return None
        if any(word.startswith(_NAMES_UNITS) for word in self.words):
            return None
        named = [environment[name] for name in _FOLDER_VARIABLES if environment.get(name)]
        for word, following in zip(self.words, [*self.words[1:], ""], strict=True):
            option, equals, value = word.partition("=")
            if option in _FOLDER_OPTIONS:
                named.insert(0, value if equals else following)
        return (self.started_in / (named[0] if named else "")).resolve()


def caller(process: int) -> Caller | None:
    """The program with a process id: from /proc where it exists, else from `ps` and `lsof`.

    None where the machine does not say.
    """
    if (_PROC / "self" / "cmdline").exists():
        try:
            words = (_PROC / str(process) / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
            folder = os.readlink(_PROC / str(process) / "cwd")
        except OSError:
            return None
        return Caller(tuple(os.fsdecode(word) for word in words[1:]), Path(folder))
    command = _answer(["ps", "-o", "command=", "-p", str(process)])
    names = [line[1:] for line in _answer(["lsof", "-a", "-p", str(process), "-d", "cwd", "-Fn"]).splitlines()]
    if not command or not names:
        return None
    try:
        return Caller(tuple(shlex.split(command)[1:]), Path(names[-1]))
    except ValueError:
        return None


def _answer(command: Sequence[str]) -> str:
    try:
        answer = subprocess.run(
            command, env=process_environment.bare(), capture_output=True, text=True, errors="replace", check=False
        )
        return answer.stdout.strip()
    except OSError:
        return ""
