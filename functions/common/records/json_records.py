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
    JsonShape,
    Position,
    Record,
)


def judge(documents: Sequence[tuple[int, bytes]], end: Position, shape: JsonShape[Record]) -> Batch[Record]:
    """A batch of numbered JSON documents."""

    def explain(raw: bytes) -> Record | list[Fault]:
        document = _parsed(raw)
        return document if isinstance(document, list) else shape.read_json(document)

    batch = Batch[Record](end)
    if documents:
        batch.judge([(number, raw, raw) for number, raw in documents], shape.from_json, explain)
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
