"""Versions that are written again keep their order, wherever the writing stops, and whatever arrives meanwhile."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.operations.rewriting import Entry, rest_of


class Stopped(Exception):
    """The command ended here."""


@dataclass
class Key:
    """The versions of a key: for each its content, in capitals where it has something to erase; None is a marker."""

    contents: dict[str, str | None] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    ids: itertools.count[int] = field(default_factory=itertools.count)
    calls_left: int = 10**6

    def put(self, content: str | None, run: str = "", source: str = "") -> None:
        entry = Entry(f"v{next(self.ids)}", content is None, run, source)
        self.entries.append(entry)
        self.contents[entry.id] = content

    def call(self) -> None:
        if not self.calls_left:
            raise Stopped
        self.calls_left -= 1

    def settle(self) -> bool:
        """Whether nothing is undone."""
        rest = rest_of(self.entries)
        if rest is None:
            return True
        if rest.marks_deleted:
            self.call()
            self.put(None)
        for id_ in rest.remove:
            self.call()
            self.entries = [entry for entry in self.entries if entry.id != id_]
        return rest.is_whole

    def erase(self, run: str, arrives: Sequence[int] = ()) -> bool:
        self.settle()
        old = list(self.entries)
        first = next((index for index, entry in enumerate(old) if self.has_some(entry)), None)
        if first is None:
            return True
        for number, entry in enumerate(entry for entry in old[first:] if not entry.is_marker):
            if number in arrives:
                self.put("NEW")
            self.call()
            self.put(str(self.contents[entry.id]).lower(), run, entry.id)
        return self.settle()

    def has_some(self, entry: Entry) -> bool:
        content = self.contents[entry.id]
        return content is not None and content != content.lower()

    @property
    def history(self) -> list[str | None]:
        """The contents in order, and whether the key is deleted: markers in between tell nothing."""
        all_ = [self.contents[entry.id] for entry in self.entries]
        return [content for content in all_ if content is not None] + ([None] if all_ and all_[-1] is None else [])


histories = st.lists(st.sampled_from(["A", "b", "C", "d", None]), min_size=1, max_size=6)


def expected(contents: Sequence[str | None]) -> list[str | None]:
    kept: list[str | None] = [content.lower() for content in contents if content is not None]
    return kept + ([None] if contents[-1] is None else [])


@pytest.mark.requirement("TXF-61")
@given(contents=histories, stops=st.lists(st.integers(0, 12), max_size=3))
def test_an_erasure_that_stops_anywhere_is_finished_by_a_repeat(contents: list[str | None], stops: list[int]) -> None:
    key = Key()
    for content in contents:
        key.put(content)
    for number, stop in enumerate([*stops, 10**6]):
        key.calls_left = stop
        try:
            key.erase(f"run {number}")
        except Stopped:
            continue
    assert key.history == expected(contents)
    assert not any(key.has_some(entry) for entry in key.entries)


@pytest.mark.requirement("TXF-61")
@given(
    contents=histories, stop=st.integers(0, 12), arrives=st.lists(st.integers(0, 5), max_size=2), is_late=st.booleans()
)
def test_a_version_that_arrives_meanwhile_stays_the_newest_and_is_erased_in_the_end(
    contents: list[str | None], stop: int, arrives: list[int], is_late: bool
) -> None:
    key = Key()
    for content in contents:
        key.put(content)
    key.calls_left = stop
    with suppress(Stopped):
        key.erase("first", arrives)
    if is_late:
        key.put("NEW")
    key.calls_left = 10**6
    new = [content for content in key.history if content == "NEW"]
    key.erase("second")
    assert key.history == [*expected([*contents, *new])]


def test_an_earlier_erasure_is_no_part_of_a_later_one() -> None:
    key = Key()
    key.put("A")
    assert key.erase("first")
    key.contents[key.entries[0].id] = "A"
    key.put("b")
    assert key.erase("second")
    assert key.history == ["a", "b"]
    assert [replace(entry, id="", source="") for entry in key.entries] == [Entry("", run="second")] * 2
