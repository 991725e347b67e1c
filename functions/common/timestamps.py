"""Times are aware datetimes in UTC in the code, and ISO 8601 text with milliseconds and a Z in documents."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

_ISO_8601 = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?"
    r"(?:(Z)|([+-])([0-9]{2}):?([0-9]{2}))?",
    re.ASCII,
)
_FORM = "not an ISO 8601 date and time"
_LATEST_EPOCH_SECONDS = 253_402_300_799  # 9999-12-31T23:59:59Z, the last second that a datetime holds


def parse_iso8601(text: str, *, default_zone: timezone | None = None) -> datetime:
    """Read a date and time of day: "2025-03-01T10:15:30.5+01:00" is 2025-03-01 09:15:30.5 UTC.

    Without an offset in the text the time is in `default_zone`. Raises ValueError for any other form, for a moment that
    does not exist, and without an offset when there is no default. The message says which of these it is.
    """
    moment = read_iso8601(text)
    if moment.tzinfo is None:
        if default_zone is None:
            raise ValueError("no offset from UTC")
        moment = moment.replace(tzinfo=default_zone)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("outside the years 1 to 9999") from error


def read_iso8601(text: str) -> datetime:
    """The date and time as written, with the offset as written; naive without one.

    Raises ValueError as `parse_iso8601` does, except for faults that only a conversion to UTC shows.
    """
    match = _ISO_8601.fullmatch(text)
    if match is None:
        raise ValueError(_FORM)
    day, time_of_day, fraction, utc, sign, hours, minutes = match.groups()
    if utc:
        zone: timezone | None = UTC
    elif sign:
        zone = _offset(sign, int(hours), int(minutes))
    else:
        zone = None
    return datetime.combine(_date(day), _time_of_day(time_of_day, fraction or "0"), zone)


def _date(day: str) -> date:
    try:
        return date.fromisoformat(day)
    except ValueError as error:
        raise ValueError(f"{_FORM}: there is no such day") from error


def _time_of_day(text: str, fraction: str) -> time:
    hour, minute, second = (int(part) for part in text.split(":"))
    try:
        return time(hour, minute, second, int(f"{fraction:0<6}"[:6]))
    except ValueError as error:
        raise ValueError(f"{_FORM}: there is no such time of day") from error


def _offset(sign: str, hours: int, minutes: int) -> timezone:
    if hours > 23 or minutes > 59:
        raise ValueError(f"{_FORM}: there is no such offset from UTC")
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if sign == "-" else offset)


def from_epoch(seconds: int, milliseconds: int = 0) -> datetime:
    """The moment that many seconds after 1970-01-01T00:00:00Z. Raises ValueError before 1970 and after 9999."""
    if not 0 <= seconds <= _LATEST_EPOCH_SECONDS:
        raise ValueError("outside the years 1970 to 9999")
    return datetime.fromtimestamp(seconds, UTC) + timedelta(milliseconds=milliseconds)


def to_text(moment: datetime) -> str:
    """Of fixed width, so that text sorts as time does: "2025-03-01T09:15:30.500Z"."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
