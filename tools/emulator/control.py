"""Starting, finding and stopping the emulator.

The files of the emulator on port 4566 are in `build/emulator/`: `4566.json` (its process, while it runs),
`4566.log` (kept; the run before it is `4566.log.1`) and `4566.tmp/` (what it and its workers write, gone when it ends).
Its data is in memory and ends with it. One process serves every environment: an access key that is a 12-digit number
speaks for the root of that account.
"""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import boto3
import botocore.session
from botocore.config import Config
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES

from tools import process_environment
from tools.emulator import processes
from tools.errors import WRONG_INPUT, Failure
from tools.project import BUILD, ROOT
from tools.toolchain import EMULATOR, require
from tools.waiting import until

HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 4566
DEFAULT_ACCOUNT: Final = "000000000000"
DEFAULT_REGION: Final = "us-east-1"
FOLDER: Final = BUILD / "emulator"

_LAUNCHER: Final = "tools.emulator.launcher"
_READY_WITHIN_S: Final = 60
_ENDS_WITHIN_S: Final = 10
_LOGS_KEPT: Final = 20


@dataclass(frozen=True)
class _Files:
    """What an emulator on one port keeps in the build folder."""

    port: int

    @property
    def state(self) -> Path:
        return FOLDER / f"{self.port}.json"

    @property
    def log(self) -> Path:
        return FOLDER / f"{self.port}.log"

    @property
    def temporary(self) -> Path:
        return FOLDER / f"{self.port}.tmp"

    @property
    def _launcher_mark(self) -> str:
        return f"{_LAUNCHER} {self.port} {self.temporary} "

    def processes(self) -> list[int]:
        """The launcher on this port and the function workers of this port that still run.

        The temporary folder's path is on the command line of each, so nothing else is ever taken for one of them.
        """
        marks = (self._launcher_mark, f"{self.temporary}{os.sep}ministack-lambda-")
        return [pid for pid, command in processes.command_lines().items() if any(mark in command for mark in marks)]

    def workers(self, function: str) -> list[int]:
        """The workers of one function; a worker's folder is named by its function, a hyphen and eight characters."""
        mark = re.compile(re.escape(f"{self.temporary}{os.sep}ministack-lambda-{function}-") + r"[^-/ ]{8}/")
        return [pid for pid, command in processes.command_lines().items() if mark.search(command)]

    def launcher(self) -> int | None:
        """The process id of the launcher that runs on this port, from this checkout."""
        running = processes.command_lines().items()
        return next((pid for pid, command in running if self._launcher_mark in command), None)

    def clear(self) -> None:
        self.state.unlink(missing_ok=True)
        shutil.rmtree(self.temporary, ignore_errors=True)


