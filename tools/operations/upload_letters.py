"""Dead letters of csv-upload: uploads whose workflow failed, or that could not start it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cached_property
from typing import Any, Final

import msgspec

from functions.csv_upload.logic.status import State
from functions.csv_upload.logic.steps import Input
from functions.csv_upload.logic.uploads import id_of
from tools.operations.dead_letters import UNREADABLE, DeadLetter

RULE: Final = "rule"
UNDELIVERED: Final = "undelivered"

# An Express execution ends after five minutes, and what it wrote last may be a little younger.
EXECUTION: Final = timedelta(minutes=6)


class UploadLetter(DeadLetter):
    """Two writers: the workflow, with its input and what failed; EventBridge, with the event of S3 or with what the
    rule makes of it (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html does not say which).
    """

    @cached_property
    def given(self) -> Input | None:
        """What the workflow was given, or would have been; None if the letter does not say."""
        try:
            return msgspec.convert(_input_of(self.body), Input)
        except (AttributeError, KeyError, TypeError, msgspec.ValidationError):
            return None

    @property
    def upload_id(self) -> str | None:
        return id_of(self.given.key) if self.given else None

    @property
    def step(self) -> str:
        return str(self.body.get("step", RULE)) if isinstance(self.body, dict) else "unknown"

    @property
    def error(self) -> str:
        """The step's error; UNDELIVERED if the rule could not start the workflow."""
        return str(self.body.get("error", UNDELIVERED)) if self.upload_id else UNREADABLE


def _input_of(body: Any) -> Any:
    if "detail" in body:
        stored = body["detail"]["object"]
        return {
            "bucket": body["detail"]["bucket"]["name"],
            "key": stored["key"],
            "version_id": stored["version-id"],
            "size": stored["size"],
        }
    return body["input"] if "step" in body else body


class Fate(Enum):
    START = "start"
    KEEP = "keep"
    DELETE = "delete"


@dataclass(frozen=True)
class Redrive:
    """What becomes of a letter. `attempt` is the one that starts."""

    fate: Fate
    attempt: int = 0


def redrive_of(letter: UploadLetter, facts: Mapping[str, Any], now: datetime) -> Redrive:
    """What becomes of a letter by what is known of its upload.

    Another execution may be at work, whose rows and status a new attempt would take over: the letter waits for its end.
    A COMPLETED upload has all its rows, so nothing is left to send.
    """
    attempt = max(letter.given.attempt if letter.given else 1, int(facts.get("attempt", 0)))
    match facts.get("state"):
        case State.COMPLETED:
            return Redrive(Fate.DELETE)
        case None | State.RECEIVED if letter.step == RULE:
            return Redrive(Fate.START, attempt)
        case None | State.FAILED:
            return Redrive(Fate.START, attempt + 1)
        case _ if now - datetime.fromisoformat(str(facts["updated_at"])) > EXECUTION:
            return Redrive(Fate.START, attempt + 1)
        case _:
            return Redrive(Fate.KEEP)
