"""What a workflow does, and what becomes of its failures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from policies import owned
from policies.model import Resource, Undecidable, decode, items, options
from policies.rule import rule
from policies.rules.edges_fit_together import differs
from policies.shapes import NO_RULE

INVOKE: Final = "arn:aws:states:::lambda:invoke"
SEND: Final = "arn:aws:states:::sqs:sendMessage"
UPDATE: Final = "arn:aws:states:::dynamodb:updateItem"
# What a task may call: the argument that names its resource, the attribute that it names it by, its type, the action.
CALLS: Final = {
    INVOKE: ("FunctionName", "arn", "aws_lambda_function", "lambda:InvokeFunction"),
    SEND: ("QueueUrl", "url", "aws_sqs_queue", "sqs:SendMessage"),
    UPDATE: ("TableName", "name", "aws_dynamodb_table", "dynamodb:UpdateItem"),
}
FIELDS: Final = {
    "Choice": {"Type", "Choices", "Default"},
    "Fail": {"Type", "Error", "Cause"},
    "Succeed": {"Type"},
    "Task": {"Type", "Resource", "TimeoutSeconds", "Arguments", "Output", "Next", "Retry", "Catch"},
}
LONGEST: Final = 300
"""Seconds: AWS ends an Express execution then."""
INPUTS: Final = ("$states.input", "$states.context.Execution.Input")


@rule(
    "CKV_FEP_47",
    "Workflows consist of steps that are known, keep the input of what fails, and fail with it",
    "aws_sfn_state_machine",
    rows=("EVT-10", "EVT-11", "CSV-10", "EVT-33", "PLT-31"),
    reading={
        'AWS Step Functions Developer Guide, "Handling errors"': "https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html",
    },
    fix="Call functions, queues and tables of this system from a Task. Let each Catch lead to a letter that holds the "
    "input, and from there to a Fail. Let the role of the workflow do what its tasks call, and nothing else.",
    forms=("hcl",),
)
def workflows_consist_of_known_steps(workflow: Resource) -> Iterator[str]:
    """A step inside a Map or a Parallel, or a call of AWS's SDK, can do anything that the role may. A failure that is
    caught and then succeeds is seen by nobody. A letter without the input of its step cannot be sent again.
    """
    for option in options(workflow.get("definition")):
        definition = decode(option)
        states = definition.get("States") if isinstance(definition, Mapping) else None
        if not isinstance(states, Mapping):
            raise Undecidable(f"its states are not known here: {states}")
        if definition.get("QueryLanguage") != "JSONata":
            yield f"QueryLanguage is {definition.get('QueryLanguage')}: {NO_RULE}"
        timeout = definition.get("TimeoutSeconds")
        if not isinstance(timeout, int) or not 0 < timeout <= LONGEST:
            yield f"TimeoutSeconds is {timeout}: give at most {LONGEST}"
        called: dict[str, set[Resource]] = {resource: set() for resource in CALLS}
        for name, state in states.items():
            if not isinstance(state, Mapping):
                raise Undecidable(f"the state {name} is not known here: {state}")
            yield from _state(str(name), state, states, workflow, called)
        role = next((owned.owned(workflow, one, "aws_iam_role") for one in options(workflow.get("role_arn"))), None)
        for resource, (_, _, _, action) in CALLS.items():
            yield from differs(workflow, role, action, called[resource], "the workflow")


def _state(
    name: str,
    state: Mapping[str, Any],
    states: Mapping[str, Any],
    workflow: Resource,
    called: dict[str, set[Resource]],
) -> Iterator[str]:
    kind = str(state.get("Type"))
    if kind not in FIELDS:
        yield f"{name} is a {kind}: {NO_RULE}"
        return
    if others := sorted(set(state) - FIELDS[kind]):
        yield f"{name} has {', '.join(others)}: {NO_RULE}"
    if kind != "Task":
        return
    yield from _call(name, state, workflow, called)
    if not isinstance(state.get("TimeoutSeconds"), int):
        yield f"{name} has no TimeoutSeconds of its own"
    for catch in items(state.get("Catch")):
        if _ends(str(catch.get("Next")), states, set()) != {"Fail"}:
            errors = catch.get("ErrorEquals")
            yield f"{name} catches {errors}, and the execution does not fail after {catch.get('Next')}"
        following = states.get(str(catch.get("Next")))
        if isinstance(following, Mapping) and following.get("Resource") == SEND and state.get("Resource") != SEND:
            yield from _letter(name, catch, str(catch.get("Next")), following)


def _call(name: str, state: Mapping[str, Any], workflow: Resource, called: dict[str, set[Resource]]) -> Iterator[str]:
    resource = str(state.get("Resource"))
    if resource not in CALLS:
        yield f"{name} calls {resource}: {NO_RULE}"
        return
    argument, attribute, type_, _ = CALLS[resource]
    arguments = state.get("Arguments")
    value = arguments.get(argument) if isinstance(arguments, Mapping) else None
    system = owned.system_of(workflow)
    for option in options(value):
        found = [
            other
            for other in workflow.world.of(type_)
            if owned.system_of(other) == system and str(option) in _names(other, attribute)
        ]
        if not found:
            yield f"{name} calls {argument} {option}, which is no {type_} of this system"
        called[resource].update(found)


def _names(resource: Resource, attribute: str) -> set[str]:
    return {
        str(resource.value(attribute)),
        owned.reference_text(resource, attribute),
        *(owned.arn_texts(resource) if attribute == "arn" else ()),
    }


def _ends(name: str, states: Mapping[str, Any], seen: set[str]) -> set[str]:
    """The kinds of states that an execution can end in, from a state on."""
    state = states.get(name)
    if name in seen:
        return set()
    seen.add(name)
    if not isinstance(state, Mapping):
        return {"nowhere"}
    ways = [one.get("Next") for one in [*items(state.get("Choices")), *items(state.get("Catch"))]]
    ways += [state.get("Next"), state.get("Default")]
    found = [str(way) for way in ways if way]
    if state.get("End") or not found:
        return {str(state.get("Type"))}
    return set[str]().union(*(_ends(way, states, seen) for way in found))


def _letter(name: str, catch: Mapping[str, Any], to: str, letter: Mapping[str, Any]) -> Iterator[str]:
    """The catcher puts the input and the error into what the letter says."""
    output = str(catch.get("Output", ""))
    if not any(
        f"'input': {one}" in output or f"'input': $merge([{{ 'attempt': 1 }}, {one}])" in output for one in INPUTS
    ):
        yield f"{name} catches {catch.get('ErrorEquals')} without 'input': $states.input in its Output"
    if "$states.errorOutput.Error" not in output:
        yield f"{name} catches {catch.get('ErrorEquals')} without the error in its Output"
    arguments = letter.get("Arguments")
    body = str(arguments.get("MessageBody")) if isinstance(arguments, Mapping) else ""
    if "$states.input" not in body:
        yield f"{to} sends {body or 'nothing'}, which does not hold $states.input"
