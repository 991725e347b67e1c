"""Logs of workflows."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import MISSING, Resource, options
from policies.rule import rule

# The provider leaves out the data where nothing is said.
WANTED = {"level": ("ALL",), "include_execution_data": (False, MISSING)}


@rule(
    "CKV_FEP_19",
    "Workflows log every event, without the data of the execution",
    "aws_sfn_state_machine",
    fix='Set logging_configuration { level = "ALL", include_execution_data = false, log_destination = <a group> }.',
)
def workflows_log_every_event(workflow: Resource) -> Iterator[str]:
    """EVT-10, EVT-24: all events, to an encrypted log group: an Express workflow keeps no other history. Without
    execution data, which would put names, addresses and card numbers of payloads into the log.
    """
    for name, wanted in WANTED.items():
        value = workflow.get(f"logging_configuration.{name}")
        if any(option not in wanted for option in options(value)):
            yield f"logging_configuration.{name} is {value}"
    if not workflow.get("logging_configuration.log_destination"):
        yield "logging_configuration.log_destination is not set"
