"""Writing HCL."""

from __future__ import annotations

import re
from typing import Final

from policies.hcl.lexical import WRITTEN

_TO_ESCAPE: Final = re.compile(r'["\\\x00-\x1f\x7f]')


def quoted(text: str) -> str:
    """A text as HCL writes it: between quotes, with escapes, and no template in it."""
    escaped = _TO_ESCAPE.sub(lambda found: WRITTEN.get(found[0], f"\\u{ord(found[0]):04x}"), text)
    return f'"{escaped}"'.replace("${", "$${").replace("%{", "%%{")
