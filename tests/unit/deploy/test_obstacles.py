"""What is said before an apply on AWS begins."""

from __future__ import annotations

from typing import Any

import pytest

from tools.deploy import obstacles, quotas
from tools.deploy.target import Target
from tools.errors import Failure


class Logs:
    """CloudWatch Logs of an account, with these log groups."""

    def __init__(self, *groups: str) -> None:
        self.groups = groups

    def describe_log_groups(self, *, logGroupNamePrefix: str) -> dict[str, Any]:  # noqa: N803
        return {"logGroups": [{"logGroupName": name} for name in self.groups if name.startswith(logGroupNamePrefix)]}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An account with room for everything, where nothing was applied and API Gateway has logged before."""
    monkeypatch.setattr(quotas, "reservations", lambda *_: {})
    monkeypatch.setattr(Target, "client", lambda *_: Logs("/aws/apigateway/welcome"))
    monkeypatch.setattr(Target, "outputs_if_applied", lambda *_: {})
    return monkeypatch


def test_a_welcome_group_that_api_gateway_made_is_named_with_the_command_that_deletes_it(
    account: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(Failure, match="has made the log group /aws/apigateway/welcome") as raised:
        obstacles.check(Target("dev", None))
    assert "`aws logs delete-log-group --region us-east-1 --log-group-name /aws/apigateway/welcome`" in raised.value.do  # type: ignore[operator]


@pytest.mark.parametrize("units", ["us-east-1/webhooks", "us-east-1/account"])
def test_nothing_is_said_of_a_group_that_is_not_to_be_made_or_is_ours(account: pytest.MonkeyPatch, units: str) -> None:
    if units.endswith("account"):
        account.setattr(Target, "outputs_if_applied", lambda *_: {"api_log_role": {}})
    obstacles.check(Target("dev", None), units)


def test_all_that_stands_in_the_way_is_said_at_once(account: pytest.MonkeyPatch) -> None:
    account.setattr(quotas, "shortages", lambda *_: [Failure("too few", do="request more")])
    with pytest.raises(Failure, match="too few") as raised:
        obstacles.check(Target("dev", None))
    assert "request more" in str(raised.value)
    assert "delete-log-group" in str(raised.value)