@dataclass
class Emulator:
    """An emulator that runs. As a context manager it stops with the block."""

    port: int
    pid: int
    started: str
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def endpoint(self) -> str:
        """The URL of every service, as http://127.0.0.1:4566: an address, so that S3 is addressed by path."""
        return f"http://{HOST}:{self.port}"

    @property
    def log(self) -> Path:
        return _Files(self.port).log

    def processor_seconds(self, function: str) -> dict[int, float]:
        """The processor time that each worker of a function has used so far, by process id."""
        return processes.processor_seconds(_Files(self.port).workers(function))

    def variables(self, account_id: str = DEFAULT_ACCOUNT, region: str = DEFAULT_REGION) -> dict[str, str | None]:
        """What to set for an AWS client, Terraform or Terragrunt that is to act as an account's root; None removes."""
        return variables(self.endpoint, account_id, region)

    def environment(self, account_id: str = DEFAULT_ACCOUNT, region: str = DEFAULT_REGION) -> dict[str, str]:
        """This process's environment with `variables` applied: what a child process is started with."""
        return environment(self.endpoint, account_id, region)

    def client(self, service: str, account_id: str = DEFAULT_ACCOUNT, region: str = DEFAULT_REGION) -> Any:
        """A boto3 client that acts as an account's root."""
        return client(service, account_id, region, self.endpoint)

    def stop(self) -> None:
        """Stop the emulator and its workers, and remove what they wrote, except the log; twice does no harm."""
        files = _Files(self.port)
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(_ENDS_WITHIN_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        processes.end(files.processes(), _ENDS_WITHIN_S)
        files.clear()

    def __enter__(self) -> Emulator:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def port_from_environment() -> int:
    """EMULATOR_PORT, or 4566. Raises Failure for a wrong one."""
    text = os.environ.get("EMULATOR_PORT", str(DEFAULT_PORT))
    if text.isdecimal() and 1024 <= int(text) <= 65535:
        return int(text)
    raise Failure(
        f"EMULATOR_PORT is {text!r}, which is not a port that the emulator can use",
        where="the environment variable EMULATOR_PORT",
        do="take a number from 1024 to 65535, or unset it for 4566",
        status=WRONG_INPUT,
    )


def free_port() -> int:
    """A port that is free at this moment, for an emulator beside others."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def find_running(port: int | None = None) -> Emulator | None:
    """The emulator that this checkout runs on a port (EMULATOR_PORT where none is named), if it answers."""
    files = _Files(port_from_environment() if port is None else port)
    pid = files.launcher()
    if pid is None or not _answers(files.port):
        return None
    try:
        started = str(json.loads(files.state.read_text())["started"])
    except (OSError, ValueError, KeyError):
        started = ""
    return Emulator(files.port, pid, started)


def start(port: int | None = None, account_id: str = DEFAULT_ACCOUNT, *, ends_with_caller: bool = False) -> Emulator:
    """Start an emulator and wait until it answers.

    What an earlier run left on the port (a process of this checkout, workers without their emulator, temporary files)
    is cleaned first, and said in one line. `account_id` is whom a client speaks for whose access key is no account id.
    With `ends_with_caller` the emulator ends when this process does, however that comes about; otherwise it stays.

    Raises Failure: status 2 when another program has the port, 3 when set-up has not been run, 1 when the emulator
    stops while it starts (a patch that no longer fits, for instance; the message carries its words).
    """
    files = _Files(port_from_environment() if port is None else port)
    python = require(EMULATOR)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for line in clean_up(files.port):
        print(f"emulator: {line}", flush=True)
    _require_free(files.port)
    _forget_old_logs()
    files.temporary.mkdir()
    if files.log.exists():
        files.log.replace(files.log.with_suffix(".log.1"))
    command = [str(python), "-m", _LAUNCHER, str(files.port), str(files.temporary), account_id]
    if ends_with_caller:
        command.append(str(os.getpid()))
    with files.log.open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=_launcher_environment(files),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    emulator = Emulator(files.port, process.pid, datetime.now(UTC).isoformat(timespec="seconds"), process)
    record = {"pid": emulator.pid, "port": emulator.port, "endpoint": emulator.endpoint, "started": emulator.started}
    files.state.write_text(json.dumps(record) + "\n")
    try:
        _wait_until_ready(emulator, process)
    except BaseException:
        emulator.stop()
        raise
    return emulator


def clean_up(port: int) -> Iterator[str]:
    """Clean what earlier runs left behind, and say so: whatever is on `port`, and what is dead on any other.

    An emulator that runs on another port is left alone. Yields a sentence for each thing that was cleaned.
    """
    for state in sorted(FOLDER.glob("*.json")):
        files = _Files(int(state.stem)) if state.stem.isdecimal() else None
        if files is not None and files.port != port and files.launcher() is None:
            yield from _clean(files)
    yield from _clean(_Files(port))


def _clean(files: _Files) -> Iterator[str]:
    launcher = files.launcher()
    workers = [pid for pid in files.processes() if pid != launcher]
    left_files = files.state.exists() or files.temporary.exists()
    processes.end([*workers, *([] if launcher is None else [launcher])], _ENDS_WITHIN_S)
    files.clear()
    if launcher is not None:
        yield f"stopped the one that ran on port {files.port} (process {launcher})"
    elif workers:
        yield f"cleaned up after one that died on port {files.port}: its files, and {len(workers)} function worker(s)"
    elif left_files:
        yield f"cleaned up after one that died on port {files.port}: its files"


def _forget_old_logs() -> None:
    """Keep the newest logs of emulators that no longer run: each test run has a port of its own, and leaves one."""
    ended = [path for path in FOLDER.glob("*.log*") if not _Files(int(path.name.split(".")[0])).state.exists()]
    for path in sorted(ended, key=lambda each: each.stat().st_mtime, reverse=True)[_LOGS_KEPT:]:
        path.unlink(missing_ok=True)


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        # As the emulator's own socket does: a port in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            pass
        else:
            return
    pid = processes.listener(port)
    program = processes.command_lines().get(pid, "") if pid is not None else ""
    whose = f"process {pid} ({program[:120]})" if program else "another program"
    raise Failure(
        f"port {port} is in use by {whose}",
        where=f"{HOST}:{port}",
        do=f"stop that program, or name another port: EMULATOR_PORT={port + 1}",
        status=WRONG_INPUT,
    )


def _launcher_environment(files: _Files) -> dict[str, str]:
    """The function workers inherit it: as on AWS, they see neither a person's credentials nor their proxy."""
    folder = str(files.temporary)
    return process_environment.bare() | {
        "CONTAINER_ENGINE": os.environ.get("DOCKER_HOST", ""),  # for functions of images alone
        "HOME": folder,
        "TMPDIR": folder,
        "TZ": "UTC",  # as on Lambda
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
    }


def _wait_until_ready(emulator: Emulator, process: subprocess.Popen[bytes]) -> None:
    def answers() -> bool:
        if process.poll() is not None:
            lines = emulator.log.read_text(errors="replace").splitlines()
            problem = next((line for line in lines if line.startswith("error: ")), "") or " / ".join(lines[-3:])
            raise Failure(
                f"the emulator stopped while it started: {problem.removeprefix('error: ')}",
                where=str(emulator.log),
                do="read the log; after a change of requirements/emulator.txt, adapt the patch that it names",
            )
        return _answers(emulator.port)

    if not until(answers, _READY_WITHIN_S, every_s=0.05):
        raise Failure(
            f"the emulator did not answer within {_READY_WITHIN_S} s",
            where=f"{emulator.endpoint}, log {emulator.log}",
            do="read the log; if the machine is under load, try again",
        )


def _answers(port: int) -> bool:
    # No proxy: the address is this machine's.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://{HOST}:{port}/_ministack/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def variables(endpoint: str, account_id: str = DEFAULT_ACCOUNT, region: str = DEFAULT_REGION) -> dict[str, str | None]:
    """What to set for an AWS client, Terraform or Terragrunt that is to act as an account's root; None removes.

    Everything else that says who the person is to AWS, and how AWS is reached, is removed: profiles, session tokens,
    certificate bundles, endpoints of single services.
    """
    of_the_person: dict[str, str | None] = dict.fromkeys(process_environment.identity_variables())
    return of_the_person | {
        "AWS_ACCESS_KEY_ID": account_id,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_DEFAULT_REGION": region,
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": region,
        "AWS_SECRET_ACCESS_KEY": "emulator",
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def environment(endpoint: str, account_id: str = DEFAULT_ACCOUNT, region: str = DEFAULT_REGION) -> dict[str, str]:
    """What a program inherits from this process, with `variables` applied."""
    merged = {**process_environment.inherited(), **variables(endpoint, account_id, region)}
    return {name: value for name, value in merged.items() if value is not None}


@functools.cache
def client(service: str, account_id: str, region: str, endpoint: str) -> Any:
    """A boto3 client that acts as an account's root; the person's AWS configuration does not reach it.

    The same arguments give the same client: clients may be shared by threads, and each costs 60 ms to make.
    """
    # Each of botocore's variables by its default: neither an environment variable nor a configuration file is read.
    configuration = {
        name: (None, None, default, convert)
        for name, (_, _, default, convert) in BOTOCORE_DEFAUT_SESSION_VARIABLES.items()
    } | {"config_file": (None, None, os.devnull, None)}
    session: Any = boto3.session.Session(
        aws_access_key_id=account_id,
        aws_secret_access_key="emulator",  # noqa: S106 -- the emulator accepts any
        region_name=region,
        botocore_session=botocore.session.Session(configuration),
    )
    return session.client(
        service,
        endpoint_url=endpoint,
        verify=False,
        config=Config(
            connect_timeout=5,
            read_timeout=60,
            retries={"mode": "standard", "max_attempts": 3},
            s3={"addressing_style": "path"},
            inject_host_prefix=False,
            proxies={},
            max_pool_connections=32,
        ),
    )
