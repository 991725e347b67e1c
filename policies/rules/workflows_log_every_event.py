"""Logs of workflows."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import Resource, options
from policies.rule import rule

WANTED = {"level": "ALL", "include_execution_data": True}


@rule(
    "CKV_FEP_19",
    "Workflows log every event with its data",
    "aws_sfn_state_machine",
    fix='Set logging_configuration { level = "ALL", include_execution_data = true, log_destination = <a group> }.',
)
def workflows_log_every_event(workflow: Resource) -> Iterator[str]:
    """EVT-10: all events with execution data, to an encrypted log group. An Express workflow keeps no history: what is
    not in the log is gone.
    """
    for name, wanted in WANTED.items():
        value = workflow.get(f"logging_configuration.{name}")
        if any(option != wanted for option in options(value)):
            yield f"logging_configuration.{name} is {value}"
    if not workflow.get("logging_configuration.log_destination"):
        yield "logging_configuration.log_destination is not set"
