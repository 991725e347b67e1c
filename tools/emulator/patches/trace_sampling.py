"""Of the invocations of a traced function, the first in each second is sampled, and 5 % of the others.

https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html ("1 request per second and 5 percent of additional
requests"; it cannot be configured)
https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader (`Sampled=0`)

ministack samples every invocation, so that each pays for segments that on AWS few do.
"""

from __future__ import annotations

import random
import time
from typing import Any, Final

from ministack.services import lambda_svc

from tools.emulator import places

RESTORES: Final = "Lambda: traces are sampled, one invocation a second and 5 % of the others"

_SHARE_OF_OTHERS: Final = 0.05


def apply() -> None:
    name_trace = places.take(lambda_svc, "_xray_trace_id_for_invocation", "46cbd1c5214a")
    last_sampled: dict[str, int] = {}

    def name_and_sample(config: dict[str, Any], inbound_trace_header: str | None = None) -> str | None:
        trace: str | None = name_trace(config, inbound_trace_header)
        if trace is None or inbound_trace_header:
            return trace
        function, second = config["FunctionArn"], int(time.time())
        if last_sampled.get(function) != second:
            last_sampled[function] = second
            return trace
        sampled = random.random() < _SHARE_OF_OTHERS  # noqa: S311 - which trace is kept is no secret
        return trace if sampled else trace.replace("Sampled=1", "Sampled=0")

    places.put(lambda_svc, "_xray_trace_id_for_invocation", name_and_sample)
