"""Grouping what goes into calls that take a number of entries, and a number of bytes, at most."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def in_batches(
    items: Iterable[Item], size: Callable[[Item], int], *, maximum_items: int, maximum_bytes: int
) -> Iterator[list[Item]]:
    """The items in their order, in lists that one call takes. One that is larger than a call is alone in its list."""
    batch: list[Item] = []
    bytes_of_batch = 0
    for item in items:
        bytes_of_item = size(item)
        if batch and (len(batch) == maximum_items or bytes_of_batch + bytes_of_item > maximum_bytes):
            yield batch
            batch, bytes_of_batch = [], 0
        batch.append(item)
        bytes_of_batch += bytes_of_item
    if batch:
        yield batch
