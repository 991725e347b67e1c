"""Card numbers and e-mail addresses: people write them into fields that are kept, but they must not be kept."""

from __future__ import annotations

import re

from functions.common.cards import mask_card_numbers

# An address as people write it, in any script (RFC 6531); in a web address the sign is %40.
_EMAIL = re.compile(r"[^\s@]+?(?:@|%40)[^\s@]+\.[^\s@]+", re.IGNORECASE)
_MASKED_EMAIL = "***@***"


def holds_email_address(text: str) -> bool:
    return _EMAIL.search(text) is not None


def mask_personal_data(text: str) -> str:
    """The text with card numbers and e-mail addresses masked: "ada@example.org, 4111111111111111" is
    "***@*** 411111******1111". A masked reference no longer distinguishes customers.
    """
    return mask_card_numbers(_EMAIL.sub(_MASKED_EMAIL, text))
