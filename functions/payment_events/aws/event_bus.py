"""The EventBridge bus that notifications go to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from functions.common.aws.clients import transient_errors
from functions.payment_events.logic.workflow import DETAIL_TYPE, EVENT_SOURCE

if TYPE_CHECKING:
    from types_boto3_events import EventBridgeClient


class EventBus:
    """A `functions.payment_events.logic.forwarding.Bus`."""

    def __init__(self, client: EventBridgeClient, name: str) -> None:
        self._client = client
        self._name = name

    def put(self, details: Sequence[str]) -> list[str | None]:
        with transient_errors("putting events on the bus"):
            answer = self._client.put_events(
                Entries=[
                    {"EventBusName": self._name, "Source": EVENT_SOURCE, "DetailType": DETAIL_TYPE, "Detail": detail}
                    for detail in details
                ]
            )
        # EventBridge returns the entries in their order; a refused one has a code instead of an id.
        return [entry.get("ErrorCode") for entry in answer["Entries"]]
