"""What several rules check about keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from policies.model import MISSING, Resource, Undecidable, Unknown, options

_KEY_ARN = re.compile(r"arn:aws[\w-]*:kms:[a-z0-9-]+:\d{12}:key/[\w-]+")
_KEYS = ("aws_kms_key", "aws_kms_replica_key")


def not_customer_managed(value: Any, name: str) -> Iterator[str]:
    """Say why an attribute does not name a customer-managed key. Every value that the attribute can have must name one.

    Raises Undecidable for an input of a root module, and for a text that is put together.
    """
    for option in options(value):
        if option is MISSING or option == "":
            yield f"{name} is not set, or not in every case"
        elif isinstance(option, Unknown):
            yield from _not_from_a_key(option, name)
        elif not isinstance(option, str) or not _KEY_ARN.fullmatch(option):
            yield f"{name} is {option!r}, which is not a customer-managed key"


def _not_from_a_key(value: Unknown, name: str) -> Iterator[str]:
    sources = value.resources()
    if others := [resource.address for resource in sources if resource.type not in (*_KEYS, "aws_kms_alias")]:
        yield f"{name} comes from {', '.join(sorted(others))}, which is not a key"
    elif not sources or not value.whole:
        raise Undecidable(f"{name} is {value}, which cannot be traced to a key: pass on the output of the key itself")


def key_of(value: Any) -> Resource | None:
    """Return the key that an attribute names, or None when it is not a key of this configuration."""
    found = [
        resource for option in options(value) if isinstance(option, Unknown) for resource in option.resources(*_KEYS)
    ]
    return found[0] if found else None
