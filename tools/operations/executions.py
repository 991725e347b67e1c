"""What the log of a workflow says of its executions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from tools.operations.logs import Line
from tools.operations.trace import Entry

# How a trace calls the log of a workflow.
WORKFLOW: Final = "workflow"


def describe_step(line: Line) -> Entry | None:
    """An entry of the log, for a person; None where it says nothing that matters."""
    kind = str(line.fields.get("type", ""))
    if not (kind.startswith("Execution") or kind.endswith(("Failed", "TimedOut")) or kind == "TaskStateEntered"):
        return None
    details = line.fields.get("details") or {}
    at = datetime.fromtimestamp(int(line.fields["event_timestamp"]) / 1000, UTC)
    return Entry(at, WORKFLOW, " ".join([kind, *(details[name] for name in ("name", "error") if details.get(name))]))
