"""Runs Terraform and hooks so that Ctrl-C stops them properly: once, and with time to release their locks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Streams = Literal["shown", "together", "apart"]


class Interrupted(Exception):
    """The run was asked to stop: nothing new is started."""


@dataclass(frozen=True)
class Finished:
    """A program that has finished: `output` holds both streams where they were collected together."""

    status: int
    output: str
    errors: str


class Programs:
    """The programs of one run.

    A terminal sends Ctrl-C to the whole process group in the foreground, and a second interrupt makes Terraform stop at
    once and leave its lock behind. So each program has a process group of its own, unless it asks questions on a
    terminal: the interrupt reaches it once, from here or from the terminal.
    """

    def __init__(self) -> None:
        self._running: dict[subprocess.Popen[str], bool] = {}
        self._told: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self.interrupted = False

    def run(self, command: Sequence[str], folder: Path, environment: Mapping[str, str], streams: Streams) -> Finished:
        """Run a program until it finishes. "shown" leaves it the terminal, and also collects its standard error.

        Raises Interrupted when the run was asked to stop, FileNotFoundError when there is no such program.
        """
        shown = streams == "shown"
        at_terminal = shown and os.isatty(0)
        with self._lock:
            if self.interrupted:
                raise Interrupted
            process = subprocess.Popen(
                list(command),
                cwd=folder,
                env=dict(environment),
                stdin=None if shown else subprocess.DEVNULL,
                stdout=None if shown else subprocess.PIPE,
                stderr=subprocess.STDOUT if streams == "together" else subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
                process_group=None if at_terminal else 0,
            )
            self._running[process] = at_terminal
            if self.interrupted:
                self._end(process)
        try:
            if shown:
                return Finished(*_copied_while_running(process))
            output, errors = process.communicate()
            return Finished(process.returncode, output, errors or "")
        finally:
            with self._lock:
                del self._running[process]
                self._told.discard(process)

    @contextmanager
    def ended_by_signals(self) -> Iterator[None]:
        """Within this block, SIGINT and SIGTERM stop the running programs properly. Only for the main thread."""
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        for number in before:
            signal.signal(number, lambda number, _: self._interrupt(signal.Signals(number)))
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _interrupt(self, number: signal.Signals) -> None:
        if self.interrupted:
            return
        self.interrupted = True
        for process, at_terminal in list(self._running.items()):
            if not (at_terminal and number == signal.SIGINT):
                self._end(process)
        if self._running:
            print(
                "stopping: Terraform finishes what it has begun and releases its locks ...", file=sys.stderr, flush=True
            )

    def _end(self, process: subprocess.Popen[str]) -> None:
        if process not in self._told:
            self._told.add(process)
            process.send_signal(signal.SIGINT)


def _copied_while_running(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    said = []
    for line in process.stderr or ():
        said.append(line)
        sys.stderr.write(line)
        sys.stderr.flush()
    return process.wait(), "", "".join(said)
