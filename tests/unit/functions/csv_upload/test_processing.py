"""Uploads are validated, stored and told, and their status goes forward whatever dies, repeats or overtakes."""

from __future__ import annotations

import dataclasses
import itertools
import random
from collections.abc import Mapping, Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.csv_upload.logic.processing import FAULTS_TOLD, Outcome
from functions.csv_upload.logic.status import State, Step
from functions.csv_upload.logic.uploads import Upload
from tests.unit.functions.csv_upload.fakes import Died, World

HEADER = "transaction_id,date,amount,currency,description\n"


def csv(good: int, bad: int = 0) -> bytes:
    rows = [f'tx-{number},2026-03-01,{number}.25,EUR,"two\nlines"\n' for number in range(good)]
    rows += [f"bad-{number},2026-03-01,?,EUR,secret\n" for number in range(bad)]
    return (HEADER + "".join(rows)).encode()


def facts(world: World, upload: Upload) -> dict[str, object]:
    return world.items[upload.upload_id]


@pytest.mark.requirement("CSV-11", "CSV-12", "CSV-13")
def test_an_upload_is_stored_and_told_with_all_its_counts() -> None:
    world = World()
    upload = world.upload(csv(good=250, bad=30))
    assert world.run(upload) is Outcome.STORED
    found = facts(world, upload)
    assert (found["rows"], found["valid"], found["invalid"], found["stored"]) == (280, 250, 30, 250)
    assert found["step"] == Step(1, State.COMPLETED)
    assert len(world.table) == 250
    assert world.told == [(upload.upload_id, State.COMPLETED)]
    assert [step.state for step in world.history] == [State.VALIDATING, State.TRANSFORMING, State.COMPLETED]


@pytest.mark.requirement("CSV-11")
def test_invalid_rows_are_all_beside_the_file_and_the_first_ones_in_the_status_without_their_content() -> None:
    world = World()
    upload = world.upload(csv(good=200, bad=30))
    world.run(upload)
    rejected = world.rejected[upload.upload_id]
    assert [row.line for row in rejected] == list(range(402, 432))
    assert "secret" in rejected[0].original
    told = facts(world, upload)["faults"]
    assert isinstance(told, list)
    assert len(told) == FAULTS_TOLD
    assert told[0] == {"line": 402, "faults": [{"field": "amount", "code": "malformed", "message": "is no amount such as 1234.56"}]}  # fmt: skip  # noqa: E501
    assert "secret" not in str(told)


@pytest.mark.requirement("CSV-11")
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (csv(good=79, bad=21), "79 of 100 rows are valid, and 80 % have to be"),
        (HEADER.encode(), "the file has a header and no row"),
        (b"", "the file cannot be read"),
        (b"id;amount\n1;2\n", "the file cannot be read"),
        ("transaction_id".encode("utf-16"), "the file cannot be read"),
    ],
)
def test_an_upload_that_does_not_pass_has_failed_and_says_why(body: bytes, reason: str) -> None:
    world = World()
    upload = world.upload(body)
    assert world.run(upload) is Outcome.INVALID
    found = facts(world, upload)
    assert (found["step"], found["reason"]) == (Step(1, State.FAILED), reason)
    assert not world.table
    assert world.told == [(upload.upload_id, State.FAILED)]


@pytest.mark.requirement("CSV-11")
def test_exactly_the_share_that_has_to_be_valid_passes() -> None:
    world = World()
    assert world.run(world.upload(csv(good=80, bad=20))) is Outcome.STORED


@pytest.mark.requirement("CSV-12")
def test_rows_that_are_there_and_rows_in_conflict_are_counted() -> None:
    world = World()
    world.run(world.upload(csv(good=10)))
    again = world.upload(csv(good=10).replace(b"tx-3,2026-03-01,3.25", b"tx-3,2026-03-01,3.99"))
    world.run(again)
    found = facts(world, again)
    assert (found["stored"], found["present"], found["conflicts"]) == (0, 9, 1)
    assert found["conflicting"] == [
        {
            "line": 8,
            "faults": [
                {
                    "field": "transaction_id",
                    "code": "conflict",
                    "message": "is the id of a row that is stored with other content",
                }
            ],
        }
    ]


