"""The versions of a key, written again without some records: how far that came, and what is left to do.

A version cannot be changed. So the versions from some one on are written again, in their order, and then the old ones
are deleted, the newest last. A run that stops in between is told by what is there: each copy names its run, and the
version that it was made from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """A version of a key, or a delete marker. A copy has the `run` that wrote it, and its `source`."""

    id: str
    is_marker: bool = False
    run: str = ""
    source: str = ""


@dataclass(frozen=True)
class Rest:
    """What is left to do: a delete marker to write, then entries to remove, in this order.

    `is_whole` is false where the copies are what is removed, because a version has none, or came between them.
    """

    is_whole: bool
    marks_deleted: bool
    remove: Sequence[str]


def rest_of(entries: Sequence[Entry]) -> Rest | None:
    """What is left of a run, by all entries of a key, the oldest first; None where nothing is."""
    ids = {entry.id for entry in entries}
    runs = {entry.run for entry in entries if entry.source in ids}
    if not runs:
        return None
    copies = [index for index, entry in enumerate(entries) if entry.run in runs]
    before, during = entries[: copies[0]], entries[copies[0] : copies[-1] + 1]
    sources = {entry.source for entry in during}
    newest = next(entry for entry in reversed(before) if not entry.is_marker)
    if newest.id not in sources or any(entry.run not in runs and not entry.is_marker for entry in during):
        return Rest(is_whole=False, marks_deleted=False, remove=[entry.id for entry in during if entry.run in runs])
    oldest = next(index for index, entry in enumerate(before) if entry.id in sources)
    old = sorted(before[oldest:], key=lambda entry: not entry.is_marker)
    was_deleted = before[-1].is_marker and copies[-1] == len(entries) - 1
    return Rest(is_whole=True, marks_deleted=was_deleted, remove=[entry.id for entry in old])
