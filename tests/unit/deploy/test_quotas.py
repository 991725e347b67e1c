"""Whether an account has room for the concurrency that functions reserve."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tools.deploy import quotas
from tools.deploy.target import Target
from tools.errors import Failure

DEV = {f"function-{number}-dev": 100 for number in range(4)} | {f"function-{number}-dev": 10 for number in range(4, 6)}


class NotFound(Exception):
    pass


class Lambda:
    """Lambda of an account and region: its quota, and what its functions reserve."""

    exceptions = SimpleNamespace(ResourceNotFoundException=NotFound)

    def __init__(self, quota: int, reserved: dict[str, int]) -> None:
        self.quota = quota
        self.reserved = reserved

    def get_account_settings(self) -> dict[str, Any]:
        unreserved = self.quota - sum(self.reserved.values())
        return {"AccountLimit": {"ConcurrentExecutions": self.quota, "UnreservedConcurrentExecutions": unreserved}}

    def get_function_concurrency(self, *, FunctionName: str) -> dict[str, Any]:  # noqa: N803
        if FunctionName not in self.reserved:
            raise NotFound
        return {"ReservedConcurrentExecutions": self.reserved[FunctionName]}


def shortage(monkeypatch: pytest.MonkeyPatch, quota: int, reserved: dict[str, int]) -> Failure | None:
    """What an account lacks for dev."""
    monkeypatch.setattr(Target, "client", lambda *_: Lambda(quota, reserved))
    found = quotas.shortages(Target("dev", None), {"us-east-1": DEV})
    return found[0] if found else None


def test_a_new_account_is_told_which_quota_to_request(monkeypatch: pytest.MonkeyPatch) -> None:
    failure = shortage(monkeypatch, 10, {})
    assert failure is not None
    assert "takes 10 executions at once in us-east-1, 10 of them unreserved" in failure.problem
    assert "reserve 420 more" in failure.problem
    assert "--quota-code L-B99A9384 --region us-east-1 --desired-value 520`" in str(failure.do)
    assert "reserved_concurrency_percent in live/dev/environment.yaml" in str(failure.do)


@pytest.mark.parametrize(
    ("quota", "reserved", "room"),
    [
        pytest.param(520, {}, True, id="just enough"),
        pytest.param(519, {}, False, id="one too few"),
        pytest.param(1000, {"others": 480}, True, id="beside another deployment"),
        pytest.param(1000, {"others": 481}, False, id="beside one that leaves too little"),
        pytest.param(520, DEV, True, id="applied already"),
        pytest.param(520, {**DEV, "function-0-dev": 1}, True, id="applied with fewer"),
        pytest.param(10, dict.fromkeys(DEV, 0), False, id="switched off until now"),
        pytest.param(420, dict.fromkeys(DEV, 100), True, id="applied with more"),
    ],
)
def test_an_apply_needs_what_it_reserves_more_and_what_aws_keeps(
    monkeypatch: pytest.MonkeyPatch, quota: int, reserved: dict[str, int], room: bool
) -> None:
    assert (shortage(monkeypatch, quota, reserved) is None) == room
