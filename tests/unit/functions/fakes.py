"""Stand-ins for the AWS side: they keep what they are given, and fail when they are told to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from functions.common.dead_letters import DeadLetter
from functions.common.errors import ItemTooLargeError, TransientError


class FakeTable:
    """A table with the condition of `ItemTable.put_new`. `before_write` is called first, and may raise. Without
    `takes_errors`, an item that holds one is too large.
    """

    def __init__(self, before_write: Callable[[], None] = lambda: None) -> None:
        self.name = "audit"
        self.items: dict[tuple[str, str], dict[str, Any]] = {}
        self.before_write = before_write
        self.takes_errors = True

    def put_new(
        self, item: Mapping[str, Any], replaceable: Mapping[str, Collection[str]] | None = None
    ) -> dict[str, Any] | None:
        self.before_write()
        if "error" in item and not self.takes_errors:
            raise ItemTooLargeError("writing to audit")
        key = (item["event_id"], item["stage"])
        standing = self.items.get(key)
        if standing and not any(standing.get(name) in values for name, values in (replaceable or {}).items()):
            return standing
        self.items[key] = dict(item)
        return None

    def status(self, event_id: str, stage: str = "event-validator") -> str | None:
        item = self.items.get((event_id, stage))
        return None if item is None else str(item["status"])


class FakeQueue:
    def __init__(self) -> None:
        self.letters: list[DeadLetter] = []

    def send(self, letter: DeadLetter) -> None:
        self.letters.append(letter)


class FakeBus:
    """Takes what `refuse` does not name a code for. `refuse` is given the detail and the number of the call."""

    def __init__(self, refuse: Callable[[str, int], str | None] = lambda detail, call: None) -> None:
        self.calls: list[list[str]] = []
        self.taken: list[str] = []
        self._refuse = refuse

    def put(self, details: Sequence[str]) -> list[str | None]:
        self.calls.append(list(details))
        refusals = [self._refuse(detail, len(self.calls)) for detail in details]
        self.taken += [detail for detail, refusal in zip(details, refusals, strict=True) if refusal is None]
        return refusals


def throttled() -> None:
    raise TransientError("writing to audit: ThrottlingException")
