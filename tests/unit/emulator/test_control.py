"""Starting and cleaning up, without an emulator: what is in the way, and what is said about it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools.emulator import control, processes
from tools.errors import Failure
from tools.toolchain import PythonEnvironment

Sleeper = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A build folder of the test's own, and this test's Python in place of the emulator's."""
    monkeypatch.setattr(control, "FOLDER", tmp_path)
    monkeypatch.setattr(control, "require", lambda _: sys.executable)
    monkeypatch.delenv("EMULATOR_PORT", raising=False)
    return tmp_path


@pytest.fixture
def sleeper() -> Iterator[Sleeper]:
    """Start a process that does nothing, with these words on its command line."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*words: str) -> subprocess.Popen[bytes]:
        code = "print(flush=True); import time; time.sleep(60)"
        process = subprocess.Popen([sys.executable, "-c", code, *words], stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdout is not None
        process.stdout.readline()
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _leave(folder: Path, port: int, pid: int) -> Path:
    """What an emulator that was killed leaves: its state file and its temporary folder. Returns the folder."""
    (folder / f"{port}.json").write_text(json.dumps({"pid": pid, "port": port, "endpoint": "", "started": ""}))
    temporary = folder / f"{port}.tmp"
    (temporary / "s3").mkdir(parents=True)
    return temporary


def _dead_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.mark.parametrize("text", ["", "http", "80", "70000", "-1", "4566.0"])
def test_what_is_no_port_is_refused_by_the_name_of_its_setting(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMULATOR_PORT", text)
    with pytest.raises(Failure) as failure:
        control.port_from_environment()
    assert failure.value.status == 2
    assert f"EMULATOR_PORT is {text!r}" in str(failure.value)


def test_the_port_is_4566_unless_a_setting_names_another(monkeypatch: pytest.MonkeyPatch) -> None:
    assert control.port_from_environment() == 4566
    monkeypatch.setenv("EMULATOR_PORT", "4600")
    assert control.port_from_environment() == 4600


def test_a_port_that_another_program_has_is_refused_with_that_program_and_a_way_out() -> None:
    with socket.socket() as other:
        other.bind((control.HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Failure) as failure:
            control.start(port)
    assert failure.value.status == 2
    assert f"port {port} is in use by process {os.getpid()}" in failure.value.problem
    assert f"EMULATOR_PORT={port + 1}" in str(failure.value.do)


def test_without_the_emulators_environment_set_up_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    missing = PythonEnvironment(tmp_path / ".venv-emulator", tmp_path / "emulator.txt")
    monkeypatch.setattr(control, "EMULATOR", missing)
    with pytest.raises(Failure, match="does not exist") as failure:
        control.start(control.free_port())
    assert (failure.value.status, failure.value.do) == (3, "run `make setup`")


def test_what_a_killed_emulator_left_is_removed_and_said_in_one_line(folder: Path, sleeper: Sleeper) -> None:
    temporary = _leave(folder, 4599, _dead_pid())
    orphan = sleeper(f"{temporary}/ministack-lambda-event-validator-x1/_worker.py")
    assert list(control.clean_up(4599)) == [
        "cleaned up after one that died on port 4599: its files, and 1 function worker(s)"
    ]
    assert orphan.wait(10) != 0
    assert not temporary.exists()
    assert not (folder / "4599.json").exists()
    assert list(control.clean_up(4599)) == []


def test_a_state_file_whose_process_id_another_program_has_by_now_ends_nobody(folder: Path, sleeper: Sleeper) -> None:
    stranger = sleeper("something else")
    _leave(folder, 4599, stranger.pid)
    assert list(control.clean_up(4599)) == ["cleaned up after one that died on port 4599: its files"]
    assert stranger.poll() is None


def test_an_emulator_of_ours_that_still_has_the_port_is_stopped(folder: Path, sleeper: Sleeper) -> None:
    temporary = _leave(folder, 4599, 1)
    running = sleeper("tools.emulator.launcher", "4599", str(temporary), "000000000000")
    assert list(control.clean_up(4599)) == [f"stopped the one that ran on port 4599 (process {running.pid})"]
    assert running.wait(10) != 0


def test_an_emulator_on_another_port_is_left_alone_and_what_died_there_is_cleaned(
    folder: Path, sleeper: Sleeper
) -> None:
    alive = _leave(folder, 4598, 1)
    running = sleeper("tools.emulator.launcher", "4598", str(alive), "000000000000")
    dead = _leave(folder, 4597, _dead_pid())
    assert list(control.clean_up(4599)) == ["cleaned up after one that died on port 4597: its files"]
    assert running.poll() is None
    assert alive.exists()
    assert not dead.exists()


def test_an_emulator_that_stops_while_it_starts_says_why_and_leaves_only_its_log(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "_LAUNCHER", "tests.unit.emulator.dying_launcher")
    port = control.free_port()
    (folder / f"{port}.log").write_text("the run before\n")
    with pytest.raises(Failure) as failure:
        control.start(port)
    assert "the patch api_keys does not fit ministack 9.9.9" in failure.value.problem
    assert failure.value.where == str(folder / f"{port}.log")
    assert sorted(path.name for path in folder.iterdir()) == [f"{port}.log", f"{port}.log.1"]
    assert (folder / f"{port}.log.1").read_text() == "the run before\n"


def test_only_the_newest_logs_of_emulators_that_ended_are_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "_LAUNCHER", "tests.unit.emulator.dying_launcher")
    for age in range(30):
        log = folder / f"{5000 + age}.log"
        log.write_text("")
        os.utime(log, (1_000_000 - age, 1_000_000 - age))
    port = control.free_port()
    with pytest.raises(Failure):
        control.start(port)
    kept = {f"{5000 + age}.log" for age in range(20)}
    assert {path.name for path in folder.iterdir()} == kept | {f"{port}.log"}


def test_nothing_of_a_persons_aws_configuration_reaches_a_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    monkeypatch.setenv("AWS_CA_BUNDLE", "/nowhere")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "https://s3.amazonaws.com")
    environment = control.environment("http://127.0.0.1:4599", "111122223333", "eu-central-1")
    assert (environment["AWS_ACCESS_KEY_ID"], environment["AWS_REGION"]) == ("111122223333", "eu-central-1")
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4599"
    for gone in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CA_BUNDLE", "AWS_ENDPOINT_URL_S3"):
        assert gone not in environment
    client = control.client("sqs", "111122223333", "eu-central-1", "http://127.0.0.1:4599")
    assert client.meta.endpoint_url == "http://127.0.0.1:4599"


def test_processes_that_ignore_the_request_to_end_are_killed(sleeper: Sleeper) -> None:
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as stubborn:
        assert stubborn.stdout is not None
        stubborn.stdout.readline()
        processes.end([stubborn.pid], grace_s=0.2)
        assert stubborn.wait(10) == -9
