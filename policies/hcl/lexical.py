"""What the reader and the writer of HCL share: where a name ends, and what an escape means.

Source: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md, "Identifiers" and "Template Literals".
"""

from __future__ import annotations

import re
from typing import Final

_ASCII_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_ESCAPE: Final = re.compile(r'\\(?:([nrt"\\])|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))')
_MEANING: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
WRITTEN: Final = {character: f"\\{mark}" for mark, character in _MEANING.items()}
"""How quoted text writes a character that it cannot hold as it is."""


def name_end(text: str, at: int) -> int:
    """The end of the name that begins at `at`; `at` itself where no name begins.

    A name is letters, digits, marks and hyphens of any script (Unicode's ID_Start and ID_Continue, which Python's own
    identifiers are made of), and begins with a letter or an underscore.
    """
    found = _ASCII_NAME.match(text, at)
    end = found.end() if found else at
    if end == at and (at >= len(text) or not text[at].isidentifier()):
        return at
    while end < len(text) and (text[end] == "-" or f"_{text[end]}".isidentifier()):
        end += 1
    return end


def escape(text: str, at: int) -> tuple[str, int]:
    r"""The character that the escape at `at` stands for, and where it ends: ("\n", 2) for "\\n" at 0.

    Raises ValueError, with a message for a person, for an escape that HCL does not have, and for one without a
    character (a surrogate, or a code beyond the last).
    """
    found = _ESCAPE.match(text, at)
    if found is None:
        known = r"\n, \r, \t, \", \\, \u with 4 and \U with 8 hexadecimal digits"
        raise ValueError(f"{text[at : at + 2]} is no escape; those of HCL are {known}")
    mark, short, long = found.groups()
    if mark:
        return _MEANING[mark], found.end()
    code = int(short or long, 16)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise ValueError(f"{found[0]} is no character")
    return chr(code), found.end()
