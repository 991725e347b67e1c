"""Settings come from environment variables. A wrong one stops the cold start with an error that names it."""

from __future__ import annotations

import os


class SettingError(Exception):
    """An environment variable of the function is missing or wrong."""


def text(name: str) -> str:
    """Raises SettingError when the variable is not set, or empty."""
    value = os.environ.get(name, "")
    if not value:
        raise SettingError(f"{name} is not set: the function's environment has to name it")
    return value


def flag(name: str) -> bool:
    """Raises SettingError for anything but `true` and `false`."""
    value = text(name)
    if value not in ("true", "false"):
        raise SettingError(f"{name} is {value!r}: it takes true or false")
    return value == "true"


def positive_integer(name: str) -> int:
    """Raises SettingError for anything but an integer of 1 or more."""
    value = text(name)
    if not (value.isascii() and value.isdigit() and int(value) > 0):
        raise SettingError(f"{name} is {value!r}: it takes an integer of 1 or more")
    return int(value)
