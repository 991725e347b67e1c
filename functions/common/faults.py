"""What is wrong with an input, in a form that may be logged, stored and sent back."""

from __future__ import annotations

import msgspec


class Fault(msgspec.Struct, frozen=True):
    """One thing that is wrong: `field` is a path (`data.object.amount`, `$` for the whole), `code` is for machines,
    `message` is for people. None of the three holds a value of the input: it may be personal data.
    """

    field: str
    code: str
    message: str
