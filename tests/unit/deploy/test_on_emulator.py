"""An environment is applied on the emulator that runs, which stays, or on a new one, which stops with its command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tools.deploy import on_emulator
from tools.deploy.on_emulator import applied
from tools.deploy.target import Target
from tools.emulator.control import Emulator
from tools.errors import Failure


class Machine:
    """A machine on which an emulator may run; `seen` has what was done on it, in order."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.running: Emulator | None = None
        self.fails = False
        self.seen: list[str] = []
        patch.setattr("tools.emulator.control.find_running", lambda: self.running)
        patch.setattr("tools.emulator.control.start", self._start)
        patch.setattr(Emulator, "stop", lambda _: self.seen.append("stop"))
        patch.setattr(on_emulator, "clean_up", lambda _: ["a lock"])
        patch.setattr(on_emulator, "apply", self._apply)

    def _start(self, *, ends_with_caller: bool) -> Emulator:
        self.seen.append("start, ends with the command" if ends_with_caller else "start")
        return Emulator(4567, 1, "")

    def _apply(self, target: Target, log: Path) -> None:
        self.seen.append(f"apply {target.environment} on {target.emulator.port if target.emulator else 'AWS'}")
        if self.fails:
            raise Failure("live/qa was not applied")


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def test_the_emulator_that_runs_is_used_and_stays(
    machine: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.running = Emulator(4566, 1, "")
    with applied("qa", tmp_path / "apply.log") as environment:
        machine.seen.append("block")
    assert machine.seen == ["apply qa on 4566", "block"]
    assert environment.stays
    assert "cleaned up: a lock" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "seen"),
    [
        ({}, ["start, ends with the command", "apply qa on 4567", "block", "stop"]),
        ({"keep": True}, ["start", "apply qa on 4567", "block"]),
    ],
)
def test_a_new_emulator_stops_with_the_block_unless_it_is_kept(
    machine: Machine, tmp_path: Path, options: dict[str, Any], seen: list[str]
) -> None:
    with applied("qa", tmp_path / "apply.log", **options) as environment:
        machine.seen.append("block")
    assert machine.seen == seen
    assert environment.stays is bool(options)


def test_a_new_emulator_stops_when_the_apply_fails(machine: Machine, tmp_path: Path) -> None:
    machine.fails = True
    with pytest.raises(Failure, match="was not applied"), applied("qa", tmp_path / "apply.log"):
        machine.seen.append("block")
    assert machine.seen == ["start, ends with the command", "apply qa on 4567", "stop"]
