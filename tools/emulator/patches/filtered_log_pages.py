"""FilterLogEvents answers a page of at most 10,000 events, and a token for the next one.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html (`limit`, `nextToken`)

ministack answers no token, so that a log group seems to end at its 10,000th event. A token here is the time of the last
event that was answered and how many of that time were, as `<epoch ms>:<number>`.
"""

from __future__ import annotations

import json
from typing import Any, Final

from ministack.services import cloudwatch_logs

from tools.emulator import places

RESTORES: Final = "CloudWatch Logs: `FilterLogEvents` goes on after its 10,000th event"

_PAGE: Final = 10_000


def apply() -> None:
    filter_ = places.take(cloudwatch_logs, "_filter_log_events", "9b3d13c713b5")

    def filter_page(request: dict[str, Any]) -> Any:
        start, seen = request.get("startTime"), 0
        if token := request.get("nextToken"):
            start, seen = (int(part) for part in token.split(":"))
        limit = min(request.get("limit", _PAGE), _PAGE)
        # Events of the same millisecond that were returned before come again, and are left out.
        status, headers, body = filter_({**request, "startTime": start, "limit": min(limit + seen, _PAGE)})
        if status != 200:
            return status, headers, body
        answer = json.loads(body)
        found = answer["events"]
        answer["events"] = found[seen:]
        if answer["events"] and len(found) >= min(limit + seen, _PAGE):
            last = found[-1]["timestamp"]
            answer["nextToken"] = f"{last}:{sum(event['timestamp'] == last for event in found)}"
        return status, headers, json.dumps(answer).encode()

    places.put(cloudwatch_logs, "_filter_log_events", filter_page)
