"""FilterLogEvents reads terms as CloudWatch Logs does: phrases in quotes, alternatives, exclusions, case.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html ("Using filter patterns to match
terms in unstructured log events": `"two words"`, `?ONE ?OTHER`, `-NOT`; matching is case-sensitive)

ministack breaks a phrase at its spaces, takes `?` for any one letter, and asks for all terms. A pattern in braces (of
JSON fields) or brackets (of columns) still matches everything.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from ministack.services import cloudwatch_logs

from tools.emulator import places

RESTORES: Final = (
    "CloudWatch Logs: filter patterns of terms, with phrases in quotes, `?` for alternatives, case-sensitive"
)

_TERM: Final = re.compile(r'([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))')


def apply() -> None:
    places.take(cloudwatch_logs, "_compile_filter_pattern", "2568f38b5614")
    places.put(cloudwatch_logs, "_compile_filter_pattern", _matcher)


def _matcher(pattern: str) -> Callable[[str], bool]:
    if not pattern or pattern.strip().startswith(("{", "[")):
        return lambda _: True
    terms: dict[str, list[str]] = {"": [], "?": [], "-": []}
    for sign, phrase, word in _TERM.findall(pattern):
        terms[sign].append(re.sub(r"\\(.)", r"\1", phrase) or word)
    required, optional, excluded = terms.values()

    def matches(message: str) -> bool:
        return (
            all(term in message for term in required)
            and not any(term in message for term in excluded)
            and (not optional or bool(required) or any(term in message for term in optional))
        )

    return matches
