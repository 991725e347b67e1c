"""What the workflow gives each of its functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from functions.common.errors import PermanentError
from functions.csv_upload.logic.processing import Outcome
from functions.csv_upload.logic.uploads import Upload, id_of


class Input(msgspec.Struct, frozen=True):
    """`outcome` is that of the step before, None for the first one."""

    bucket: str
    key: str
    version_id: str
    size: int
    attempt: int = 1
    execution_arn: str = ""
    outcome: Outcome | None = None

    @property
    def upload(self) -> Upload:
        """Raises PermanentError for an object that is no upload's."""
        upload_id = id_of(self.key)
        if upload_id is None:
            raise PermanentError("the object is no upload: its key names no upload id where one belongs")
        return Upload(upload_id, self.bucket, self.key, self.version_id, self.size, self.attempt)


def read_input(event: Mapping[str, Any]) -> Input:
    """Raises ValueError for any other input."""
    return msgspec.convert(event, Input)
