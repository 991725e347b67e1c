"""Waiting ends when what is waited for has come, or when the time is up."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tools import waiting
from tools.waiting import until, until_settled, wait_for


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that only sleeping moves."""
    now = [0.0]
    monkeypatch.setattr("tools.waiting.time.monotonic", lambda: now[0])
    monkeypatch.setattr("tools.waiting.time.sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))


def looks(*seen: int) -> tuple[Callable[[], int], list[int]]:
    """Looks that see these numbers in turn, then the last one for ever; and what was seen."""
    told: list[int] = []

    def each() -> Iterator[int]:
        yield from seen
        while True:
            yield seen[-1]

    left = each()

    def look() -> int:
        told.append(next(left))
        return told[-1]

    return look, told


def test_what_is_there_is_returned_at_the_first_look_that_sees_it() -> None:
    look, told = looks(0, 0, 7)
    assert until(look, within_s=10, every_s=1) == 7
    assert told == [0, 0, 7]


def test_what_does_not_come_is_looked_for_until_the_time_is_up() -> None:
    look, told = looks(0)
    assert until(look, within_s=3, every_s=1) == 0
    assert len(told) == 4


def test_there_is_a_look_when_there_is_no_time() -> None:
    assert until(lambda: 5, within_s=0) == 5


def test_what_was_waited_for_is_said_when_it_does_not_come() -> None:
    assert wait_for(lambda: "there", "the event") == "there"
    with pytest.raises(TimeoutError, match="waited 3 s for the event"):
        wait_for(lambda: None, "the event", within_s=3)


def test_what_still_grows_is_waited_for_and_what_stays_as_it_is_is_not() -> None:
    look, told = looks(*range(400))
    assert until_settled(look, lambda seen: seen == 399, lambda seen: seen) == 399
    look, told = looks(1, 2, 3)
    assert until_settled(look, lambda _: False, lambda seen: seen) == 3
    assert len(told) * 0.5 > waiting.GIVE_UP_AFTER_S
