"""Which processes run, and which one listens on a port: from /proc if there is one, else from `ps` and `lsof`."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from tools import process_environment
from tools.waiting import until

_PROC: Final = Path("/proc")
_OPEN_FILES: Final = 10_240
# Of the fields after the name in /proc/<pid>/stat (proc(5)): fields 3, 4 and 22 of all.
_STATE: Final = 0
_PARENT: Final = 1
_STARTED: Final = 19
_LISTEN: Final = "0A"  # the state of a listening socket in /proc/net/tcp


def allow_open_files() -> None:
    """Let this process open as many files as it may, up to 10,240: the emulator takes three for each function worker.

    macOS gives no more whatever its hard limit says, and older versions refuse to be asked for more (setrlimit(2),
    "Compatibility").
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def command_lines() -> dict[int, str]:
    """The command line of every process that this user may see, by process id. Zombies have none and are left out."""
    if (_PROC / "self" / "cmdline").exists():
        found: dict[int, str] = {}
        for folder in _PROC.iterdir():
            if folder.name.isdigit():
                try:
                    arguments = (folder / "cmdline").read_bytes()
                except OSError:
                    continue
                if arguments:
                    found[int(folder.name)] = arguments.rstrip(b"\0").replace(b"\0", b" ").decode(errors="replace")
        return found
    listing = _said("ps", "-axo", "pid=,command=")
    lines = (line.split(maxsplit=1) for line in listing.splitlines())
    return {int(pid): command for pid, command in (line for line in lines if len(line) == 2)}


def descendants(pid: int) -> list[int]:
    """A process, its children, theirs, and so on: those that still run."""
    parents = _parents()
    found, new = [pid], [pid]
    while new := [child for child, parent in parents.items() if parent in new]:
        found += new
    return [each for each in found if each in parents]


def started(pid: int) -> str | None:
    """When a process was started, as the system notes it; None if it does not run, or has ended as a zombie.

    With the number it tells a process from every other, also after it has become another program (execve(2)).
    """
    if (_PROC / "self" / "stat").exists():
        try:
            fields = _fields_from_proc(pid)
        except OSError:
            return None
        return None if fields[_STATE] == "Z" else fields[_STARTED]
    state, _, since = _said("ps", "-o", "stat=,lstart=", "-p", str(pid)).strip().partition(" ")
    return None if state.startswith("Z") else since.strip() or None


def working_in(folder: Path, programs: Iterable[str]) -> list[int]:
    """The processes of these programs whose working folder is a folder or below it."""
    names = tuple(programs)
    running = {pid for pid, command in command_lines().items() if Path(command.split(" ")[0]).name.startswith(names)}
    return sorted(pid for pid in running if (where := _working_folder(pid)) and where.is_relative_to(folder.resolve()))


def _working_folder(pid: int) -> Path | None:
    if (_PROC / "self" / "cwd").exists():
        try:
            return Path(os.readlink(_PROC / str(pid) / "cwd"))
        except OSError:
            return None
    lines = _said("lsof", "-a", "-d", "cwd", "-p", str(pid), "-Fn").splitlines()
    return next((Path(line[1:]) for line in lines if line.startswith("n")), None)


def _parents() -> dict[int, int]:
    """The parent of every process."""
    if (_PROC / "self" / "stat").exists():
        rows = _parents_from_proc()
    else:
        rows = (line.split() for line in _said("ps", "-axo", "pid=,ppid=").splitlines())
    return {int(pid): int(parent) for pid, parent in rows}


def _parents_from_proc() -> Iterator[list[str]]:
    for folder in _PROC.iterdir():
        if folder.name.isdigit():
            try:
                yield [folder.name, _fields_from_proc(int(folder.name))[_PARENT]]
            except OSError:
                continue


def _fields_from_proc(pid: int) -> list[str]:
    """The fields of proc(5)'s `stat` after the program's name, which is in brackets and may hold anything."""
    return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def processor_seconds(pids: Iterable[int]) -> dict[int, float]:
    """The processor time that each process has used so far, in seconds, user and system; without those that ended.

    From /proc in nanoseconds (proc(5), `schedstat`: all threads of a process are in its `task` folder); else from `ps`
    in hundredths of a second.
    """
    if (_PROC / "self" / "schedstat").exists():
        used = {}
        for pid in pids:
            try:
                threads = [int(path.read_text().split()[0]) for path in (_PROC / str(pid) / "task").glob("*/schedstat")]
            except OSError:
                continue
            if threads:
                used[pid] = sum(threads) / 1e9
        return used
    wanted = set(pids)
    rows = (line.split() for line in _said("ps", "-axo", "pid=,time=").splitlines())
    return {int(pid): _seconds(time_) for pid, time_ in rows if int(pid) in wanted}


def _seconds(text: str) -> float:
    """The seconds of `ps`: "1:02.50" is 62.5, "1:00:00" is 3600."""
    seconds = 0.0
    for part in text.split(":"):
        seconds = seconds * 60 + float(part)
    return seconds


def listener(port: int) -> int | None:
    """The process id that listens on a TCP port, or None if it cannot be found."""
    if (_PROC / "net" / "tcp").exists():
        return _listener_from_proc(port)
    answer = _said("lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-t").split()
    return int(answer[0]) if answer else None


def _said(*command: str) -> str:
    return subprocess.run(
        command, env=process_environment.bare(), capture_output=True, text=True, errors="replace", check=False
    ).stdout


def _listener_from_proc(port: int) -> int | None:
    sockets = set()
    for table in ("tcp", "tcp6"):
        try:
            rows = (_PROC / "net" / table).read_text().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            fields = row.split()
            if fields[3] == _LISTEN and int(fields[1].rsplit(":", 1)[1], 16) == port:
                sockets.add(f"socket:[{fields[9]}]")
    for folder in _PROC.iterdir():
        if folder.name.isdigit():
            try:
                for descriptor in (folder / "fd").iterdir():
                    if os.readlink(descriptor) in sockets:
                        return int(folder.name)
            except OSError:
                continue
    return None


def end(pids: Iterable[int], grace_s: float) -> None:
    """Ask processes to stop, wait until they have, and kill those that still run after the grace."""
    asked = _signal(set(pids), signal.SIGTERM)
    if asked and not until(lambda: not asked & command_lines().keys(), grace_s, every_s=0.05):
        _signal(asked & command_lines().keys(), signal.SIGKILL)


def _signal(pids: set[int], number: signal.Signals) -> set[int]:
    reached = set()
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
        reached.add(pid)
    return reached