@pytest.mark.requirement("CSV-14")
@pytest.mark.parametrize("body", [csv(good=150, bad=20), csv(good=1, bad=20)])
def test_a_workflow_that_dies_anywhere_is_repeated_to_the_same_end(body: bytes) -> None:
    whole = World()
    upload = whole.upload(body)
    whole.run(upload)
    for dies_at in range(2 * whole.calls):
        world = World(dict(whole.objects), dies_at=dies_at)
        with pytest.raises(Died):
            world.run(upload)
        world.run(upload)
        assert (world.table, world.rejected) == (whole.table, whole.rejected), dies_at
        assert world.items == whole.items, dies_at
        assert set(world.told) == set(whole.told), dies_at


@pytest.mark.requirement("CSV-14")
def test_a_redrive_of_what_failed_is_another_attempt_and_of_what_is_completed_nothing() -> None:
    world = World()
    upload = world.upload(csv(good=5))
    world.advance(upload.upload_id, Step(1, State.FAILED), {"reason": "a table was gone"})
    assert world.run(upload) is Outcome.INVALID
    assert world.told == [(upload.upload_id, State.FAILED)]
    assert world.run(msgspec.structs.replace(upload, attempt=2)) is Outcome.STORED
    assert facts(world, upload)["step"] == Step(2, State.COMPLETED)
    assert world.run(msgspec.structs.replace(upload, attempt=3)) is Outcome.OVERTAKEN


@pytest.mark.requirement("CSV-10", "CSV-13", "CSV-14")
@pytest.mark.parametrize("can_write_failed", [True, False])
@pytest.mark.parametrize("body", [csv(good=2), csv(good=0, bad=1)])
def test_two_executions_of_one_attempt_come_to_one_end_that_is_told_or_leave_a_letter(
    body: bytes, *, can_write_failed: bool
) -> None:
    """S3 and EventBridge may deliver an upload twice. One comes between any two calls of the other, and one may die."""
    whole = World()
    upload = whole.upload(body)
    end = State.COMPLETED if whole.run(upload) is Outcome.STORED else State.FAILED
    deaths = [None, *range(2 * whole.calls)]
    one_dies = [(death, None) for death in deaths] + [(None, death) for death in deaths]
    for meets_at, (first_dies, second_dies) in itertools.product(range(whole.calls), one_dies):
        first = World(whole.objects, dies_at=first_dies)
        second = dataclasses.replace(first, dies_at=second_dies, can_write_failed=can_write_failed)
        lived = dict[str, bool]()
        first.meets = meets_at, lambda: lived.update(second=second.run_or_fail(upload, "second"))  # noqa: B023
        lived["first"] = first.run_or_fail(upload, "first")
        check_one_end(first, whole, upload, end, lived)


def check_one_end(world: World, whole: World, upload: Upload, end: State, lived: Mapping[str, bool]) -> None:
    """The invariants of an attempt; and that one redrive of its letters comes to the end of a single execution."""
    found, told = facts(world, upload), {state for _, state in world.told}
    assert len(told) <= 1
    if all(lived.values()):
        assert (found["state"], told) == (end, {end})
    # Nobody who lives told success of what is not completed.
    assert State.COMPLETED not in told or found["state"] is State.COMPLETED or not lived[str(found["teller"])]
    assert found["state"] is not State.COMPLETED or State.COMPLETED in told
    assert world.letters or (found["state"] is end and told == {end})
    if world.letters and found["state"] is not State.COMPLETED:
        again = dataclasses.replace(world, dies_at=None, meets=None)
        again.run(msgspec.structs.replace(upload, attempt=2), "redrive")
        assert (facts(again, upload)["step"], again.told[-1]) == (Step(2, end), (upload.upload_id, end))
    assert (world.table, world.rejected) == (whole.table, whole.rejected)


@pytest.mark.requirement("CSV-14")
@given(
    st.lists(st.tuples(st.integers(1, 3), st.sampled_from(State)), min_size=1, max_size=30),
    st.randoms(use_true_random=False),
)
def test_a_status_never_goes_backwards(steps: Sequence[tuple[int, State]], shuffle: random.Random) -> None:
    world = World()
    writes = [Step(attempt, state) for attempt, state in steps] * 2
    shuffle.shuffle(writes)
    for step in writes:
        world.advance("upload", step, {})
    orders = [step.order for step in world.history]
    assert orders == sorted(set(orders))
    final = [step for step in world.history if step.state is State.COMPLETED]
    assert not final or world.history[-1] == final[0]
    for attempt in {step.attempt for step in world.history}:
        assert len([step for step in world.history if step.attempt == attempt and step.is_final]) <= 1
