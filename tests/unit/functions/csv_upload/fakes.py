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
    even, else after it. `meets` is a number of calls, after which something else happens before the next one.
    """

    objects: dict[str, bytes] = field(default_factory=dict)
    dies_at: int | None = None
    can_write_failed: bool = True
    calls: int = 0
    rejected: dict[str, list[FaultyRow]] = field(default_factory=dict)
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    history: list[Step] = field(default_factory=list)
    table: dict[str, tuple[str, Row]] = field(default_factory=dict)
    told: list[tuple[str, State]] = field(default_factory=list)
    letters: list[Upload] = field(default_factory=list)
    meets: tuple[int, Callable[[], None]] | None = None

    def upload(self, body: bytes, attempt: int = 1) -> Upload:
        upload_id = new_id()
        key = validated_key(upload_id)
        self.objects[key] = body
        return Upload(upload_id, "uploads", key, "v1", len(body), attempt)

    def run(self, upload: Upload, execution: str = "execution", minimum_valid_percent: int = 80) -> Outcome:
        """The steps of the workflow, once."""
        outcome = Validation(self, self, minimum_valid_percent).run(upload)
        if outcome is Outcome.VALID:
            outcome = Transformation(self, self, self).run(upload)
        if outcome is not Outcome.OVERTAKEN:
            Notification(self, self).run(upload, outcome, execution)
        return outcome

    def run_or_fail(self, upload: Upload, execution: str) -> bool:
        """The workflow, once, with what it does when a step fails for good. Whether none did."""
        try:
            self.run(upload, execution)
        except Died:
            self.letters.append(upload)
            if self.can_write_failed:
                self._write_failed(upload, execution)
            Notification(self, self).run(upload, Outcome.INVALID, execution)
            return False
        return True

    def _write_failed(self, upload: Upload, execution: str) -> None:
        """The workflow writes it by itself, without a function."""
        item = self.items.get(upload.upload_id, {})
        if item.get("telling") != upload.attempt or item["teller"] == execution:
            self._write(upload.upload_id, Step(upload.attempt, State.FAILED), {"reason": "on our side"})

    def call(self, effect: Callable[[], None]) -> None:
        """What every call of a service goes through."""
        if self.meets and self.meets[0] == self.calls:
            meeting, self.meets = self.meets[1], None
            meeting()
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
        self.call(lambda: self._write(upload_id, step, facts))
        found: Step = self.items[upload_id]["step"]
        return found

    def _write(self, upload_id: str, step: Step, facts: Mapping[str, Any]) -> None:
        item = self.items.get(upload_id)
        standing = item["step"] if item else None
        if standing is None or (standing.order < step.order and standing.state is not State.COMPLETED):
            of_step = {"upload_id": upload_id, "step": step, "attempt": step.attempt, "state": step.state}
            self.items[upload_id] = {**(item or {}), **facts, **of_step}
            self.history.append(step)

    def note(self, upload_id: str, step: Step, facts: Mapping[str, Any]) -> None:
        def write() -> None:
            if self.items[upload_id]["step"] == step:
                self.items[upload_id].update(facts)

        self.call(write)

    def claim(self, upload_id: str, step: Step, execution: str) -> bool:
        claim = {"telling": step.attempt, "teller": execution}

        def write() -> None:
            item = self.items[upload_id]
            if item["step"] == step and (item.get("telling") != step.attempt or item["teller"] == execution):
                item.update(claim)

        self.call(write)
        return ({"step": step} | claim).items() <= self.items[upload_id].items()

    def facts(self, upload_id: str) -> dict[str, Any]:
        self.call(lambda: None)
        return dict(self.items.get(upload_id, {}))

    def publish(self, upload: Upload, state: State, facts: Mapping[str, Any]) -> None:
        assert facts["upload_id"] == upload.upload_id
        self.call(lambda: self.told.append((upload.upload_id, state)))
