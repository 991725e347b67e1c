"""The console script `pipelines`: one subcommand for each job, in the words of the job."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from tools.errors import Failure


def parser() -> argparse.ArgumentParser:
    """All commands. Each tool's `cli.py` has `add_commands(subparsers)`; every command sets `run`, a callable that
    takes the parsed arguments and returns the exit status.
    """
    top = argparse.ArgumentParser(prog="pipelines", description="Work with Financial Event Pipelines.")
    commands = top.add_subparsers(dest="command", required=True, metavar="command")
    for module in sorted(Path(__file__).parent.glob("*/cli.py")):
        importlib.import_module(f"tools.{module.parent.name}.cli").add_commands(commands)
    return top


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Returns its exit status: 0 done, 1 failed, 2 wrong input or setting, 3 something is missing."""
    parsed = parser().parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except Failure as failure:
        print(failure, file=sys.stderr)
        return failure.status
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
