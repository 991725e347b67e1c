"""An upload: its identity, and where its file, and what is wrong with it, are in the bucket."""

from __future__ import annotations

import re
import secrets
import time
from typing import Final

import msgspec

INCOMING: Final = "incoming/"
VALIDATED: Final = "validated/"
REJECTED: Final = "rejected/"

_ID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_KEY: Final = re.compile(rf"(?:{INCOMING}|{VALIDATED}[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}/)(?P<id>{_ID})\.csv", re.ASCII)


class Upload(msgspec.Struct, frozen=True):
    """One version of an object that holds an upload. `attempt` counts from 1; a redrive is another one."""

    upload_id: str
    bucket: str
    key: str
    version_id: str
    size: int
    attempt: int = 1


def new_id() -> str:
    """A UUID of version 7 (RFC 9562, section 5.7): in the order of time, to the millisecond."""
    random = secrets.randbits(74)
    value = (time.time_ns() // 1_000_000) << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | random & (1 << 62) - 1
    digits = f"{value:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def is_id(text: str) -> bool:
    return re.fullmatch(_ID, text, re.ASCII) is not None


def day_of(upload_id: str) -> str:
    """The day on which an upload got its id (UTC): "2026-03-01"."""
    return time.strftime("%Y-%m-%d", time.gmtime(int(upload_id[:8] + upload_id[9:13], 16) / 1000))


def incoming_key(upload_id: str) -> str:
    """Where a client of `POST /uploads` puts the file."""
    return f"{INCOMING}{upload_id}.csv"


def validated_key(upload_id: str) -> str:
    """Where `POST /upload` puts the file, once its header is seen to be right."""
    return f"{VALIDATED}{day_of(upload_id)}/{upload_id}.csv"


def rejected_key(upload_id: str) -> str:
    """Where the rows that cannot be used are, with what is wrong with each: a JSON object a line."""
    return f"{REJECTED}{day_of(upload_id)}/{upload_id}.json"


def id_of(key: str) -> str | None:
    """Whose file an object is; None if it is none of an upload."""
    found = _KEY.fullmatch(key)
    return found["id"] if found else None
