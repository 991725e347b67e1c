"""The whole life of a payment: every event that the provider sends of it, and what they come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Step:
    """One notification, what it reads as ("type/operation"), and what it adds to the merchant's money."""

    notification: Mapping[str, Any]
    what: str
    net: int = 0


@dataclass(frozen=True)
class Lifecycle:
    """`balance` is what the provider shows in the end, before fees: (payment reference, currency) to minor units."""

    name: str
    steps: list[Step]
    balance: Mapping[tuple[str, str], int]
