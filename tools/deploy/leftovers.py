"""Cleaning up after a killed run of Terragrunt: the processes that it left, and its locks on the emulator."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from tools.deploy.target import Target
from tools.emulator import processes
from tools.project import BUILD
from tools.waiting import until

FOLDER: Final = BUILD / "deploy"

# Terraform finishes what it has begun before it releases its lock; on the emulator no resource takes longer.
ENDS_WITHIN_S: Final = 60.0


@contextmanager
def remembered(process: subprocess.Popen[Any]) -> Iterator[None]:
    """Within the block the next run can find the process. If the block is interrupted, the process stops in order."""
    record = FOLDER / f"{process.pid}.json"
    try:
        FOLDER.mkdir(parents=True, exist_ok=True)
        record.write_text(json.dumps(_identity(process.pid) | {"caller": _identity(os.getpid())}))
        yield
    except BaseException:
        if process.poll() is None:
            print("  stopping: Terraform finishes what it has begun and releases its locks ...", flush=True)
            _interrupt(process.pid)
            process.wait()
        raise
    finally:
        record.unlink(missing_ok=True)


def clean_up(target: Target) -> Iterator[str]:
    """Stop and remove what killed runs left on the emulator; yields a sentence for each thing."""
    for record in sorted(FOLDER.glob("*.json")):
        yield from _end(record)
    yield from _release_locks(target)


def _end(record: Path) -> Iterator[str]:
    try:
        left = json.loads(record.read_text())
    except FileNotFoundError:  # that run has just ended
        return
    if _runs(left.get("caller", {})):
        return
    pid = left["pid"]
    if _runs(left):
        _interrupt(pid)
        yield f"ended the run of Terragrunt that was left by one that was killed (process {pid})"
    else:
        yield f"the run of Terragrunt before this one was killed, and has ended (process {pid})"
    record.unlink(missing_ok=True)


def _identity(pid: int) -> dict[str, Any]:
    """What tells a process from one that gets its number later."""
    return {"pid": pid, "started": processes.started(pid)}


def _runs(identity: Mapping[str, Any]) -> bool:
    started = identity.get("started")
    return started is not None and processes.started(identity["pid"]) == started


def _interrupt(pid: int) -> None:
    """Interrupt a run once (after a second time Terraform leaves its lock behind), and kill what does not stop."""
    family = [_identity(each) for each in processes.descendants(pid)]
    try:
        os.kill(pid, signal.SIGINT)
    except ProcessLookupError:
        return
    until(lambda: not any(map(_runs, family)), ENDS_WITHIN_S)
    processes.end([*processes.descendants(pid), *(each["pid"] for each in family if _runs(each))], 5)


def _release_locks(target: Target) -> Iterator[str]:
    """Release the locks of runs that have ended; none while any Terraform or Terragrunt works in this checkout."""
    if target.emulator is None or processes.working_in(FOLDER.parent.parent, ("terraform", "tofu", "terragrunt")):
        return
    backend = next(iter(target.backends.values()))
    dynamodb = target.client("dynamodb", backend.region)
    try:
        pages = dynamodb.get_paginator("scan").paginate(TableName=backend.dynamodb_table, ConsistentRead=True)
        items = [item for page in pages for item in page["Items"]]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return
    for item in items:
        if "Info" in item:  # the others are checksums of states
            dynamodb.delete_item(TableName=backend.dynamodb_table, Key={"LockID": item["LockID"]})
            held = json.loads(item["Info"]["S"])
            yield f"released the lock on {held.get('Path')}, held since {held.get('Created')} by a run that was killed"
