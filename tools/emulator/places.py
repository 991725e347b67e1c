"""The places in ministack that patches change: only while their source is the same as when the patch was written."""

from __future__ import annotations

import functools
import hashlib
import inspect
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from tools.errors import Failure


def take(owner: ModuleType | type, name: str, fingerprint: str) -> Callable[..., Any]:
    """The function `owner.name`, once its source is seen to be the one that a patch was written against.

    Another patch may have wrapped the function already; what is compared is ministack's own source.
    Raises Failure when the function is gone or reads differently (`fingerprint_of` gives the new fingerprint).
    """
    function: Callable[..., Any] | None = getattr(owner, name, None)
    where = f"{owner.__name__}.{name}"
    if function is None:
        raise _misplaced(where, "it does not exist")
    try:
        found = fingerprint_of(function)
    except OSError:
        raise _misplaced(where, "it has no source") from None
    if found != fingerprint:
        raise _misplaced(where, f"its source has the fingerprint {found}, not {fingerprint}")
    return function


def fingerprint_of(function: Callable[..., Any]) -> str:
    """The first 12 hexadecimal digits of the SHA-256 of a function's source, beneath whatever wraps it."""
    return digest(inspect.getsource(inspect.unwrap(function)))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def put(owner: ModuleType | type, name: str, replacement: Callable[..., Any]) -> None:
    """Put a function in the place of `owner.name`, and wherever a module of ministack already holds the one before.

    That is a name imported from `owner`, or a value in a table of handlers at the top of a module.
    """
    before = getattr(owner, name)
    functools.update_wrapper(replacement, before)
    setattr(owner, name, replacement)
    for module in [module for key, module in sys.modules.items() if key.startswith("ministack.")]:
        for held, value in list(vars(module).items()):
            if value is before:
                setattr(module, held, replacement)
            elif isinstance(value, dict):
                for key in [key for key, entry in value.items() if entry is before]:
                    value[key] = replacement


def require_text(where: str, text: str, part: str) -> None:
    """Raise Failure unless `part` stands exactly once in a text of ministack's."""
    if text.count(part) != 1:
        raise _misplaced(where, f"it holds {text.count(part)} times, not once: {part!r}")


def _misplaced(where: str, what: str) -> Failure:
    return Failure(
        f"the place of this patch is not as expected: {what}",
        where=where,
        do="install the pinned emulator (`make setup`), or adapt the patch to the new one and see its test pass",
    )
