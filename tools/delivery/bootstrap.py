"""What delivery needs once in an account and on GitHub: the roles of workflows, and the environments that approve."""

from __future__ import annotations

import shlex
import subprocess

import boto3

from tools import process_environment
from tools.delivery.identity import Ground, ensure_identity, github_environments
from tools.errors import MISSING_ON_THIS_MACHINE, Failure
from tools.livetree.reading.subset import BackendSettings


def bootstrap_delivery(environment: str, backend: BackendSettings, repository: str, *, on_github: bool) -> list[str]:
    """Make the roles of an account, and the GitHub environments, or print the commands that make these.

    Returns a line for each thing made or corrected in the account.
    """
    key = ""
    if backend.kms_key:
        kms = boto3.client("kms", region_name=backend.region)
        key = kms.describe_key(KeyId=backend.kms_key)["KeyMetadata"]["Arn"]
    ground = Ground.of(environment, backend, key)
    made = list(ensure_identity(boto3.client("iam"), ground, repository))
    for command, body in github_environments(ground, repository):
        if on_github:
            _run(command, body)
            made.append(f"environment {command[4].rpartition('/')[2]} of {repository} on GitHub")
        else:
            print(f"bootstrap: run `{shlex.join(command)} <<< {shlex.quote(body)}`")
    print(f"bootstrap: name who approves, in the settings of each environment of {repository}")
    return made


def _run(command: list[str], body: str) -> None:
    try:
        answer = subprocess.run(
            command, input=body, env=process_environment.inherited(), capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise Failure(
            "gh, the command line of GitHub, is not on the PATH",
            do="install it, or leave out `--github run` and make the environments by hand",
            status=MISSING_ON_THIS_MACHINE,
        ) from None
    if answer.returncode:
        raise Failure(
            f"GitHub refuses: {answer.stderr.strip()}",
            where=shlex.join(command),
            do="log in with `gh auth login` as somebody who administers the repository",
        )
