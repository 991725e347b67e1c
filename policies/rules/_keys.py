"""What several rules ask about keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from policies.model import MISSING, Resource, Undecidable, Unknown, options

_KEY_ARN = re.compile(r"arn:aws[\w-]*:kms:[a-z0-9-]+:\d{12}:key/[\w-]+")
_KEYS = ("aws_kms_key", "aws_kms_replica_key")


def not_customer_managed(value: Any, name: str) -> Iterator[str]:
    """Why the value of an attribute is no customer-managed key: every value that it may have must be one.

    Raises Undecidable for an input of a root module, or a text that is made up.
    """
    for option in options(value):
        if option is MISSING or option == "":
            yield f"{name} is not set, or may not be"
        elif isinstance(option, Unknown):
            yield from _not_from_a_key(option, name)
        elif not isinstance(option, str) or not _KEY_ARN.fullmatch(option):
            yield f"{name} is {option!r}, which is no customer-managed key"


def _not_from_a_key(value: Unknown, name: str) -> Iterator[str]:
    sources = value.resources()
    if others := [resource.address for resource in sources if resource.type not in (*_KEYS, "aws_kms_alias")]:
        yield f"{name} comes from {', '.join(sorted(others))}, which is no key"
    elif not sources or not value.whole:
        raise Undecidable(f"{name} is {value}, which cannot be followed to a key: hand on the key's own output")


def key_of(value: Any) -> Resource | None:
    """The key that an attribute names, when that is a key of this configuration."""
    found = [
        resource for option in options(value) if isinstance(option, Unknown) for resource in option.resources(*_KEYS)
    ]
    return found[0] if found else None
