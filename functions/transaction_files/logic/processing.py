"""Working off a segment: each of its records is stored, there already, in conflict, or rejected, and is counted once.

Every step can be repeated. Writes are conditional on what they write, so a segment that was worked off half-way, by a
function that died, is worked off again from its start, and leaves what it would have left at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import msgspec

from functions.common.faults import Fault
from functions.common.records.batches import Batch, Rejected
from functions.common.records.formats import Opening, cut, open_file, read
from functions.transaction_files.logic.reports import Report, of_conflict, of_rejected
from functions.transaction_files.logic.segments import GZIP, SEGMENT_BYTES, Segment, Source
from functions.transaction_files.logic.transactions import REQUIRED, Transaction, Transactions

ARRAY: Final = "transactions"

# As many as one call of SQS takes (SendMessageBatch).
SEGMENTS_AT_ONCE: Final = 10


class Counts(msgspec.Struct):
    """What became of records: `present` were there already with the same content."""

    stored: int = 0
    present: int = 0
    conflicts: int = 0
    rejected: int = 0

    @property
    def total(self) -> int:
        return self.stored + self.present + self.conflicts + self.rejected


class Standing(msgspec.Struct, frozen=True):
    """What stands under a transaction's key already: whether it has the same content, and where it came from."""

    is_same: bool
    origin: str


class Finished(msgspec.Struct, frozen=True):
    """A segment, or the beginning of one, that was worked off: `end` is where the next one begins, None at the end.

    `first` is where the file's first segment begins.
    """

    file: str
    first: int
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

    def file(self, source: Source) -> Counts:
        """Work off a file that arrived. Returns what became of the records that it did not hand on."""
        opened = self._open(source)
        if isinstance(opened, Rejected):
            self.outbox.report([of_rejected(source, None, opened)])
            counts = Counts(rejected=1)
            self.ledger.add(Finished(source.file, 0, 0, None, counts))
            return counts
        return self.segment(Segment(source, opened, opened.start))

    def segment(self, segment: Segment) -> Counts:
        """Work off a segment. What is too large for one function, or for its time, is handed on."""
        source, start = segment.source, segment.start.offset
        if self.ledger.has(source.file, start):
            return Counts()
        first, *others = self._cut(segment)
        for at in range(0, len(others), SEGMENTS_AT_ONCE):
            self.outbox.hand_on(others[at : at + SEGMENTS_AT_ONCE])
        counts, end = Counts(), first.end
        for batch in read(first.opening, self.files.chunks(source, start, first.end), first.start, self.shape):
            self._take(segment, batch, counts)
            if self.time_is_up() and not batch.is_last and batch.end.offset != first.end:
                # Handed on before it is recorded: a repeat in between hands on twice, and never not at all.
                self.outbox.hand_on([first.rest(batch.end)])
                end = batch.end.offset
                break
        self.ledger.add(Finished(source.file, segment.opening.start.offset, start, end, counts))
        return counts

    def _open(self, source: Source) -> Opening | Rejected:
        if source.encoding not in ("", GZIP):
            fault = Fault("$", "content_encoding", f"has the content encoding {source.encoding}: send gzip, or none")
            return Rejected(1, "", (fault,))
        return open_file(source.key, self.files.chunks(source, 0, None), REQUIRED, ARRAY)

    def _cut(self, segment: Segment) -> list[Segment]:
        """The segment as parts for many functions. What there is no time to cut is the last part, for the next one."""
        start, source = segment.start, segment.source
        if source.is_gzip or segment.end is not None or source.size - start.offset < 2 * self.segment_bytes:
            return [segment]
        positions = [start]
        chunks = self.files.chunks(source, start.offset, None)
        for position in cut(segment.opening, chunks, start, self.segment_bytes):
            positions.append(position)
            if self.time_is_up():
                break
        ends = [position.offset for position in positions[1:]]
        return [
            Segment(source, segment.opening, start, end) for start, end in zip(positions, [*ends, None], strict=True)
        ]

    def _take(self, segment: Segment, batch: Batch[Transaction], counts: Counts) -> None:
        source = segment.source
        reports = [of_rejected(source, segment.opening, rejected) for rejected in batch.rejected]
        counts.rejected += len(reports)
        origins = [(f"{source.file}#{number}", record) for number, record in batch.records]
        for (number, record), standing in zip(batch.records, self.store.put(origins) if origins else [], strict=True):
            if standing is None:
                counts.stored += 1
            elif standing.is_same:
                counts.present += 1
            else:
                counts.conflicts += 1
                reports.append(of_conflict(source, number, record, standing.origin))
        if reports:
            self.outbox.report(reports)


def chain(finished: Collection[Finished]) -> tuple[Counts, bool]:
    """What became of a file's records, and whether all of it is worked off: its segments in order from its first one.

    A segment that was handed on twice may be recorded under two starts; only those that follow one another count.
    """
    by_start = {one.start: one for one in finished}
    total, at = Counts(), next((one.first for one in finished), 0)
    while (one := by_start.get(at)) is not None:
        for name in Counts.__struct_fields__:
            setattr(total, name, getattr(total, name) + getattr(one.counts, name))
        if one.end is None:
            return total, True
        at = one.end
    return total, False
