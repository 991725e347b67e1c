"""checkov in its own environment, as the policy tests run it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tools.project import ROOT
from tools.toolchain import CHECKOV, require, script

Findings = list[dict[str, Any]]


def verdicts(folder: Path) -> Findings:
    """All verdicts of our checks on a folder, from checkov's own runner with our plugin (see `policies.judge`)."""
    completed = subprocess.run(
        [str(require(CHECKOV)), "-m", "policies.judge"],
        input=json.dumps([str(folder)]),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(completed.stdout)[0]
    assert found["unread"] == []
    return list(found["findings"])


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command that people type, from a folder that holds `.checkov.yaml` and `policies/`."""
    return subprocess.run(
        [*script(CHECKOV, "checkov"), *arguments],
        cwd=folder,
        env=dict(os.environ) | {"CKV_PARSE_ERROR_FAIL": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
