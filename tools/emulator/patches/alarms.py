"""Alarms are returned as they were put, also over the Query protocol of Terraform; only SetAlarmState changes them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html

ministack returns a stub for DescribeAlarms in XML, and drops metric math and some fields. It also evaluates alarms
without their dimensions, so one function's errors would set off another's alarm. So evaluation is off, and a test
changes an alarm with SetAlarmState. An action's topic must admit `cloudwatch.amazonaws.com`, as on AWS.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final
from xml.sax.saxutils import escape

from ministack.services import cloudwatch, sns

from tools.emulator import deliveries, places

RESTORES: Final = (
    "CloudWatch: the Query protocol returns alarms with metric math, dimensions and all actions; only SetAlarmState "
    "changes their state; they notify a topic whose policy allows CloudWatch"
)

_KEPT: Final = ("EvaluateLowSampleCountPercentile", "InsufficientDataActions", "Metrics", "ThresholdMetricId")
_OF_ONE_METRIC: Final = ("Dimensions", "ExtendedStatistic", "MetricName", "Namespace", "Period", "Statistic", "Unit")
_ACTIONS: Final = ("AlarmActions", "InsufficientDataActions", "OKActions")
_INTEGERS: Final = ("MaxRecords", "Period")
_BOOLEANS: Final = ("ReturnData",)


def apply() -> None:
    put = places.take(cloudwatch, "_put_metric_alarm", "953a67ff4bb1")
    describe = places.take(cloudwatch, "_describe_alarms", "ab8f092ff9ae")
    places.take(cloudwatch, "_evaluate_alarm", "a0b0acd3d432")
    act = places.take(cloudwatch, "_dispatch_alarm_actions", "fcf47c0d1e6e")

    def put_whole(params: Any, data: Any, is_cbor: bool, is_json: bool = False) -> Any:
        answer = put(params, data, is_cbor, is_json)
        request = data if is_cbor or is_json else nested(params)
        alarm = cloudwatch._alarms.get(request.get("AlarmName"))
        if answer[0] == 200 and alarm is not None:
            alarm |= {name: request[name] for name in _KEPT if name in request}
            if request.get("Metrics"):
                for name in _OF_ONE_METRIC:
                    alarm.pop(name, None)
            elif alarm.get("ExtendedStatistic"):
                alarm.pop("Statistic", None)
        return answer

    def describe_in_xml(params: Any, data: Any, is_cbor: bool, is_json: bool = False) -> Any:
        if is_cbor or is_json:
            return describe(params, data, is_cbor, is_json)
        status, _, body = describe({}, nested(params), False, True)
        if status != 200:
            return describe(params, data, is_cbor, is_json)
        found = json.loads(body)
        inner = "".join(_xml(name, value) for name, value in found.items())
        return cloudwatch._xml(200, "DescribeAlarmsResponse", f"<DescribeAlarmsResult>{inner}</DescribeAlarmsResult>")

    def act_where_admitted(alarm: dict[str, Any], *states: str) -> None:
        act(
            {**alarm, **{kind: [arn for arn in alarm.get(kind) or [] if _admits(arn, alarm)] for kind in _ACTIONS}},
            *states,
        )

    def leave(_: Any) -> None:
        """SetAlarmState alone changes an alarm."""

    places.put(cloudwatch, "_put_metric_alarm", put_whole)
    places.put(cloudwatch, "_describe_alarms", describe_in_xml)
    places.put(cloudwatch, "_evaluate_alarm", leave)
    places.put(cloudwatch, "_dispatch_alarm_actions", act_where_admitted)


def _admits(action_arn: str, alarm: dict[str, Any]) -> bool:
    """Whether CloudWatch may take an action; only topics are asked."""
    topic = sns._topic_by_arn_any_scope(action_arn)
    return topic is None or deliveries.policy_admits(
        topic["attributes"].get("Policy"), "cloudwatch.amazonaws.com", "sns:Publish", action_arn, alarm["AlarmArn"]
    )


def nested(params: dict[str, list[str]]) -> dict[str, Any]:
    """The parameters of a Query request as the structure that they spell out, numbers and truth values read.

    {"Metrics.member.1.Id": ["a"], "Metrics.member.1.Period": ["60"]} is {"Metrics": [{"Id": "a", "Period": 60}]}
    """
    tree: dict[str, Any] = {}
    for path, values in params.items():
        *parents, leaf = path.split(".")
        node = tree
        for name in parents:
            node = node.setdefault(name, {})
        node[leaf] = _read(leaf, cloudwatch._p({path: values}, path))
    return {name: _lists(value) for name, value in tree.items()}


def _read(name: str, text: str) -> Any:
    if name in _INTEGERS:
        return int(text)
    return text == "true" if name in _BOOLEANS else text


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value.keys() == {"member"}:
        return [_lists(value["member"][index]) for index in sorted(value["member"], key=int)]
    return {name: _lists(one) for name, one in value.items()}


def _xml(name: str, value: Any) -> str:
    """One element of an answer; what has no value is left out, and a moment is written as ISO 8601."""
    if value is None or value == "":
        return ""
    if isinstance(value, dict):
        content = "".join(_xml(key, one) for key, one in value.items())
    elif isinstance(value, list):
        content = "".join(_xml("member", one) for one in value)
    elif isinstance(value, bool):
        content = str(value).lower()
    elif name.endswith("Timestamp") and isinstance(value, int | float):
        content = datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    else:
        content = escape(str(value))
    return f"<{name}>{content}</{name}>"
