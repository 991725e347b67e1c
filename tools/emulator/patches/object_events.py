"""The event of an object that has a version names the version.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html (`version-id`)

ministack leaves it out, so that nobody can tell which of several versions an event is about.
"""

from __future__ import annotations

import inspect
import json
from contextvars import ContextVar
from typing import Any, Final

from ministack.services import eventbridge, s3

from tools.emulator import places

RESTORES: Final = "S3: events on the default bus name the version of the object"

# The version that the event of this context is about.
_version: ContextVar[str | None] = ContextVar("version_of_event", default=None)


def apply() -> None:
    fire = places.take(s3, "_fire_s3_event", "2ab38cfade76")
    dispatch = places.take(eventbridge, "_dispatch_event", "d1bfe064f602")
    signature = inspect.signature(fire)

    def fire_with_version(*arguments: Any, **named: Any) -> None:
        _version.set(signature.bind(*arguments, **named).arguments.get("version_id"))
        fire(*arguments, **named)

    def dispatch_with_version(event: dict[str, Any], *rest: Any) -> Any:
        version = _version.get()
        if version and event.get("Source") == "aws.s3":
            detail = json.loads(event["Detail"])
            detail["object"]["version-id"] = version
            event = {**event, "Detail": json.dumps(detail)}
        return dispatch(event, *rest)

    places.put(s3, "_fire_s3_event", fire_with_version)
    places.put(eventbridge, "_dispatch_event", dispatch_with_version)
