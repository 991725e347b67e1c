"""What ministack lacks of AWS, one module a gap, named after what it restores.

Each module says in its docstring what AWS does and where AWS says so, has `RESTORES` (the gap in one line, for
docs/emulator.md) and `apply()`, which takes its places in ministack (`tools.emulator.places`) and fills them.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from importlib import metadata
from typing import Final

from tools.errors import Failure

WRITTEN_AGAINST: Final = "1.5.33"


def names() -> list[str]:
    """The patches, in the order in which they are applied."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def apply_all() -> Iterator[str]:
    """Apply every patch; yields the name of each once it is in place.

    Raises Failure, with the patch's name, when one does not find its place.
    """
    installed = metadata.version("ministack")
    for name in names():
        try:
            importlib.import_module(f"{__name__}.{name}").apply()
        except Failure as failure:
            raise Failure(
                f"the patch {name} does not fit ministack {installed} (it was written against {WRITTEN_AGAINST}): "
                f"{failure.problem}",
                where=failure.where,
                do=failure.do,
            ) from None
        yield name
