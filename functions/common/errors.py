"""Errors whose class tells the caller whether trying again can help.

Lambda hands the class's name to Step Functions as the error's name, and a `Retry` matches it literally. So code raises
`TransientError` itself, never a subclass of it.
"""

from __future__ import annotations


class PermanentError(Exception):
    """The same input will fail again: do not retry, give it to a person."""


class ItemTooLargeError(PermanentError):
    """A table does not take an item of this size."""


class TransientError(Exception):
    """A throttle, a timeout or a fault of a service: the same call may succeed in a moment."""
