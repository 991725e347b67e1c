"""Card numbers do not belong here: whatever holds one by mistake is masked before it is kept.

Only for fields that people fill (a customer's reference, say). A provider's own reference may be 16 digits that pass
the Luhn check, as Adyen's older ones do, and has to stay what it is.
"""

from __future__ import annotations

import re

# 13 to 19 digits (ISO/IEC 7812-1), also in groups; major brands begin with 2 to 6.
_CANDIDATE = re.compile(r"(?<![0-9])[2-6](?:[ -]?[0-9]){12,18}(?![0-9])", re.ASCII)


def holds_card_number(text: str) -> bool:
    return any(_passes_luhn(_digits(match)) for match in _CANDIDATE.finditer(text))


def mask_card_numbers(text: str) -> str:
    """Leave the first six and last four digits, as PCI DSS 3.4 allows: "4111 1111 1111 1111" is "411111******1111"."""
    return _CANDIDATE.sub(_masked, text)


def _masked(match: re.Match[str]) -> str:
    digits = _digits(match)
    return f"{digits[:6]}{'*' * (len(digits) - 10)}{digits[-4:]}" if _passes_luhn(digits) else match.group()


def _digits(match: re.Match[str]) -> str:
    return match.group().replace(" ", "").replace("-", "")


def _passes_luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B: every second digit from the right doubled, the digits' sum a multiple of ten."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(int(digit) for digit in digits[-1::-2]) + sum(doubled)) % 10 == 0
