"""The API of uploads: what it takes, and what it returns (CSV-02, CSV-03)."""

from __future__ import annotations

from collections.abc import Mapping
from email.message import Message
from typing import Any, Final, Protocol

import msgspec

from functions.common.errors import PermanentError
from functions.common.faults import Fault
from functions.common.records.batches import Rejected
from functions.common.records.csv_files import read_rows
from functions.common.records.formats import open_file
from functions.common.records.lines import Lines
from functions.csv_upload.logic.rows import REQUIRED, Rows
from functions.csv_upload.logic.status import State, Statuses, Step
from functions.csv_upload.logic.uploads import incoming_key, is_id, new_id, validated_key

# Lambda takes 6 MB a call, in which the body is base64.
MAXIMUM_BODY_BYTES: Final = 4 * 1024 * 1024
# What the workflow works off in the five minutes of an Express execution.
MAXIMUM_OBJECT_BYTES: Final = 50 * 1000 * 1000
PRESIGNED_SECONDS: Final = 900
MEDIA_TYPE: Final = "text/csv"

# What a status document has, in this order; the rest of an item is the system's own.
_TOLD: Final = (
    "upload_id", "state", "attempt", "received_at", "updated_at", "reason", "rows", "valid", "invalid", "stored",
    "present", "conflicts", "faults", "conflicting",
)  # fmt: skip


class Refused(PermanentError):
    """The request gets this status and error. `faults` say what is wrong with a line, without its values."""

    def __init__(self, status: int, error: str, faults: tuple[Fault, ...] = (), line: int = 0) -> None:
        super().__init__(error)
        self.status = status
        self.faults = faults
        self.line = line

    @property
    def content(self) -> dict[str, Any]:
        told = [{"line": self.line, **msgspec.to_builtins(fault)} for fault in self.faults]
        return {"error": str(self), **({"faults": told} if told else {})}


class Bucket(Protocol):
    def put(self, key: str, body: bytes) -> None:
        """Raises TransientError."""

    def presign(self, key: str, maximum_bytes: int, seconds: int) -> tuple[str, dict[str, str]]:
        """URL and fields of a form with which anyone may put an object under this key, for so long."""


class Api:
    def __init__(self, bucket: Bucket, statuses: Statuses) -> None:
        self._bucket = bucket
        self._statuses = statuses

    def take(self, headers: Mapping[str, str], body: bytes, base_url: str) -> tuple[int, dict[str, Any]]:
        """`POST /upload`: a file in the body. Raises Refused, TransientError."""
        _check_media_type(headers)
        if len(body) > MAXIMUM_BODY_BYTES:
            raise Refused(413, f"the file has over {MAXIMUM_BODY_BYTES} bytes: get a form for it by POST /uploads")
        _check_shape(body)
        upload_id = new_id()
        # The object first: an upload that is announced, and whose file never comes, would wait for ever.
        self._bucket.put(validated_key(upload_id), body)
        self._statuses.advance(upload_id, Step(1, State.RECEIVED), {"size": len(body)})
        return 202, {"upload_id": upload_id, "status": State.RECEIVED, "status_url": f"{base_url}/uploads/{upload_id}"}

    def announce(self, base_url: str) -> tuple[int, dict[str, Any]]:
        """`POST /uploads`: a form for a larger file, which S3 takes. Its status begins when the file is there."""
        upload_id = new_id()
        url, fields = self._bucket.presign(incoming_key(upload_id), MAXIMUM_OBJECT_BYTES, PRESIGNED_SECONDS)
        return 200, {
            "upload_id": upload_id,
            "url": url,
            "fields": fields,
            "expires_in_seconds": PRESIGNED_SECONDS,
            "maximum_bytes": MAXIMUM_OBJECT_BYTES,
            "status_url": f"{base_url}/uploads/{upload_id}",
        }

    def tell(self, upload_id: str) -> tuple[int, dict[str, Any]]:
        """`GET /uploads/{id}`. Raises Refused, TransientError."""
        facts = self._statuses.facts(upload_id) if is_id(upload_id) else {}
        if not facts:
            raise Refused(404, "there is no upload with this id, or its file has not arrived yet")
        # Why an attempt failed is kept, and says nothing of the next one.
        hidden = () if facts.get("state") == State.FAILED else ("reason",)
        return 200, {name: facts[name] for name in _TOLD if name in facts and name not in hidden}


def _check_media_type(headers: Mapping[str, str]) -> None:
    message = Message()
    message["content-type"] = headers.get("content-type", "")
    if message.get_content_type() != MEDIA_TYPE or not headers.get("content-type"):
        raise Refused(415, f"the Content-Type is not {MEDIA_TYPE}")
    if str(message.get_param("charset", "utf-8")).lower() not in ("utf-8", "utf8", "us-ascii"):
        raise Refused(415, "the charset is not utf-8")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise Refused(415, "the Content-Encoding is not identity: send the file as it is")


def _check_shape(body: bytes) -> None:
    """Whether it is CSV that has the columns and a row; its rows are the workflow's."""
    opened = open_file("upload.csv", [body], REQUIRED, "")
    if isinstance(opened, Rejected):
        raise Refused(400, "the file cannot be used", opened.faults, opened.number)
    lines = Lines([body[opened.start.offset :]], opened.start)
    first = next(read_rows(lines, opened.header, Rows()), None)
    if first is None:
        raise Refused(400, "the file has a header and no row")
