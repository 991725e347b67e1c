"""From the text of a JSON object to a record, or to its faults."""

from __future__ import annotations

from collections.abc import Sequence

from functions.common.faults import Fault
from functions.common.fields import NotJsonError, parse_json
from functions.common.records.batches import (
    MAXIMUM_RECORD_BYTES,
    NOT_UTF8,
    TOO_LONG,
    Batch,
    Position,
    Record,
    Shape,
)


def judge(documents: Sequence[tuple[int, bytes]], end: Position, shape: Shape[Record]) -> Batch[Record]:
    """A batch of numbered JSON documents."""
    batch = Batch[Record](end)
    try:
        records = shape.from_json([raw for _, raw in documents])
        batch.records = [(number, record) for (number, _), record in zip(documents, records, strict=True)]
    except ValueError:
        for number, raw in documents:
            try:
                batch.records += [(number, record) for record in shape.from_json([raw])]
            except ValueError:
                document = _parsed(raw)
                batch.add(number, document if isinstance(document, list) else shape.read_json(document), raw)
    return batch


def _parsed(raw: bytes) -> dict[str, object] | list[Fault]:
    if len(raw) >= MAXIMUM_RECORD_BYTES:
        return [TOO_LONG]
    try:
        document = parse_json(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return [NOT_UTF8]
    except NotJsonError as error:
        return [Fault("$", error.code, str(error))]
    if not isinstance(document, dict):
        return [Fault("$", "not_an_object", "is not a JSON object")]
    return document
