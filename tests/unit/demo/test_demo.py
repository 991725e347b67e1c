"""The demonstration has a part of each system, prints what became of everything, and fails where anything is lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tools import cli
from tools.demo import cli as demo
from tools.demo.account import Latency, Outcome
from tools.livetree import layout

NO_SYSTEMS = {"account", "foundation"}


class Part:
    def __init__(self, lost: int) -> None:
        self._lost = lost

    def run(self) -> dict[str, Any]:
        found: dict[str, Any] = dict.fromkeys(Outcome, 0)
        found |= {Outcome.PROCESSED: 7 - self._lost, Outcome.UNACCOUNTED: self._lost}
        return {"sent": 7, **found, "latency_ms": Latency([310.0], []).report()}

    def unaccounted(self) -> list[str]:
        return [f"event {n}" for n in range(self._lost)]


Parts = dict[str, Callable[[Any], Part]]


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Parts:
    """The demonstration without an environment; what the parts send and lose is up to the test."""

    @contextmanager
    def applied(*_: object, **__: object) -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(target=None, stays=False)

    parts: Parts = {}
    monkeypatch.setattr(demo, "applied", applied)
    monkeypatch.setattr(demo, "DEMONSTRATIONS", parts)
    monkeypatch.setattr(demo, "FOLDER", tmp_path)
    monkeypatch.setattr(demo, "REPORT", tmp_path / "report.json")
    return parts


@pytest.mark.requirement("PLT-21")
def test_each_system_of_the_live_tree_has_a_part() -> None:
    systems = {place.system for place in layout.units("dev")} - NO_SYSTEMS
    assert set(demo.DEMONSTRATIONS) == systems


@pytest.mark.requirement("PLT-21")
def test_what_became_of_everything_is_printed_and_kept(
    parts: Parts, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parts |= {"payment-events": lambda _: Part(0), "csv-upload": lambda _: Part(0)}
    assert cli.main(["project", "demo"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["processed", "7", "7"] in lines
    assert ["unaccounted", "0", "0"] in lines
    assert json.loads((tmp_path / "report.json").read_text())["systems"]["csv-upload"]["processed"] == 7


@pytest.mark.requirement("PLT-21")
def test_it_fails_and_names_what_is_lost(parts: Parts, capsys: pytest.CaptureFixture[str]) -> None:
    parts |= {"payment-events": lambda _: Part(0), "csv-upload": lambda _: Part(1)}
    assert cli.main(["project", "demo"]) == 1
    assert "unaccounted in csv-upload: event 0" in capsys.readouterr().out
