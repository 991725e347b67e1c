"""What tells the input of one run from another's."""

from __future__ import annotations

import random
import string
from typing import Final

_LETTERS: Final = 8


def new_run() -> str:
    """A run's id, of eight letters.

    It has no digits: with those of a count behind it they may be what looks like a card number, which is refused.
    """
    return "".join(random.choices(string.ascii_lowercase, k=_LETTERS))  # noqa: S311 -- a name, not a secret
