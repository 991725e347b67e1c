"""Files that meet: the same one twice, others with the same keys, a new version. Each ends in one consistent state."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from functions.transaction_files.logic.arrivals import Arrival
from tests.emulator.transaction_files.stores import Item, Stores, World
from tests.unit.functions.transaction_files.test_processing import RECORDS, csv_file
from tools.emulator import control

COLUMNS = "transaction_id,timestamp,amount,currency,account_id,type"
MANY = 250


@pytest.fixture(scope="module")
def stores(emulator: control.Emulator | None) -> Stores:
    if emulator is None:
        pytest.skip("invocations are timed against each other in this process, which is the same on an account")
    return Stores(emulator)


@pytest.fixture
def world(stores: Stores) -> World:
    return stores.world()


def rows(amount: str, numbers: Sequence[int] = range(MANY)) -> bytes:
    lines = [f"tx-{number:04d},2026-03-01T10:15:30Z,{amount},EUR,acc-{number % 7},debit" for number in numbers]
    return "\n".join([COLUMNS, *lines]).encode()


def at_once(world: World, *arrivals: Arrival) -> None:
    """Invocations that begin, and take each of their batches, at the same time; and what comes after them."""
    barrier = Barrier(len(arrivals))

    def step() -> None:
        barrier.wait(30)

    with ThreadPoolExecutor(len(arrivals)) as pool:
        for done in [pool.submit(world.arrive, arrival, world.work(step)) for arrival in arrivals]:
            done.result()
    world.run()


def total(world: World, arrival: Arrival) -> Item:
    counts, complete = world.counts(arrival)
    assert complete
    return counts


@pytest.mark.requirement("TXF-13")
def test_two_deliveries_of_one_object_at_once_leave_what_one_leaves(stores: Stores, world: World) -> None:
    arrival, alone = stores.upload("twice.csv", csv_file()), stores.world()
    alone.run(arrival)
    at_once(world, arrival, arrival)
    items = world.result(arrival)
    assert items == alone.result(arrival)
    assert sum(total(world, arrival).values()) == RECORDS


@pytest.mark.requirement("TXF-13")
def test_of_two_files_with_the_same_keys_at_once_the_first_record_stands_and_the_other_is_a_conflict(
    stores: Stores, world: World
) -> None:
    one, other = stores.upload("one.csv", rows("1.00")), stores.upload("other.csv", rows("2.00"))
    at_once(world, one, other)
    standing = {item["transaction_id"]: item for item in world.items("transactions")}
    conflicts = {item["transaction_id"]: item for item in world.items("errors")}
    assert standing.keys() == conflicts.keys()
    assert len(standing) == MANY
    for key, item in standing.items():
        file = item["origin"].partition("#")[0]
        assert file in (one.file, other.file)
        # The report names both: the file that it comes from, and where the record is that it met.
        assert conflicts[key]["file"] == (other if file == one.file else one).file
        assert conflicts[key]["other"] == item["origin"]
        assert conflicts[key]["classification"] == "conflict"
    for arrival in (one, other):
        stored = sum(item["origin"].startswith(arrival.file) for item in standing.values())
        expected = {"stored": stored, "present": 0, "conflicts": MANY - stored, "rejected": 0}
        assert total(world, arrival) == expected


@pytest.mark.requirement("TXF-12", "TXF-13")
def test_a_new_version_that_comes_while_the_old_one_is_worked_on_takes_nothing_from_it(
    stores: Stores, world: World
) -> None:
    old = stores.upload("versions.csv", rows("1.00"))
    arrived: list[Arrival] = []

    def new_version() -> None:
        if not arrived:
            arrived.append(stores.upload("versions.csv", rows("2.00", range(MANY - 50, MANY + 50))))
            world.arrive(arrived[0])

    world.arrive(old, world.work(new_version))
    world.run()
    (new,) = arrived
    standing = {item["transaction_id"]: item for item in world.items("transactions")}
    assert standing.keys() == {f"tx-{number:04d}" for number in range(MANY + 50)}
    assert total(world, old) == {"stored": MANY - 50, "present": 0, "conflicts": 50, "rejected": 0}
    assert total(world, new) == {"stored": 100, "present": 0, "conflicts": 0, "rejected": 0}
    assert {item["amount"] for item in standing.values() if item["origin"].startswith(old.file)} == {"1"}
    assert {item["amount"] for item in standing.values() if item["origin"].startswith(new.file)} == {"2"}
    assert {item["other"].partition("#")[0] for item in world.items("errors")} == {new.file}


@pytest.mark.requirement("TXF-12")
def test_a_version_that_is_deleted_while_it_is_worked_on_is_not_worked_off(stores: Stores, world: World) -> None:
    arrival = stores.upload("deleted.csv", rows("1.00"))
    where = {"Bucket": arrival.bucket, "Key": arrival.key, "VersionId": arrival.version_id}
    stores.root["s3"].delete_object(**where)
    with pytest.raises(stores.root["s3"].exceptions.ClientError):
        world.arrive(arrival)
    assert world.counts(arrival) == ({"stored": 0, "present": 0, "conflicts": 0, "rejected": 0}, False)
