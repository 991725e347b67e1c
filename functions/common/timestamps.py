"""Times are aware datetimes in UTC inside, and ISO 8601 text with milliseconds and a Z outside."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

_ISO_8601 = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?"
    r"(?:(Z)|([+-])([0-9]{2}):?([0-9]{2}))?",
    re.ASCII,
)
_LATEST_EPOCH_SECONDS = 253_402_300_799  # 9999-12-31T23:59:59Z, the last second that a datetime holds


def parse_iso8601(text: str, *, default_zone: timezone | None = None) -> datetime:
    """Read a date and time of day: "2025-03-01T10:15:30.5+01:00" is 2025-03-01 09:15:30.5 UTC.

    Without an offset in the text the time is in `default_zone`. Raises ValueError for any other form, for a moment that
    does not exist, and without an offset when there is no default.
    """
    match = _ISO_8601.fullmatch(text)
    if match is None:
        raise ValueError("not an ISO 8601 date and time")
    date, time, fraction, utc, sign, hours, minutes = match.groups()
    if utc:
        zone: timezone | None = UTC
    elif sign:
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        zone = timezone(-offset if sign == "-" else offset)
    else:
        zone = default_zone
    if zone is None:
        raise ValueError("no offset from UTC")
    microsecond = int(f"{fraction or '0':0<6}"[:6])
    moment = datetime.fromisoformat(f"{date}T{time}").replace(microsecond=microsecond, tzinfo=zone)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("outside the years 1 to 9999") from error


def from_epoch(seconds: int, milliseconds: int = 0) -> datetime:
    """The moment so many seconds after 1970-01-01T00:00:00Z. Raises ValueError before 1970 and after 9999."""
    if not 0 <= seconds <= _LATEST_EPOCH_SECONDS:
        raise ValueError("outside the years 1970 to 9999")
    return datetime.fromtimestamp(seconds, UTC) + timedelta(milliseconds=milliseconds)


def to_text(moment: datetime) -> str:
    """Of fixed width, so that text sorts as time does: "2025-03-01T09:15:30.500Z"."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
