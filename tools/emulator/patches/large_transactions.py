"""A transaction of many items is checked once for what its items have in common.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html (up to 100 items)

AWS has machines for it. ministack parses the condition of each item three times, evaluates the caller's policies for
each item, and counts the write units of each index also for who does not ask: 100 conditional puts cost it some 35 ms
of the one core that it has.
"""

from __future__ import annotations

import functools
from contextvars import ContextVar
from typing import Any, Final

from ministack.core import iam_actions
from ministack.services import dynamodb

from tools.emulator import places

RESTORES: Final = "DynamoDB: a transaction of 100 items takes half as long (else functions wait for the emulator)"

_counting: ContextVar[bool] = ContextVar("counting", default=True)


def apply() -> None:
    checks = places.take(iam_actions, "dynamodb_transaction_checks", "684e748338e8")
    tokenize = functools.lru_cache(places.take(dynamodb, "_tokenize", "6abb13395c3e"))
    syntax_error = functools.lru_cache(places.take(dynamodb, "_condition_syntax_error", "5213f1ffac34"))

    write = places.take(dynamodb, "_transact_write_items", "d931eab08754")
    units = places.take(dynamodb, "_index_write_units", "29362ec98898")

    def different_checks(*arguments: Any) -> list[tuple[str, str]]:
        return [*dict.fromkeys(checks(*arguments))]

    def tokenize_once(expression: str) -> list[tuple[str, str]]:
        return [*tokenize(expression)]

    def find_syntax_error_once(expression: str, slot: str) -> Any:
        return syntax_error(expression, slot)

    def write_counting_if_asked(request: dict[str, Any]) -> Any:
        token = _counting.set(request.get("ReturnConsumedCapacity", "NONE") != "NONE")
        try:
            return write(request)
        finally:
            _counting.reset(token)

    def units_if_counting(*arguments: Any) -> float:
        return float(units(*arguments)) if _counting.get() else 0.0

    places.put(iam_actions, "dynamodb_transaction_checks", different_checks)
    places.put(dynamodb, "_tokenize", tokenize_once)
    places.put(dynamodb, "_condition_syntax_error", find_syntax_error_once)
    places.put(dynamodb, "_transact_write_items", write_counting_if_asked)
    places.put(dynamodb, "_index_write_units", units_if_counting)
