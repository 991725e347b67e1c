"""Errors whose class says whether trying again can help.

Lambda gives Step Functions the class's name as the error's name, and a `Retry` matches it literally. So code raises
`TransientError` itself, never a subclass of it.
"""

from __future__ import annotations


class PermanentError(Exception):
    """The same input will fail again: do not retry, and let a person look at it."""


class ItemTooLargeError(PermanentError):
    """A table does not accept an item of this size."""


class TransientError(Exception):
    """A throttle, a timeout or a fault of a service: the same call may succeed in a moment."""
