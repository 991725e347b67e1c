"""Policies, requests, and an independent evaluator of them: the emulator's, which was written by others."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tools.project import ROOT
from tools.toolchain import EMULATOR, require

ACCOUNT: Final = "111122223333"
FOREIGN: Final = "444455556666"
ROLE: Final = f"arn:aws:sts::{ACCOUNT}:assumed-role/a/b"
STRANGER: Final = f"arn:aws:sts::{FOREIGN}:assumed-role/a/b"
OPERATORS: Final = [
    "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "ArnEqualsIfExists", "StringEquals", "StringLike",
    "StringNotEquals", "StringEqualsIfExists", "Bool", "BoolIfExists", "Null", "ForAllValues:StringEquals",
]  # fmt: skip
GONE: Final = "Gone"
"""A change that takes the whole statement out."""

Statement = dict[str, Any]
Change = tuple[int, tuple[str, Any]]
"""(which statement, (element, its new value))."""


@dataclass(frozen=True)
class Request:
    action: str
    resource: str
    principal: str
    service: str
    secure: bool
    keys: dict[str, str]


class Evaluator:
    """The independent evaluator, in the emulator's Python environment."""

    def __init__(self) -> None:
        program = Path(__file__).with_name("independent_evaluator.py")
        self.process = subprocess.Popen(
            [str(require(EMULATOR)), str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )

    def decide(self, policy: Mapping[str, Any], request: Request, kind: str) -> str:
        """Allow, Deny or ImplicitDeny, by a policy of the kind "resource" or "identity"."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"kind": kind, "policy": policy, **vars(request)}) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def close(self) -> None:
        self.process.terminate()
        self.process.communicate()


def changed(statements: list[Statement], changes: list[Change]) -> dict[str, Any]:
    """A policy of these statements with changes, in the form that AWS takes: `Action` or `NotAction`, never both."""
    made = [dict(statement) for statement in statements]
    for at, (element, value) in changes:
        made[at % len(made)][element] = value
    for statement in made:
        for name in ("Action", "Principal", "Resource"):
            if f"Not{name}" in statement:
                statement.pop(name, None)
    return {"Version": "2012-10-17", "Statement": [statement for statement in made if GONE not in statement]}
