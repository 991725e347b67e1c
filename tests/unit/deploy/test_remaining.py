"""What an apply leaves to a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tools.deploy.remaining import left_to_do
from tools.deploy.target import Target
from tools.livetree.layout import Place
from tools.project import ROOT

DEV = ROOT / "live" / "dev"
OUTPUTS = {
    ("webhooks", "data"): {"signing_secret": {"arn": "arn:secret"}},
    ("webhooks", "monitoring"): {"alarm_topic": {"arn": "arn:topic"}},
}


class Account:
    """SNS and Secrets Manager of an account: whether the e-mail is confirmed, and the secret has a value."""

    def __init__(self, *, confirmed: bool, has_value: bool) -> None:
        self.subscription = "arn:aws:sns:us-east-1:111111111111:alarms:1" if confirmed else "PendingConfirmation"
        self.versions = {"1": ["AWSCURRENT"]} if has_value else {}

    def get_paginator(self, operation: str) -> Account:
        assert operation == "list_subscriptions_by_topic"
        return self

    def paginate(self, **_: str) -> Iterator[dict[str, Any]]:
        yield {"Subscriptions": []}
        yield {"Subscriptions": [{"Protocol": "email", "SubscriptionArn": self.subscription}]}

    def describe_secret(self, **_: str) -> Mapping[str, Any]:
        return {"VersionIdsToStages": self.versions} if self.versions else {}


def lines(monkeypatch: pytest.MonkeyPatch, account: Account, where: Path = DEV) -> list[str]:
    def outputs(_: Target, place: Place) -> Mapping[str, Any]:
        return OUTPUTS.get((place.system, place.unit), {})

    monkeypatch.setattr(Target, "client", lambda *_: account)
    monkeypatch.setattr(Target, "outputs_if_applied", outputs)
    return list(left_to_do(Target("dev", None), where))


def test_a_first_apply_names_the_secret_and_the_address_that_is_to_confirm(monkeypatch: pytest.MonkeyPatch) -> None:
    secret, alarms = lines(monkeypatch, Account(confirmed=False, has_value=False))
    assert "`tools/pipelines system rotate-secret webhooks --env dev --target aws`" in secret
    assert "devops-alerts@example.com" in alarms


def test_nothing_is_named_that_is_done_or_was_not_applied(monkeypatch: pytest.MonkeyPatch) -> None:
    assert lines(monkeypatch, Account(confirmed=True, has_value=True)) == []
    assert lines(monkeypatch, Account(confirmed=False, has_value=False), DEV / "us-east-1/payment-events") == []
