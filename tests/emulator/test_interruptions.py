"""Ctrl-C and kill while live/dev is applied, and while events are sent: nothing keeps running, and no lock stays."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from tests.emulator.conftest import Environment
from tests.shell import take_interrupts
from tools.deploy.leftovers import clean_up
from tools.emulator import control, processes
from tools.operations.payment_events import PaymentEvents
from tools.project import BUILD, ROOT
from tools.waiting import wait_for


class Demonstration:
    """`pipelines project demo` on a port; `said` is every line so far."""

    def __init__(self, port: int) -> None:
        self.said: list[str] = []
        self._started = time.time()
        self.process = subprocess.Popen(
            [str(ROOT / "tools" / "pipelines"), "project", "demo"],
            env=os.environ | {"EMULATOR_PORT": str(port)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=take_interrupts,
        )
        Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self.process.stdout or ():
            self.said.append(line)

    def says(self, part: str) -> None:
        def look() -> bool:
            assert self.process.poll() is None or self.heard(part), "".join(self.said)
            return self.heard(part)

        wait_for(look, f"the demonstration to say {part!r}", within_s=600)

    def applies(self) -> None:
        """Wait until the apply is under way: its log, which each run begins anew, tells of the first resource."""
        self.says("apply live/dev")
        log = BUILD / "demo" / "apply.log"
        wait_for(
            lambda: log.exists() and log.stat().st_mtime > self._started and "Creation complete" in log.read_text(),
            "the first resource",
            within_s=600,
        )

    def heard(self, part: str) -> bool:
        return any(part in line for line in self.said)


@contextmanager
def demonstration(port: int) -> Iterator[Demonstration]:
    started = Demonstration(port)
    try:
        yield started
    finally:
        for pid in processes.descendants(started.process.pid):
            os.kill(pid, signal.SIGKILL)
        started.process.wait()


def gone(pids: list[int]) -> bool:
    return not set(pids) & processes.command_lines().keys()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_apply_leaves_nothing_running(target: str, number: signal.Signals) -> None:
    if target == "aws":
        pytest.skip("the demonstration runs on an emulator")
    port = control.free_port()
    with demonstration(port) as demo:
        demo.applies()
        family = processes.descendants(demo.process.pid)
        assert len(family) > 2
        os.killpg(demo.process.pid, number)
        assert demo.process.wait(120) == 130
        assert gone(family)
        assert control.find_running(port) is None
        assert demo.heard("releases its locks")


def test_what_a_killed_demonstration_left_is_cleaned_by_the_next_which_says_so(target: str) -> None:
    if target == "aws":
        pytest.skip("the demonstration runs on an emulator")
    port = control.free_port()
    with demonstration(port) as demo:
        demo.applies()
        family = processes.descendants(demo.process.pid)
        demo.process.kill()
        wait_for(lambda: control.find_running(port) is None, "the emulator to end with its caller")
        with demonstration(port) as again:
            again.says("apply live/dev")
            assert again.heard("cleaned up: ")
            wait_for(lambda: gone(family), "what the first run had started to end")
            os.killpg(again.process.pid, signal.SIGINT)
            assert again.process.wait(120) == 130


def test_a_send_that_is_interrupted_in_the_middle_of_a_drill_puts_things_right(
    dev: Environment, emulator: control.Emulator | None
) -> None:
    if emulator is None:
        pytest.skip("the demonstration runs on an emulator")
    system = PaymentEvents(dev.target)
    functions, name = dev.target.client("lambda", system.region), system.service["functions"]["event-processor"]["name"]

    def reserved() -> int:
        return int(functions.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"])

    configured = reserved()
    with demonstration(emulator.port) as demo:
        demo.says("a transient failure")
        wait_for(lambda: reserved() == 0, "the function to be switched off")
        family = processes.descendants(demo.process.pid)
        os.killpg(demo.process.pid, signal.SIGINT)
        assert demo.process.wait(120) == 130
        assert gone(family)
    assert reserved() == configured
    assert control.find_running(emulator.port) is not None
    assert list(clean_up(dev.target)) == []
