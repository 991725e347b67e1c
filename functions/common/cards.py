"""Card numbers must not be kept: text that holds one by mistake is masked first.

This is for fields that people fill, such as a customer's reference. A provider's own reference may be 16 digits that
pass the Luhn check, as older ones of Adyen's do, and it has to stay unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# 13 to 19 digits (ISO/IEC 7812-1); those of the major brands begin with 2 to 6. The digits have single blanks or
# hyphens between them, or come in groups of four (American Express: four, six, five) with another sign between them.
_CANDIDATES = (
    re.compile(r"[2-6](?:[ -]?[0-9]){12,18}", re.ASCII),
    re.compile(r"[2-6][0-9]{3}([^0-9A-Za-z])[0-9]{4}\1[0-9]{4}\1[0-9]{1,4}(?:\1[0-9]{1,3})?", re.ASCII),
    re.compile(r"3[0-9]{3}([^0-9A-Za-z])[0-9]{6}\1[0-9]{4,5}", re.ASCII),
)
_START = re.compile(r"(?<![0-9])[2-6]", re.ASCII)
_NO_DIGIT = re.compile(r"[^0-9]", re.ASCII)


# About one in a hundred random hexadecimal identifiers has 13 or more digits in a row, and one in ten of these passes
# the Luhn check. Such an identifier is a UUID, or 24 characters or more (a hash, an ObjectId) with at least one letter.
_RANDOM_IDENTIFIER = re.compile(
    r"(?<![0-9A-Fa-f])(?=[0-9-]*[A-Fa-f])(?:[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[0-9A-Fa-f]{24,})"
    r"(?![0-9A-Fa-f])",
    re.ASCII,
)


def holds_card_number(text: str) -> bool:
    """Not within a random identifier: otherwise some events whose id is a UUID would be refused by chance."""
    return any(True for _ in _card_numbers(_RANDOM_IDENTIFIER.sub("", text)))


def mask_card_numbers(text: str) -> str:
    """Keep the first six and last four digits, as PCI DSS 3.4 allows: "4111 1111 1111 1111" is "411111******1111"."""
    masked, position = "", 0
    for start, end in _card_numbers(text):
        digits = _NO_DIGIT.sub("", text[start:end])
        masked += f"{text[position:start]}{digits[:6]}{'*' * (len(digits) - 10)}{digits[-4:]}"
        position = end
    return masked + text[position:]


def _card_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Where each begins and ends. Other digits may surround it, as in "4111 1111 1111 1111 12/30"."""
    position = 0
    for start in _START.finditer(text):
        if start.start() >= position:
            ends = (end for end in _ends(text, start.start()) if _is_card_number(text[start.start() : end]))
            position = next(ends, position)
            if position > start.start():
                yield start.start(), position


def _ends(text: str, start: int) -> Iterator[int]:
    """Where a number that begins there may end, the longest first: after a group of digits, never inside one."""
    for candidate in _CANDIDATES:
        match = candidate.match(text, start)
        for end in range(match.end() if match else start, start, -1):
            if _NO_DIGIT.match(text, end - 1) is None and (end == len(text) or _NO_DIGIT.match(text, end)):
                yield end


def _is_card_number(text: str) -> bool:
    digits = _NO_DIGIT.sub("", text)
    return 13 <= len(digits) <= 19 and _passes_luhn(digits)


def _passes_luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B: every second digit from the right doubled, and the digits' sum a multiple of ten."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(int(digit) for digit in digits[-1::-2]) + sum(doubled)) % 10 == 0
