"""Dead letters of workflows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policies.model import Resource, Undecidable, decode, options
from policies.rule import rule
from policies.rules._edges import sends


@rule(
    "CKV_FEP_25",
    "Workflow steps retry transient errors, and send failed events to a dead-letter queue",
    "aws_sfn_state_machine",
    rows=("EVT-10", "EVT-11", "CSV-10", "PLT-31"),
    fix="Give each Task a `Retry` that names transient errors, with backoff and jitter. Give it a `Catch` of "
    "`States.ALL` that leads to a Task which sends to a queue.",
)
def workflow_steps_catch_errors(workflow: Resource) -> Iterator[str]:
    """A retry of a permanent error only costs time. A step that catches nothing loses its event. What runs only after
    the event was sent to the queue has nothing to lose.
    """
    for option in options(workflow.get("definition")):
        definition = decode(option)
        states = definition.get("States") if isinstance(definition, Mapping) else None
        if not isinstance(states, Mapping):
            raise Undecidable(f"its states are not known here: {states}")
        for name, state in states.items():
            if not isinstance(state, Mapping):
                raise Undecidable(f"the state {name} is not known here: {state}")
        before = _before_a_queue(definition.get("StartAt"), states)
        for name, state in states.items():
            if name in before and state.get("Type") == "Task" and not sends(state):
                yield from _catches(name, state, states)
                yield from _retries(name, state)


def _before_a_queue(start: Any, states: Mapping[str, Any]) -> set[str]:
    """The states that can run while the event is in no queue yet."""
    found: set[str] = set()
    ahead = [start]
    while ahead:
        name = ahead.pop()
        state = states.get(name)
        if name in found or not isinstance(state, Mapping):
            continue
        found.add(name)
        if not sends(state):
            branches = [state, *(state.get("Choices") or []), *(state.get("Catch") or [])]
            ahead += [branch.get("Next") for branch in branches] + [state.get("Default")]
    return found


def _catches(name: str, state: Mapping[str, Any], states: Mapping[str, Any]) -> Iterator[str]:
    catches = [catch for catch in state.get("Catch") or [] if "States.ALL" in catch.get("ErrorEquals", [])]
    if not catches:
        yield f"{name} does not catch States.ALL"
    for catch in state.get("Catch") or []:
        if not sends(states.get(catch.get("Next"))):
            yield f"{name} catches {catch.get('ErrorEquals')}, but {catch.get('Next')} does not send to a queue"


def _retries(name: str, state: Mapping[str, Any]) -> Iterator[str]:
    retries = state.get("Retry") or []
    if not retries:
        yield f"{name} has no Retry"
    for retry in retries:
        errors = retry.get("ErrorEquals", [])
        if {"States.ALL", "States.TaskFailed"} & set(errors):
            yield f"{name} retries {errors}, which includes permanent errors"
        if retry.get("MaxAttempts") == 0:
            yield f"{name} never retries {errors}: its MaxAttempts is 0"
        if not retry.get("BackoffRate", 0) > 1 or retry.get("JitterStrategy") != "FULL":
            yield f"{name} retries {errors} without backoff (BackoffRate above 1) or jitter (JitterStrategy FULL)"
