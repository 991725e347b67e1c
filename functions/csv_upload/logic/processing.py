"""The three steps of the workflow: check every row, store those that are right, tell who waits (CSV-11 to CSV-13).

Each step can be repeated, by the workflow or by a second one for the same upload. Rows are written where none stands,
and a status goes forward only.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

import msgspec

from functions.common.errors import PermanentError
from functions.common.faults import Fault
from functions.common.records.batches import Batch, Rejected
from functions.common.records.csv_files import read_rows
from functions.common.records.formats import Opening, open_file
from functions.common.records.lines import Lines
from functions.csv_upload.logic.rows import REQUIRED, Row, Rows
from functions.csv_upload.logic.status import State, Statuses, Step
from functions.csv_upload.logic.uploads import Upload

# How many faulty rows a status tells of; all of them are in the object of rejected rows.
FAULTS_TOLD: Final = 20

CONFLICT: Final = Fault("transaction_id", "conflict", "is the id of a row that is stored with other content")


class Outcome(StrEnum):
    """How a step ended. OVERTAKEN: a later attempt is at work, or the upload is finished, and nothing is left to do."""

    VALID = "VALID"
    INVALID = "INVALID"
    STORED = "STORED"
    OVERTAKEN = "OVERTAKEN"


class FaultyRow(msgspec.Struct, frozen=True):
    """A row that cannot be used: its line, and what is wrong with it. `original` is its text."""

    line: int
    faults: tuple[Fault, ...]
    original: str


class Files(Protocol):
    def chunks(self, upload: Upload) -> Iterator[bytes]:
        """The file from its beginning. Raises TransientError."""

    def put_rejected(self, upload: Upload, rows: Iterable[FaultyRow]) -> None:
        """Write the object of rejected rows. Raises TransientError."""


class Table(Protocol):
    def put(self, upload: Upload, rows: Sequence[tuple[int, Row]]) -> list[bool | None]:
        """Store rows with their lines. For each: None if it was stored by this upload, else whether what stands under
        its id has the same content. Raises TransientError.
        """


class Notices(Protocol):
    def publish(self, upload: Upload, state: State, facts: Mapping[str, Any]) -> None:
        """Raises TransientError."""


@dataclass(frozen=True)
class Validation:
    """An upload passes when at least `minimum_valid_percent` of its rows are valid."""

    files: Files
    statuses: Statuses
    minimum_valid_percent: int

    def run(self, upload: Upload) -> Outcome:
        """VALID, INVALID (the upload has FAILED), or OVERTAKEN. Raises TransientError."""
        step = Step(upload.attempt, State.VALIDATING)
        standing = self.statuses.advance(upload.upload_id, step, {"size": upload.size})
        if standing == Step(upload.attempt, State.FAILED):
            return Outcome.INVALID  # perhaps nobody was told yet
        if _is_overtaken(upload, standing):
            return Outcome.OVERTAKEN
        opened = open_file(upload.key, self.files.chunks(upload), REQUIRED, "")
        if isinstance(opened, Rejected):
            return self._fail(upload, "the file cannot be read", {"faults": _told([_faulty(opened)])})
        valid = invalid = 0
        first: list[FaultyRow] = []
        for batch in _batches(self.files, upload, opened):
            valid += len(batch.records)
            invalid += len(batch.rejected)
            first += map(_faulty, batch.rejected[: FAULTS_TOLD - len(first)])
        if invalid:
            batches = _batches(self.files, upload, opened)
            self.files.put_rejected(upload, (_faulty(one) for batch in batches for one in batch.rejected))
        rows = valid + invalid
        facts = {"rows": rows, "valid": valid, "invalid": invalid, "faults": _told(first)}
        if not rows:
            return self._fail(upload, "the file has a header and no row", facts)
        if valid * 100 < self.minimum_valid_percent * rows:
            reason = f"{valid} of {rows} rows are valid, and {self.minimum_valid_percent} % have to be"
            return self._fail(upload, reason, facts)
        self.statuses.note(upload.upload_id, step, facts)
        return Outcome.VALID

    def _fail(self, upload: Upload, reason: str, facts: Mapping[str, Any]) -> Outcome:
        failed = Step(upload.attempt, State.FAILED)
        standing = self.statuses.advance(upload.upload_id, failed, {"reason": reason, **facts})
        return Outcome.INVALID if standing == failed else Outcome.OVERTAKEN


@dataclass(frozen=True)
class Transformation:
    """Stores the valid rows in their one form."""

    files: Files
    statuses: Statuses
    table: Table

    def run(self, upload: Upload) -> Outcome:
        """STORED or OVERTAKEN. Raises TransientError."""
        step = Step(upload.attempt, State.TRANSFORMING)
        if _is_overtaken(upload, self.statuses.advance(upload.upload_id, step, {})):
            return Outcome.OVERTAKEN
        opened = open_file(upload.key, self.files.chunks(upload), REQUIRED, "")
        if isinstance(opened, Rejected):
            raise PermanentError(f"{upload.key} was readable when it was validated")
        counts = {"stored": 0, "present": 0, "conflicts": 0}
        lines: list[int] = []
        for batch in _batches(self.files, upload, opened):
            for (line, _), same in zip(batch.records, self.table.put(upload, batch.records), strict=True):
                counts["stored" if same is None else "present" if same else "conflicts"] += 1
                if same is False and len(lines) < FAULTS_TOLD:
                    lines.append(line)
        conflicts = _told([FaultyRow(line, (CONFLICT,), "") for line in lines])
        self.statuses.note(upload.upload_id, step, {**counts, "conflicting": conflicts})
        return Outcome.STORED


@dataclass(frozen=True)
class Notification:
    """Tells who waits for an upload how an attempt ended: once, or again where it is not known that they were told.

    Of an attempt one end is told, whatever several executions of it come to: success by the one execution that claimed
    to tell it, failure where it stands and nobody may have told success. Who is told nothing is told by a redrive.
    """

    statuses: Statuses
    notices: Notices

    def run(self, upload: Upload, outcome: Outcome, execution: str) -> bool:
        """Whether this execution told it. After STORED the upload is COMPLETED, once that was told.

        Raises TransientError.
        """
        facts = self.statuses.facts(upload.upload_id)
        if facts.get("told") == upload.attempt:
            return False
        told = {"told": upload.attempt}
        if outcome is Outcome.STORED:
            if not self.statuses.claim(upload.upload_id, Step(upload.attempt, State.TRANSFORMING), execution):
                return False
            self.notices.publish(upload, State.COMPLETED, facts)
            self.statuses.advance(upload.upload_id, Step(upload.attempt, State.COMPLETED), told)
            return True
        failed = Step(upload.attempt, State.FAILED)
        if (facts.get("attempt"), facts.get("state")) != (failed.attempt, failed.state) or _is_claimed(upload, facts):
            return False
        self.notices.publish(upload, State.FAILED, facts)
        self.statuses.note(upload.upload_id, failed, told)
        return True


def _is_overtaken(upload: Upload, standing: Step) -> bool:
    """Whether another attempt is at work, or this one is finished. A later step of it, without an end, was left by a
    workflow that died: the work begins again, and the status stays where it is.
    """
    return standing.attempt != upload.attempt or standing.is_final


def _is_claimed(upload: Upload, facts: Mapping[str, Any]) -> bool:
    """Whether an execution of this attempt claimed to tell success: it may have told it before it died."""
    return facts.get("telling") == upload.attempt


def _batches(files: Files, upload: Upload, opened: Opening) -> Iterator[Batch[Row]]:
    """The records of a file that was opened. It is read from its beginning, as the bytes of its header were."""
    chunks = _from(files.chunks(upload), opened.start.offset)
    return read_rows(Lines(chunks, opened.start), opened.header, Rows())


def _from(chunks: Iterator[bytes], offset: int) -> Iterator[bytes]:
    for chunk in chunks:
        if offset < len(chunk):
            return itertools.chain([chunk[offset:]], chunks)
        offset -= len(chunk)
    return iter(())


def _faulty(rejected: Rejected) -> FaultyRow:
    return FaultyRow(rejected.number, rejected.faults, rejected.original)


def _told(rows: Iterable[FaultyRow]) -> list[dict[str, Any]]:
    """What a status says of faulty rows: never their content."""
    return [{"line": row.line, "faults": [msgspec.to_builtins(fault) for fault in row.faults]} for row in rows]
