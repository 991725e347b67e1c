"""A receive that does not wait asks some of a queue's servers, and finds nothing if the others have the messages.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html (short
polling, `WaitTimeSeconds` 0: a subset of the servers, false empty answers; long polling: all of them)

ministack returns every message at once, so code that takes an empty result for an empty queue would work. A queue has
three servers now, each message is on one of them, and each short poll leaves out another one.
"""

from __future__ import annotations

import contextvars
import hashlib
from collections import Counter
from typing import Any, Final

from ministack.services import sqs

from tools.emulator import places

RESTORES: Final = (
    "SQS: a receive without a wait leaves out a third of the messages (else an empty result looks like an empty queue)"
)

_SERVERS: Final = 3


def apply() -> None:
    receive = places.take(sqs, "_act_receive_message", "abc94f693de1")
    collect = places.take(sqs, "_collect_msgs", "308a6eb1b3d4")
    polls: Counter[str] = Counter()
    left_out: contextvars.ContextVar[int | None] = contextvars.ContextVar("left_out", default=None)

    async def receive_as_polled(data: dict[str, Any], queue_url: str) -> Any:
        url = data.get("QueueUrl", queue_url)
        wait = data.get("WaitTimeSeconds")
        if wait is None:
            wait = sqs._get_q(url)["attributes"].get("ReceiveMessageWaitTimeSeconds", "0")
        if int(wait) > 0:
            return await receive(data, queue_url)
        polls[url] += 1
        token = left_out.set(polls[url] % _SERVERS)
        try:
            return await receive(data, queue_url)
        finally:
            left_out.reset(token)

    def collect_from_those_asked(queue: dict[str, Any], number: int, visibility_s: int) -> Any:
        server = left_out.get()
        if server is None or queue["is_fifo"]:
            return collect(queue, number, visibility_s)
        asked = [message for message in queue["messages"] if _server_of(message["id"]) != server]
        return collect({**queue, "messages": asked}, number, visibility_s)

    places.put(sqs, "_act_receive_message", receive_as_polled)
    places.put(sqs, "_collect_msgs", collect_from_those_asked)


def _server_of(message_id: str) -> int:
    return hashlib.sha256(message_id.encode()).digest()[0] % _SERVERS
