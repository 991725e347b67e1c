"""Newline-delimited JSON: each line that is not blank is a record, or is rejected with its faults."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from functions.common.records.batches import BATCH_SIZE, Batch, JsonShape, Record
from functions.common.records.json_records import judge
from functions.common.records.lines import Lines


def read_lines(lines: Lines, shape: JsonShape[Record]) -> Iterator[Batch[Record]]:
    """The lines of the stream. The last batch ends where the stream ends."""
    while True:
        lines.mark()
        start = lines.position
        if not lines.take(BATCH_SIZE):
            if lines.damage:
                yield Batch(start, rejected=[lines.damage], is_last=True)
            return
        documents = [
            (number, raw)
            for number, raw in enumerate(_without_mark(lines.raws, start.offset), start.number)
            if raw.strip()
        ]
        yield judge(documents, lines.position, shape)


def _without_mark(raws: list[bytes], offset: int) -> list[bytes]:
    return [raws[0].removeprefix(codecs.BOM_UTF8), *raws[1:]] if offset == 0 else raws
