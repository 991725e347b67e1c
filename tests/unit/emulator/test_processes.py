"""What is told of processes, wherever the operating system keeps it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tools.emulator import processes
from tools.waiting import wait_for


def burn() -> None:
    sum(number * number for number in range(300_000))


def test_the_processor_time_of_a_process_grows_with_its_work() -> None:
    before = processes.processor_seconds([os.getpid()])[os.getpid()]
    burn()
    assert processes.processor_seconds([os.getpid()])[os.getpid()] > before


def test_a_process_that_ended_has_no_processor_time() -> None:
    assert processes.processor_seconds([2**22 + 1]) == {}


def test_without_proc_the_processor_time_comes_from_ps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "ps").write_text("#!/bin/sh\necho '  41  1:02.50'\necho '  42 1:00:00'\necho '  43  0:00.01'\n")
    (tmp_path / "ps").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(processes, "_PROC", tmp_path / "none")
    assert processes.processor_seconds([41, 42]) == {41: 62.5, 42: 3600.0}


def test_a_process_keeps_its_start_when_it_becomes_another_program_and_has_none_once_it_ended() -> None:
    process = subprocess.Popen(["sh", "-c", "read line; exec sleep 600"], stdin=subprocess.PIPE)
    try:
        began = processes.started(process.pid)
        assert began is not None
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
        wait_for(lambda: "sleep" in processes.command_lines().get(process.pid, ""), "the other program")
        assert processes.started(process.pid) == began
    finally:
        process.kill()
    wait_for(lambda: process.pid not in processes.command_lines(), "the end")
    assert processes.started(process.pid) is None  # not waited for yet: a zombie
    process.wait()
    assert processes.started(process.pid) is None
