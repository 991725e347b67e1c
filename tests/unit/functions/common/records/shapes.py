"""A small shape for tests of the readers, and what they made of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from functions.common.faults import Fault
from functions.common.records.batches import Batch, Position, Rejected

Read = list[tuple[int, "Entry"] | Rejected]


class Entry(msgspec.Struct, frozen=True):
    id: str
    amount: int
    note: str = ""


class Entries:
    def from_rows(self, rows: Sequence[Mapping[str, str]]) -> list[Entry]:
        return msgspec.convert(rows, list[Entry], strict=False)

    def from_json(self, documents: Sequence[bytes]) -> list[Entry]:
        return [msgspec.json.decode(document, type=Entry) for document in documents]

    def read_row(self, row: Mapping[str, str]) -> Entry | list[Fault]:
        return [Fault("amount", "wrong_type", f"is not an integer, beside {', '.join(row)}")]

    def read_json(self, document: Mapping[str, object]) -> Entry | list[Fault]:
        return [Fault("$", "wrong", f"is no entry: {', '.join(document)}")]


def cut(data: bytes, sizes: Iterable[int]) -> Iterator[bytes]:
    """The data in chunks of these sizes, and the rest as the last one."""
    at = 0
    for size in sizes:
        yield data[at : at + size]
        at += size
    yield data[at:]


def flat(batches: Iterable[Batch[Entry]]) -> Read:
    return [one for batch in batches for one in sorted_by_number(batch)]


def sorted_by_number(batch: Batch[Entry]) -> Read:
    def number(one: tuple[int, Entry] | Rejected) -> int:
        return one.number if isinstance(one, Rejected) else one[0]

    return sorted([*batch.records, *batch.rejected], key=number)


def goes_on_from_every_batch(
    data: bytes, read: Callable[[Iterable[bytes], Position], Iterable[Batch[Entry]]], start: Position
) -> bool:
    """Whether reading from where any batch ends gives what reading on gave."""
    batches = list(read([data[start.offset :]], start))
    return all(
        flat(read([data[batch.end.offset :]], batch.end)) == flat(batches[index + 1 :])
        for index, batch in enumerate(batches[:-1])
    )
