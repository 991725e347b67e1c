"""A log line in the embedded metric format becomes metrics.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

ministack stores the line only, so that dashboards and alarms would see nothing of what functions measure.
"""

from __future__ import annotations

import json
from typing import Any, Final

from ministack.services import cloudwatch, lambda_svc

from tools.emulator import places

RESTORES: Final = "Lambda: log lines in the embedded metric format become CloudWatch metrics"


def apply() -> None:
    emit_logs = places.take(lambda_svc, "_emit_lambda_logs", "111efbf06968")

    def emit_logs_and_metrics(
        function: dict[str, Any], request_id: str, log_text: str, *arguments: Any, **options: Any
    ) -> None:
        for line in (log_text or "").splitlines():
            if '"_aws"' in line:
                _record(line)
        emit_logs(function, request_id, log_text, *arguments, **options)

    places.put(lambda_svc, "_emit_lambda_logs", emit_logs_and_metrics)


def _record(line: str) -> None:
    """Record the metrics of one line; a line that does not keep to the format makes none, as on AWS."""
    try:
        entry = json.loads(line)
        for directive in entry["_aws"]["CloudWatchMetrics"]:
            for dimensions in directive.get("Dimensions") or [[]]:
                named = {name: str(entry[name]) for name in dimensions}
                for metric in directive["Metrics"]:
                    value = entry[metric["Name"]]
                    for one in value if isinstance(value, list) else [value]:
                        cloudwatch.record_metric(
                            directive["Namespace"], metric["Name"], float(one), metric.get("Unit", "None"), named
                        )
    except (KeyError, TypeError, ValueError) as error:
        lambda_svc.logger.warning("a log line is no embedded metric: %r", error)
