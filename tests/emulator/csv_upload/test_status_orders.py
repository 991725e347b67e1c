"""The status of uploads in a table of DynamoDB, whatever order the writes of several workflows come in."""

from __future__ import annotations

import contextlib
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.csv_upload.aws.status_table import StatusTable
from functions.csv_upload.logic.status import State, Step
from functions.csv_upload.logic.uploads import new_id
from policies.hcl.syntax import Call, Literal, ObjectOf, TupleOf, expressions
from tests.emulator.fidelity.account import Account
from tools.emulator import control
from tools.livetree.reading.source import Source
from tools.project import ROOT

TABLE: Final = "statuses"
WORKFLOW: Final = ROOT / "modules" / "systems" / "csv-upload" / "service" / "workflow.tf"

# A step of an attempt; or how the workflow itself says that an attempt failed.
STEPS = st.builds(Step, st.integers(1, 3), st.sampled_from(State))
WRITES = st.lists(st.tuples(STEPS, st.booleans()), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def account(emulator: control.Emulator | None) -> Account:
    if emulator is None:
        pytest.skip("the table is one of an account of its own")
    account = Account(emulator)
    account.table(TABLE, "upload_id")
    return account


def expression(name: str) -> str:
    """What the workflow writes, from its definition."""
    objects = [node for node in expressions(Source.read(WORKFLOW).body) if isinstance(node, ObjectOf)]
    [value] = [value for node in objects for key, value in node.items if key == Literal(name)]
    match value:
        case Call("join", (Literal(between), TupleOf(parts))):
            return str(between).join(str(part.value) for part in parts if isinstance(part, Literal))
        case Literal(text):
            return str(text)
    raise AssertionError(f"{name} of the workflow is neither a text nor a joined list")


def fail(account: Account, upload_id: str, attempt: int, execution: str = "arn:one") -> None:
    """What the workflow does when a step failed for good."""
    dynamodb = account.client("dynamodb")
    values = {
        ":attempt": {"N": str(attempt)},
        ":completed": {"S": "COMPLETED"},
        ":day_shard": {"S": "2026-03-01#a"},
        ":execution": {"S": execution},
        ":failed": {"S": "FAILED"},
        ":now": {"S": "2026-03-01T12:00:00.000Z"},
        ":progress": {"N": str(Step(attempt, State.FAILED).order)},
        ":reason": {"S": "on our side"},
        ":timestamp": {"N": "0"},
    }
    with contextlib.suppress(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.update_item(
            TableName=TABLE,
            Key={"upload_id": {"S": upload_id}},
            UpdateExpression=expression("UpdateExpression"),
            ConditionExpression=expression("ConditionExpression"),
            ExpressionAttributeNames={"#state": "state", "#timestamp": "timestamp"},
            ExpressionAttributeValues=values,
        )


@pytest.mark.requirement("CSV-14")
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(writes=WRITES)
def test_in_any_order_a_status_goes_forward_only_and_what_is_completed_stays(
    account: Account, writes: list[tuple[Step, bool]]
) -> None:
    table, upload_id = StatusTable(account.client("dynamodb"), TABLE), new_id()
    before: Step | None = None
    for step, by_the_workflow in writes:
        if by_the_workflow:
            step = Step(step.attempt, State.FAILED)
            fail(account, upload_id, step.attempt)
        else:
            assert table.advance(upload_id, step, {"rows": step.order}) == standing(table, upload_id)
        after = standing(table, upload_id)
        later = before is None or (step.order > before.order and before.state is not State.COMPLETED)
        assert after == (step if later else before)
        before = after


@pytest.mark.requirement("CSV-14")
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(writes=WRITES)
def test_what_is_noted_of_a_step_is_kept_only_while_it_stands(
    account: Account, writes: list[tuple[Step, bool]]
) -> None:
    table, upload_id = StatusTable(account.client("dynamodb"), TABLE), new_id()
    table.advance(upload_id, Step(1, State.RECEIVED), {"noted": -1})
    expected = -1
    for number, (step, is_note) in enumerate(writes):
        if not is_note:
            table.advance(upload_id, step, {})
            continue
        if standing(table, upload_id).order == step.order:
            expected = number
        table.note(upload_id, step, {"noted": number})
    assert table.facts(upload_id)["noted"] == expected


@pytest.mark.requirement("CSV-13", "CSV-14")
def test_what_one_execution_is_about_to_complete_another_one_cannot_write_as_failed(account: Account) -> None:
    table, upload_id = StatusTable(account.client("dynamodb"), TABLE), new_id()
    for attempt in (1, 2):
        at_work = Step(attempt, State.TRANSFORMING)
        table.advance(upload_id, at_work, {})
        assert table.claim(upload_id, at_work, "arn:one")
        assert not table.claim(upload_id, at_work, "arn:other")
        assert table.claim(upload_id, at_work, "arn:one")
        fail(account, upload_id, attempt, "arn:other")
        assert standing(table, upload_id) == at_work
        fail(account, upload_id, attempt, "arn:one")
        assert standing(table, upload_id) == Step(attempt, State.FAILED)
        assert not table.claim(upload_id, at_work, "arn:one")


def standing(table: StatusTable, upload_id: str) -> Step:
    facts = table.facts(upload_id)
    return Step(facts["attempt"], State(facts["state"]))
