"""What the stand-in says to a person."""

from __future__ import annotations

import sys
import threading
from typing import Final

STAND_IN: Final = "tools/livetree/standin/bin/terragrunt"

_PRINTING: Final = threading.Lock()


def note(text: str) -> None:
    """Print a whole text on standard error: units run side by side."""
    with _PRINTING:
        sys.stdout.flush()
        print(text, file=sys.stderr, flush=True)
