"""The errors at the bottom of a long run, as its end repeats them."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.shell import take_interrupts
from tools.deploy import terragrunt
from tools.deploy.causes import causes, report
from tools.project import ROOT

OURS = "error: the disk is full\n  where: build/release\n  do: make room"
# As the stand-in and each line of Terragrunt wrote it: a hook's error, and one of Terraform's with and without frame.
STAND_IN = f"""\
──── live/dev/us-east-1/webhooks/service
{OURS}

error: the hook release_publish of apply failed with status 1
  where: live/dev/us-east-1/webhooks/service
  do: fix what it says, then `tools/livetree/standin/bin/terragrunt apply --working-dir live/dev/us-east-1/webhooks/service`
apply: 6 of 8 units done, 1 failed
"""  # noqa: E501
TERRAGRUNT = f"""\
04:11:50.894 INFO   [webhooks/service] Executing hook: release_publish
{OURS}
04:11:50.895 ERROR  [webhooks/service] Error running hook release_publish with message: Failed to execute "pipelines"
{OURS}
exit status 1
\x1b[90m04:48:47.146\x1b[0m \x1b[31mSTDERR\x1b[0m [webhooks/data] terraform: \x1b[31m╷\x1b[0m
04:48:47.146 STDERR [webhooks/data] terraform: │ Error: creating Queue: AccessDenied
04:48:47.146 STDERR [payments/data] terraform: aws_kms_key.this: Creating...
04:48:47.146 STDERR [webhooks/data] terraform: │
04:48:47.146 STDERR [webhooks/data] terraform: │   with aws_sqs_queue.this,
04:48:47.146 STDERR [webhooks/data] terraform: ╵
* Failed to execute "terraform apply" in ./webhooks/data
  │ Error: creating Queue: AccessDenied
"""
PLAIN = """\
Error: Invalid index

  on main.tf line 2, in output "broken":
   2:   value = [][0]

The given key does not identify an element in this collection value.

live/dev was planned before
"""
TRACEBACK = """\
Traceback (most recent call last):
  File "tools/release/publish.py", line 3, in publish
    write()
OSError: [Errno 28] No space left on device
error: the hook release_publish of apply failed with status 1
"""


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (STAND_IN, [OURS]),
        (
            TERRAGRUNT,
            [OURS, "Error: creating Queue: AccessDenied\n\n  with aws_sqs_queue.this,\n  unit: webhooks/data"],
        ),
        (PLAIN, [PLAIN.rsplit("\n\n", 1)[0]]),
        (TRACEBACK, ["error: OSError: [Errno 28] No space left on device"]),
        ("error: apply failed\n  where: x\n", ["error: apply failed\n  where: x"]),
        ("Plan: 1 to add, 0 to change, 0 to destroy.\n", []),
    ],
)
def test_each_error_is_told_once_without_what_wraps_it(said: str, found: list[str]) -> None:
    assert causes(said) == found


def test_many_errors_are_told_by_the_first_ones_and_their_number() -> None:
    assert report([]) == ""
    shown = report([f"error: {number}" for number in range(7)])
    assert "error: 4" in shown
    assert "error: 5" not in shown
    assert shown.endswith("... and 2 more")


def program(folder: Path, text: str) -> terragrunt.Terragrunt:
    """A Terragrunt that does what this Python says."""
    binary = folder / "terragrunt"
    # By way of the shell: a program that a file's first line names has no blank in its path.
    code = binary.with_suffix(".py")
    code.write_text(textwrap.dedent(text))
    binary.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{code}" "$@"\n')
    binary.chmod(0o755)
    return terragrunt.Terragrunt(binary)


def test_a_failed_run_ends_with_the_errors_that_scrolled_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    failing = program(tmp_path, f"print({OURS!r})\nprint('more\\n' * 1000)\nraise SystemExit(1)\n")
    monkeypatch.setattr(terragrunt, "find", lambda **_: failing)
    assert terragrunt.run("apply", tmp_path, {}).returncode == 1
    said = capfd.readouterr()
    assert said.out.startswith(OURS)
    assert said.err.rstrip().endswith(OURS)


def test_an_interrupt_reaches_the_run_and_its_end_is_awaited(tmp_path: Path) -> None:
    program(
        tmp_path,
        """
        import signal
        def end(*_):
            print("locks released", flush=True)
            raise SystemExit(130)
        signal.signal(signal.SIGINT, end)
        print("begun", flush=True)
        signal.pause()
        """,
    )
    code = f"""
from pathlib import Path
from tests.shell import take_interrupts
from tools.deploy import terragrunt
terragrunt.find = lambda **_: terragrunt.Terragrunt(Path({str(tmp_path / "terragrunt")!r}))
raise SystemExit(terragrunt.run("apply", Path({str(tmp_path)!r}), {{}}).returncode)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=take_interrupts,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert (process.returncode, "locks released" in said) == (130, True), said
