"""Logs of workflows."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import MISSING, Resource, options
from policies.rule import rule

# The provider does not log the data where the attribute is not set.
WANTED = {"level": ("ALL",), "include_execution_data": (False, MISSING)}


@rule(
    "CKV_FEP_19",
    "Workflows log every event, without the data of the execution",
    "aws_sfn_state_machine",
    rows=("EVT-10", "EVT-24"),
    fix='Set `logging_configuration` with `level = "ALL"`, `include_execution_data = false` and a log group '
    "as `log_destination`.",
)
def workflows_log_every_event(workflow: Resource) -> Iterator[str]:
    """An Express workflow keeps no history except its log. Execution data would write names, addresses and card numbers
    of the payloads to the log.
    """
    for name, wanted in WANTED.items():
        value = workflow.get(f"logging_configuration.{name}")
        if any(option not in wanted for option in options(value)):
            yield f"logging_configuration.{name} is {value}"
    if not workflow.get("logging_configuration.log_destination"):
        yield "logging_configuration.log_destination is not set"
