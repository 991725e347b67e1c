"""Looking for ids in log groups, within times that bound what CloudWatch Logs has to read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from tools.operations.queues import at_once

if TYPE_CHECKING:
    from types_boto3_logs import CloudWatchLogsClient

# Logs are written some time before and after an event is recorded.
AROUND: Final = timedelta(minutes=15)

# CloudWatch Logs takes 1,024 characters as a filter pattern.
MAXIMUM_PATTERN: Final = 1024


@dataclass(frozen=True)
class Window:
    start: datetime
    end: datetime

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%d %H:%M} to {self.end:%Y-%m-%d %H:%M}"


@dataclass(frozen=True)
class Line:
    """One entry of a log group, which is named as `groups` named it; `fields` is empty where it is no JSON object."""

    at: datetime
    group: str
    text: str

    @cached_property
    def fields(self) -> dict[str, Any]:
        try:
            read = json.loads(self.text)
        except ValueError:
            return {}
        return read if isinstance(read, dict) else {}


def windows_around(times: Iterable[datetime]) -> list[Window]:
    """The times within AROUND of some moments, those that overlap as one."""
    windows: list[Window] = []
    for moment in sorted(times):
        start, end = moment - AROUND, moment + AROUND
        if windows and start <= windows[-1].end:
            windows[-1] = Window(windows[-1].start, end)
        else:
            windows.append(Window(start, end))
    return windows


def find(
    logs: CloudWatchLogsClient, groups: Mapping[str, str], terms: Iterable[str], windows: Iterable[Window]
) -> list[Line]:
    """The entries of log groups that hold one of the terms, each once. `groups` is {what to call it: log group}.

    A group that does not exist holds nothing. Raises botocore's ClientError for what AWS refuses.
    """
    patterns = list(patterns_of(terms))
    searches = [(name, pattern, window) for name in groups for pattern in patterns for window in windows]

    def search(one: tuple[str, str, Window]) -> list[Line]:
        name, pattern, window = one
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=groups[name],
            filterPattern=pattern,
            startTime=_milliseconds(window.start),
            endTime=_milliseconds(window.end),
        )
        try:
            return [
                Line(datetime.fromtimestamp(event["timestamp"] / 1000, UTC), name, event["message"])
                for page in pages
                for event in page["events"]
            ]
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            return []

    return sorted({line for lines in at_once(search, searches) for line in lines}, key=lambda line: line.at)


def patterns_of(terms: Iterable[str]) -> Iterable[str]:
    """Filter patterns that together find every one of the terms as it stands in JSON.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html (`?"one" ?"other"`)
    """
    pattern = ""
    for term in sorted(set(terms)):
        in_json = json.dumps(term, ensure_ascii=False)[1:-1]
        quoted = '?"' + in_json.replace("\\", "\\\\").replace('"', '\\"') + '"'
        if pattern and len(pattern) + 1 + len(quoted) > MAXIMUM_PATTERN:
            yield pattern
            pattern = ""
        pattern = f"{pattern} {quoted}".strip()
    if pattern:
        yield pattern


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
