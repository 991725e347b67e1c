"""What the processor sends: reports of records, and segments for other functions."""

from __future__ import annotations

from collections.abc import Sequence

from functions.common.aws.queues import Queue
from functions.common.messages import as_message
from functions.transaction_files.logic.reports import Report
from functions.transaction_files.logic.segments import Segment


class Queues:
    """The main queue and that of dead letters (functions.transaction_files.logic.processing.Outbox)."""

    def __init__(self, main: Queue, dead_letters: Queue) -> None:
        self._main = main
        self._dead_letters = dead_letters

    def report(self, reports: Sequence[Report]) -> None:
        self._dead_letters.send_all([report.encode() for report in reports])

    def hand_on(self, segments: Sequence[Segment]) -> None:
        self._main.send_all([as_message(segment) for segment in segments])
