"""A world in memory for uploads, in which any call may be the last one of its function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from functions.csv_upload.logic.processing import FaultyRow, Notification, Outcome, Transformation, Validation
from functions.csv_upload.logic.rows import Row
from functions.csv_upload.logic.status import State, Step
from functions.csv_upload.logic.uploads import Upload, new_id, validated_key

CHUNK = 50


class Died(BaseException):
    """The function ended here: no code of its own runs any more."""


@dataclass
class World:
    """Files, table, statuses and topic. A function dies at call `dies_at` // 2, before its effect where `dies_at` is
    even, else after it.
    """

    objects: dict[str, bytes] = field(default_factory=dict)
    dies_at: int | None = None
    calls: int = 0
    rejected: dict[str, list[FaultyRow]] = field(default_factory=dict)
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    history: list[Step] = field(default_factory=list)
    table: dict[str, tuple[str, Row]] = field(default_factory=dict)
    told: list[tuple[str, State]] = field(default_factory=list)

    def upload(self, body: bytes, attempt: int = 1) -> Upload:
        upload_id = new_id()
        key = validated_key(upload_id)
        self.objects[key] = body
        return Upload(upload_id, "uploads", key, "v1", len(body), attempt)

    def run(self, upload: Upload, minimum_valid_percent: int = 80) -> Outcome:
        """The workflow, once."""
        outcome = Validation(self, self, minimum_valid_percent).run(upload)
        if outcome is Outcome.VALID:
            outcome = Transformation(self, self, self).run(upload)
        Notification(self, self).run(upload, outcome)
        return outcome

    def call(self, effect: Callable[[], None]) -> None:
        self.calls += 1
        dies = self.dies_at is not None and self.calls == self.dies_at // 2 + 1
        if dies and self.dies_at is not None and self.dies_at % 2 == 0:
            raise Died
        effect()
        if dies:
            raise Died

    def chunks(self, upload: Upload) -> Iterator[bytes]:
        self.call(lambda: None)
        data = self.objects[upload.key]
        return (data[at : at + CHUNK] for at in range(0, len(data), CHUNK))

    def put_rejected(self, upload: Upload, rows: Iterable[FaultyRow]) -> None:
        self.call(lambda: self.rejected.update({upload.upload_id: list(rows)}))

    def put(self, upload: Upload, rows: Sequence[tuple[int, Row]]) -> list[bool | None]:
        standing: list[bool | None] = []

        def write() -> None:
            for line, row in rows:
                origin = f"{upload.upload_id}#{line}"
                first = self.table.setdefault(row.transaction_id, (origin, row))
                standing.append(None if first == (origin, row) else first[1] == row)

        self.call(write)
        return standing

    def advance(self, upload_id: str, step: Step, facts: Mapping[str, Any]) -> Step:
        def write() -> None:
            item = self.items.get(upload_id)
            standing = item["step"] if item else None
            if standing is None or (standing.order < step.order and standing.state is not State.COMPLETED):
                self.items[upload_id] = {**(item or {}), **facts, "upload_id": upload_id, "step": step}
                self.history.append(step)

        self.call(write)
        found: Step = self.items[upload_id]["step"]
        return found

    def note(self, upload_id: str, step: Step, facts: Mapping[str, Any]) -> None:
        def write() -> None:
            if self.items[upload_id]["step"] == step:
                self.items[upload_id].update(facts)

        self.call(write)

    def facts(self, upload_id: str) -> dict[str, Any]:
        self.call(lambda: None)
        return dict(self.items.get(upload_id, {}))

    def publish(self, upload: Upload, state: State, facts: Mapping[str, Any]) -> None:
        assert facts["upload_id"] == upload.upload_id
        self.call(lambda: self.told.append((upload.upload_id, state)))
