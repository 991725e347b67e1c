"""The console script `pipelines`: one subcommand for each job, in the words of the job."""

from __future__ import annotations

import argparse
import importlib
import sys
from typing import Final

from tools.errors import Failure

# Which tool each command is part of, so that a command loads its own tool only: hooks run some of them for every unit.
TOOL_OF: Final = {
    "bench": "bench",
    "bootstrap": "livetree",
    "demo": "demo",
    "docs": "docs",
    "emulator": "emulator",
    "lint": "quality",
    "policies": "policies",
    "redrive": "operations",
    "release": "release",
    "send": "operations",
    "settings": "livetree",
    "status": "operations",
    "terragrunt": "deploy",
    "test": "quality",
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
    """Run one command. Returns its exit status: 0 done, 1 failed, 2 wrong input or setting, 3 something is missing."""
    words = sys.argv[1:] if arguments is None else arguments
    parsed = parser(words[0] if words else None).parse_args(words)
    try:
        return int(parsed.run(parsed))
    except Failure as failure:
        print(failure, file=sys.stderr)
        return failure.status
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
