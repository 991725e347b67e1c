"""How many files the emulator may open: three for each function worker, within what the machine allows."""

from __future__ import annotations

import resource

import pytest

from tools.emulator import processes

WITHOUT_END = resource.RLIM_INFINITY


@pytest.mark.parametrize(
    ("soft", "hard", "asked"),
    [
        (256, WITHOUT_END, (10_240, WITHOUT_END)),  # macOS
        (1024, 1_048_576, (10_240, 1_048_576)),  # Linux
        (1024, 4096, (4096, 4096)),
        (4096, 4096, None),
        (65_536, 1_048_576, None),
        (WITHOUT_END, WITHOUT_END, None),
    ],
)
def test_the_limit_of_open_files_is_raised_as_far_as_every_machine_allows(
    soft: int, hard: int, asked: tuple[int, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: seen.append(limits))
    processes.allow_open_files()
    assert seen == ([] if asked is None else [asked])
