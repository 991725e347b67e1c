"""A world in memory for the work on files, in which any call may be the last one of its function."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from functions.common.records.gzip_streams import decompress
from functions.transaction_files.logic.processing import Finished, Standing, Work, chain
from functions.transaction_files.logic.reports import Report
from functions.transaction_files.logic.segments import GZIP, Segment, Source
from functions.transaction_files.logic.transactions import Transaction

CHUNK = 700
UPLOADED_AT = 1_772_360_130_000


class Died(BaseException):
    """The function ended here: no code of its own runs any more."""


@dataclass
class World:
    """`dies_at` says at which call the function dies: n // 2, before its effect where n is even, else after it.
    `batches` is how many batches an invocation has time for.
    """

    objects: dict[str, bytes]
    dies_at: int | None = None
    batches: int | None = None
    segment_bytes: int = 10**9
    calls: int = 0
    table: dict[tuple[str, str], tuple[str, Transaction]] = field(default_factory=dict)
    reports: dict[tuple[str, int, tuple[str, ...]], Report] = field(default_factory=dict)
    ledger: dict[tuple[str, int], Finished] = field(default_factory=dict)
    queue: list[Segment | Source] = field(default_factory=list)

    def run(self, *sources: Source) -> None:
        """Let files arrive, and work off all there is. What a function did not finish comes again."""
        self.queue = list(sources)
        for _ in range(10_000):
            if not self.queue:
                return
            message = self.queue[0]
            invocation = Invocation(self)
            work = Work(invocation, invocation, invocation, invocation, invocation.time_is_up, self.segment_bytes)
            try:
                work.file(message) if isinstance(message, Source) else work.segment(message)
            except Died:
                continue
            self.queue.remove(message)
        raise AssertionError("the work does not come to an end")

    def finished(self, source: Source) -> tuple[dict[str, int], bool]:
        counts, complete = chain([one for one in self.ledger.values() if one.file == source.file])
        return {name: getattr(counts, name) for name in counts.__struct_fields__}, complete


@dataclass
class Invocation:
    """What one invocation sees of the world: Files, Ledger, Store and Outbox."""

    world: World
    taken: int = 0

    def call(self, effect: Callable[[], None]) -> None:
        self.world.calls += 1
        dies = self.world.dies_at is not None and self.world.calls == self.world.dies_at // 2 + 1
        if dies and self.world.dies_at is not None and self.world.dies_at % 2 == 0:
            raise Died
        effect()
        if dies:
            raise Died

    def time_is_up(self) -> bool:
        self.taken += 1
        return self.world.batches is not None and self.taken >= self.world.batches

    def chunks(self, source: Source, start: int, end: int | None) -> Iterator[bytes]:
        self.call(lambda: None)
        data = self.world.objects[source.key]
        if source.is_gzip:
            return _from(decompress(_pieces(data)), start)
        return _pieces(data[start:end])

    def has(self, file: str, start: int) -> bool:
        self.call(lambda: None)
        return (file, start) in self.world.ledger

    def add(self, finished: Finished) -> None:
        def record() -> None:
            self.world.ledger.setdefault((finished.file, finished.start), finished)

        self.call(record)

    def put(self, records: Sequence[tuple[str, Transaction]]) -> list[Standing | None]:
        standing: list[Standing | None] = []

        def write() -> None:
            for origin, record in records:
                key = record.transaction_id, record.timestamp.isoformat()
                first = self.world.table.setdefault(key, (origin, record))
                standing.append(None if first[0] == origin else Standing(first[1] == record, first[0]))

        self.call(write)
        return standing

    def report(self, reports: Sequence[Report]) -> None:
        def send() -> None:
            for one in reports:
                self.world.reports[one.file, one.number, tuple(fault.code for fault in one.faults)] = one

        self.call(send)

    def hand_on(self, segments: Sequence[Segment]) -> None:
        self.call(lambda: self.world.queue.extend(segments))


def _pieces(data: bytes) -> Iterator[bytes]:
    return (data[at : at + CHUNK] for at in range(0, len(data), CHUNK))


def _from(stream: Iterator[bytes], start: int) -> Iterator[bytes]:
    left = start
    for piece in stream:
        if left < len(piece):
            yield piece[left:]
        left = max(0, left - len(piece))


def stored(key: str, data: bytes, *, compressed: bool = False) -> tuple[Source, bytes]:
    """An object and what is stored of it."""
    content = gzip.compress(data) if compressed else data
    return Source("uploads", key, "v1", len(content), UPLOADED_AT, GZIP if compressed else ""), content
