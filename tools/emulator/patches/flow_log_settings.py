"""A flow log keeps the role, the format and the interval that it was created with, and its tags.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FlowLog.html
https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html (default format)

ministack keeps none of them, so that the second plan replaces the flow log.
"""

from __future__ import annotations

from typing import Any, Final
from xml.sax.saxutils import escape

from ministack.services import ec2

from tools.emulator import places

RESTORES: Final = "EC2: a flow log keeps its role, format, interval and tags (else the second plan replaces it)"

_DEFAULT_FORMAT: Final = (
    "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} "
    "${bytes} ${start} ${end} ${action} ${log-status}"
)
_KEPT: Final = {
    "DeliverLogsPermissionArn": ("deliverLogsPermissionArn", ""),
    "LogFormat": ("logFormat", _DEFAULT_FORMAT),
    "MaxAggregationInterval": ("maxAggregationInterval", "600"),
}


def apply() -> None:
    create = places.take(ec2, "_create_flow_logs", "8882a038ef8e")
    describe = places.take(ec2, "_describe_flow_logs", "f05c0ab7a201")

    def create_with_settings(params: Any) -> Any:
        before = set(ec2._flow_logs)
        answer = create(params)
        for created in set(ec2._flow_logs) - before:
            kept = {name: ec2._p(params, name) or default for name, (_, default) in _KEPT.items()}
            ec2._flow_logs[created].update(kept)
            ec2._parse_tag_specs(params, "vpc-flow-log", created)
        return answer

    def describe_with_settings(params: Any) -> Any:
        status, headers, body = describe(params)
        text = body.decode()
        for log in ec2._flow_logs.values():
            fields = "".join(
                f"<{element}>{escape(log[name])}</{element}>" for name, (element, _) in _KEPT.items() if log.get(name)
            )
            named = f"<flowLogId>{log['FlowLogId']}</flowLogId>"
            text = text.replace(named, named + fields)
        return status, headers, text.encode()

    places.put(ec2, "_create_flow_logs", create_with_settings)
    places.put(ec2, "_describe_flow_logs", describe_with_settings)
