"""The topic that tells how uploads ended (CSV-13)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from functions.common.aws.clients import transient_errors
from functions.csv_upload.logic.status import State
from functions.csv_upload.logic.uploads import Upload, rejected_key

if TYPE_CHECKING:
    from types_boto3_sns import SNSClient

SYSTEM: Final = "csv-upload"
_NUMBERS: Final = ("rows", "valid", "invalid", "stored", "present", "conflicts")


class Topic:
    """functions.csv_upload.logic.processing.Notices."""

    def __init__(self, client: SNSClient, arn: str) -> None:
        self._client = client
        self._arn = arn

    def publish(self, upload: Upload, state: State, facts: Mapping[str, Any]) -> None:
        message = {
            "upload_id": upload.upload_id,
            "outcome": state,
            "attempt": upload.attempt,
            "counts": {name: int(facts[name]) for name in _NUMBERS if name in facts},
            "file": f"s3://{upload.bucket}/{upload.key}",
        }
        if facts.get("invalid"):
            message["rejected_rows"] = f"s3://{upload.bucket}/{rejected_key(upload.upload_id)}"
        if state is State.FAILED and "reason" in facts:
            message["reason"] = facts["reason"]
        attributes = {"outcome": state.value, "upload_id": upload.upload_id, "system": SYSTEM}
        with transient_errors("publishing how an upload ended"):
            self._client.publish(
                TopicArn=self._arn,
                Message=json.dumps(message),
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
                },
            )
