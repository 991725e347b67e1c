"""The colours in the output of Terraform and Terragrunt."""

from __future__ import annotations

import re
from typing import Final

_ESCAPE: Final = re.compile(r"\x1b\[[0-9;]*m")


def without_colours(text: str) -> str:
    """A text without the escape sequences that colour it on a terminal."""
    return _ESCAPE.sub("", text)
