"""Generated uploads become what they are said to become, by the functions themselves."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from functions.csv_upload.logic.api import MAXIMUM_BODY_BYTES
from tests.unit.functions.csv_upload.fakes import World
from tools.demo.csv_upload import LARGE, TEXT_OF_LARGE
from tools.demo.uploads import File, Uploads

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def make() -> Uploads:
    return Uploads("run", NOW)


def check(world: World, file: File) -> None:
    upload = world.upload(file.content)
    world.run(upload, minimum_valid_percent=90)
    item = world.items[upload.upload_id]
    expected = file.expected
    assert item["step"].state == expected.state
    assert item["rows"] == expected.rows
    if expected.stored or expected.present or expected.conflicts:
        counts = (expected.stored, expected.present, expected.conflicts, expected.rejected)
        assert (item["stored"], item["present"], item["conflicts"], item["invalid"]) == counts


@pytest.mark.requirement("CSV-12")
def test_every_way_to_write_a_good_row_is_read(make: Uploads) -> None:
    world = World()
    good = make.good("good", 300)
    check(world, good)
    check(world, make.again(good))


@pytest.mark.requirement("CSV-11")
def test_each_fault_makes_one_row_unusable_and_a_file_that_is_mostly_wrong_fails(make: Uploads) -> None:
    check(World(), make.dirty())
    check(World(), make.below_the_share())


def test_the_second_of_two_files_with_the_same_ids_is_in_conflict(make: Uploads) -> None:
    world = World()
    for file in make.conflicting(10):
        check(world, file)


def test_the_large_file_is_too_large_for_a_request(make: Uploads) -> None:
    assert len(make.good("large", LARGE, TEXT_OF_LARGE).content) > MAXIMUM_BODY_BYTES
