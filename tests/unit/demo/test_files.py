"""The demonstration's files are what they say, judged by the functions' own logic."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from tests.unit.functions.transaction_files.fakes import World, stored
from tools.demo.files import File, Files

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def make() -> Files:
    return Files("0f3a", NOW)


def outcome(*files: File) -> list[dict[str, int]]:
    """What became of the records of files that arrive one after another."""
    world, counted = World({}, segment_bytes=20_000), []
    for number, file in enumerate(files):
        key, is_gzip = file.name.removesuffix(".gz"), file.name.endswith(".gz")
        source, _ = stored(key, file.content)
        source = msgspec.structs.replace(source, version_id=str(number), encoding="gzip" if is_gzip else "")
        world.objects[key] = file.content
        world.run(source)
        counts, is_done = world.finished(source)
        assert is_done, file.name
        counted.append(counts)
    return counted


def expected(*files: File) -> list[dict[str, int]]:
    return [msgspec.structs.asdict(file.expected) for file in files]


def test_what_becomes_of_each_file_is_what_it_says(make: Files) -> None:
    clean = make.clean("clean", 1000)
    first, second = make.conflicting(30)
    files = [
        clean, make.dirty(), make.compressed(100), *make.json(50), *make.truncated(20), *make.unreadable(),
        make.again(clean), first, second, make.clean("large", 500, "x" * 250),
    ]  # fmt: skip
    for file, found, wanted in zip(files, outcome(*files), expected(*files), strict=True):
        assert (file.name, found) == (file.name, wanted)


def test_two_runs_share_no_transaction() -> None:
    one, other = Files("one", NOW).clean("a", 10), Files("two", NOW).clean("a", 10)
    assert outcome(one, other) == expected(one, other)


def test_files_have_names_of_their_own(make: Files) -> None:
    names = [file.name for file in (*make.json(1), *make.truncated(1), *make.unreadable(), *make.conflicting(1))]
    assert len(set(names)) == len(names)
