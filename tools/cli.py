"""The console script `pipelines`: one subcommand for each job, in the words of the job."""

from __future__ import annotations

import argparse
import importlib
import signal
import sys
from typing import Final, NoReturn

from tools.errors import AskedToEnd, Failure

# Which tool each command is part of, so that a command loads its own tool only: hooks run some of them for every unit.
TOOL_OF: Final = {
    "bench": "bench",
    "bootstrap": "livetree",
    "demo": "demo",
    "docs": "docs",
    "emulator": "emulator",
    "lint": "quality",
    "outputs": "operations",
    "policies": "policies",
    "redrive": "operations",
    "release": "release",
    "send": "operations",
    "settings": "livetree",
    "status": "operations",
    "terragrunt": "deploy",
    "test": "quality",
    "trace": "operations",
    "unit": "livetree",
    "up": "deploy",
    "webhooks": "operations",
}


def parser(command: str | None = None) -> argparse.ArgumentParser:
    """The commands of the tool that a command is part of, or all commands.

    Each tool's `cli.py` has `add_commands(subparsers)`; every command sets `run`, a callable that takes the parsed
    arguments and returns the exit status.
    """
    top = argparse.ArgumentParser(prog="pipelines", description="Work with Financial Event Pipelines.")
    commands = top.add_subparsers(dest="command", required=True, metavar="command")
    for tool in [TOOL_OF[command]] if command in TOOL_OF else sorted(set(TOOL_OF.values())):
        importlib.import_module(f"tools.{tool}.cli").add_commands(commands)
    return top


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Returns its exit status: 0 done, 1 failed, 2 wrong input or setting, 3 something is missing,
    130 interrupted.

    The request to end (SIGTERM) ends a command as Ctrl-C does: what it started is stopped in order.
    """
    words = sys.argv[1:] if arguments is None else arguments
    parsed = parser(words[0] if words else None).parse_args(words)
    before = signal.signal(signal.SIGTERM, _end)
    try:
        return int(parsed.run(parsed))
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        failure = error if isinstance(error, Failure) else _explained(error)
        if failure is None:
            raise
        print(failure, file=sys.stderr)
        return failure.status
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(*_: object) -> NoReturn:
    raise AskedToEnd


def _explained(error: Exception) -> Failure | None:
    """What a person is told of an error of AWS's; None for another, which is a bug of ours."""
    if not type(error).__module__.startswith(("boto3.", "botocore.")):
        return None
    # Not at the top: every hook of every unit starts this program, most for a command without AWS.
    from tools.deploy.aws_errors import explain

    return explain(error)


if __name__ == "__main__":
    sys.exit(main())
