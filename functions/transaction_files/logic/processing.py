"""Working off a segment: each of its records is stored, there already, in conflict, or rejected, and is counted once.

Every step can be repeated. Writes are conditional on what they write, so a segment that was worked off half-way, by a
function that died, is worked off again from its start, and leaves what it would have left at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import msgspec

from functions.common.faults import Fault
from functions.common.records.batches import Batch, Rejected
from functions.common.records.formats import Opening, cut, open_file, read
from functions.transaction_files.logic.segments import SEGMENT_BYTES, Segment, Source
from functions.transaction_files.logic.transactions import REQUIRED, Transaction, Transactions

ARRAY: Final = "transactions"


class Counts(msgspec.Struct):
    """What became of records: `present` were there already with the same content."""

    stored: int = 0
    present: int = 0
    conflicts: int = 0
    rejected: int = 0

    @property
    def total(self) -> int:
        return self.stored + self.present + self.conflicts + self.rejected


class Report(msgspec.Struct, frozen=True):
    """A record that is not stored, and why. `other` is where the record stands that it is in conflict with."""

    file: str
    number: int
    original: str
    faults: tuple[Fault, ...]
    other: str = ""


class Standing(msgspec.Struct, frozen=True):
    """What stands under a transaction's key already: whether it has the same content, and where it came from."""

    is_same: bool
    origin: str


class Finished(msgspec.Struct, frozen=True):
    """A segment, or the beginning of one, that was worked off: `end` is where the next one begins, None at the end."""

    file: str
    start: int
    end: int | None
    counts: Counts


class Files(Protocol):
    def chunks(self, source: Source, start: int, end: int | None) -> Iterator[bytes]:
        """The decompressed stream between two offsets. Raises TransientError."""


class Ledger(Protocol):
    def has(self, file: str, start: int) -> bool:
        """Whether the segment that begins there is finished. Raises TransientError."""

    def add(self, finished: Finished) -> None:
        """Record it, unless it is recorded. Raises TransientError."""


class Store(Protocol):
    def put(self, records: Sequence[tuple[str, Transaction]]) -> list[Standing | None]:
        """Store transactions with where they come from; for each that was not stored, what stands in its place.

        Raises TransientError, after which some are stored and some are not.
        """


class Outbox(Protocol):
    def report(self, reports: Sequence[Report]) -> None:
        """Send reports; one that was sent before is the same report. Raises TransientError."""

    def hand_on(self, segments: Sequence[Segment]) -> None:
        """Put segments into the queue of work. Raises TransientError."""


@dataclass(frozen=True)
class Work:
    """Works off files and segments. `time_is_up` says whether to stop after the batch at hand."""

    files: Files
    ledger: Ledger
    store: Store
    outbox: Outbox
    time_is_up: Callable[[], bool]
    segment_bytes: int = SEGMENT_BYTES
    shape: Transactions = field(default_factory=Transactions)

    def arrived(self, source: Source) -> None:
        """Work off a file: its first segment here, the others by way of the queue."""
        opened = open_file(source.key, self.files.chunks(source, 0, None), REQUIRED, ARRAY)
        if isinstance(opened, Rejected):
            self.outbox.report([_report(source, opened)])
            self.ledger.add(Finished(source.file, 0, None, Counts(rejected=1)))
            return
        first, *others = self._segments(source, opened)
        for at in range(0, len(others), 10):
            self.outbox.hand_on(others[at : at + 10])
        self.segment(first)

    def segment(self, segment: Segment) -> None:
        """Work off a segment, and hand on what the time was not enough for."""
        source, start = segment.source, segment.start.offset
        if self.ledger.has(source.file, start):
            return
        counts, end = Counts(), segment.end
        chunks = self.files.chunks(source, start, segment.end)
        for batch in read(segment.opening, chunks, segment.start, self.shape):
            self._take(source, batch, counts)
            if self.time_is_up() and not batch.is_last and batch.end.offset != segment.end:
                # Handed on before it is recorded: a repeat in between hands on twice, and never not at all.
                self.outbox.hand_on([segment.rest(batch.end)])
                end = batch.end.offset
                break
        self.ledger.add(Finished(source.file, start, end, counts))

    def _segments(self, source: Source, opened: Opening) -> list[Segment]:
        positions = [opened.start]
        if not source.gzip and source.size >= 2 * self.segment_bytes:
            chunks = self.files.chunks(source, opened.start.offset, None)
            positions += cut(opened, chunks, self.segment_bytes)
        ends = [position.offset for position in positions[1:]]
        return [Segment(source, opened, start, end) for start, end in zip(positions, [*ends, None], strict=True)]

    def _take(self, source: Source, batch: Batch[Transaction], counts: Counts) -> None:
        reports = [_report(source, rejected) for rejected in batch.rejected]
        counts.rejected += len(reports)
        origins = [(f"{source.file}#{number}", record) for number, record in batch.records]
        for (number, record), standing in zip(batch.records, self.store.put(origins) if origins else [], strict=True):
            if standing is None:
                counts.stored += 1
            elif standing.is_same:
                counts.present += 1
            else:
                counts.conflicts += 1
                reports.append(_conflict(source, number, record, standing))
        if reports:
            self.outbox.report(reports)


def _report(source: Source, rejected: Rejected) -> Report:
    return Report(source.file, rejected.number, rejected.original, rejected.faults)


def _conflict(source: Source, number: int, record: Transaction, standing: Standing) -> Report:
    fault = Fault("transaction_id", "conflict", "has other content than the transaction that stands under this id")
    original = msgspec.json.encode(record).decode()
    return Report(source.file, number, original, (fault,), standing.origin)


def chain(finished: Iterable[Finished], start: int) -> tuple[Counts, bool]:
    """What became of a file's records, and whether all of it is worked off: its segments in order from its first one.

    A segment that was handed on twice may be recorded under two starts; only those that follow one another count.
    """
    by_start = {one.start: one for one in finished}
    total, at = Counts(), start
    while (one := by_start.get(at)) is not None:
        for name in Counts.__struct_fields__:
            setattr(total, name, getattr(total, name) + getattr(one.counts, name))
        if one.end is None:
            return total, True
        at = one.end
    return total, False
