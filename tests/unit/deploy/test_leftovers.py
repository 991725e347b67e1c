"""A run of Terragrunt that is interrupted ends in order; what one that was killed left is ended by the next."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.deploy import leftovers
from tools.deploy.target import Target
from tools.emulator import processes
from tools.project import ROOT

# Ends on an interrupt, as Terragrunt does, and has a child that does not notice.
RUN = """
import signal, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], process_group=0)
def end(*_):
    child.terminate()
    print("released", flush=True)
    sys.exit(0)
signal.signal(signal.SIGINT, end)
print("ready", flush=True)
time.sleep(600)
"""
STUBBORN = RUN.replace("signal.signal(signal.SIGINT, end)", "signal.signal(signal.SIGINT, signal.SIG_IGN)")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(leftovers, "FOLDER", tmp_path / "build" / "deploy")
    monkeypatch.setattr(leftovers, "ENDS_WITHIN_S", 1.0)
    return tmp_path / "build" / "deploy"


@pytest.fixture(params=["in order", "stubborn"])
def run(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    """A run that is under way."""
    code = RUN if request.param == "in order" else STUBBORN
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, process_group=0
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    yield process
    processes.end(processes.descendants(process.pid), 0)
    process.wait()


def leave(run: subprocess.Popen[str]) -> None:
    """Let a process start the run, as far as is remembered, and be killed."""
    code = (
        "from tools.deploy import leftovers; leftovers.FOLDER, process = Path(sys.argv[1]), Process(int(sys.argv[2]))"
    )
    killed = f"""
import os, signal, sys
from collections import namedtuple
from pathlib import Path
Process = namedtuple("Process", "pid")
{code}
with leftovers.remembered(process):
    os.kill(os.getpid(), signal.SIGKILL)
"""
    command = [sys.executable, "-c", killed, str(leftovers.FOLDER), str(run.pid)]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL


def aws() -> Target:
    """A target without an emulator, whose locks are nobody's to release."""
    return Target("dev", None)


def test_an_interrupted_run_ends_and_is_forgotten(run: subprocess.Popen[str], folder: Path) -> None:
    def be_interrupted() -> None:
        with leftovers.remembered(run):
            assert len(list(folder.glob("*.json"))) == 1
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        be_interrupted()
    assert run.poll() is not None
    assert list(folder.glob("*.json")) == []


def test_a_run_that_came_to_its_end_leaves_nothing_to_clean(folder: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""], process_group=0)
    with leftovers.remembered(process):
        process.wait()
    assert list(leftovers.clean_up(aws())) == []


def test_what_a_killed_run_left_is_ended_by_the_next_which_says_so(run: subprocess.Popen[str], folder: Path) -> None:
    leave(run)
    assert list(leftovers.clean_up(aws())) == [
        f"ended the run of Terragrunt that was left by one that was killed (process {run.pid})"
    ]
    assert run.wait(10) is not None
    assert list(leftovers.clean_up(aws())) == []


def test_a_run_that_becomes_another_program_is_still_known(folder: Path) -> None:
    script = "read line; exec python3 -c 'print(1, flush=True); import time; time.sleep(600)'"
    shell = subprocess.Popen(["sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert shell.stdin is not None
    assert shell.stdout is not None
    leave(shell)
    shell.stdin.write("go\n")
    shell.stdin.flush()
    assert shell.stdout.readline() == "1\n"
    assert len(list(leftovers.clean_up(aws()))) == 1
    assert shell.wait(10) is not None


def test_the_run_of_a_process_that_goes_on_is_left_alone(run: subprocess.Popen[str], folder: Path) -> None:
    with leftovers.remembered(run):
        assert list(leftovers.clean_up(aws())) == []
        assert run.poll() is None
        assert len(list(folder.glob("*.json"))) == 1


def test_another_program_under_a_remembered_number_is_left_alone(run: subprocess.Popen[str], folder: Path) -> None:
    folder.mkdir(parents=True)
    others = {"pid": run.pid, "started": "before"}
    (folder / "1.json").write_text(json.dumps(others | {"caller": others}))
    assert list(leftovers.clean_up(aws())) == [
        f"the run of Terragrunt before this one was killed, and has ended (process {run.pid})"
    ]
    assert run.poll() is None
    assert list(leftovers.clean_up(aws())) == []
