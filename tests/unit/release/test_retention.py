"""The image that a function runs from is never one that the repository's lifecycle policy removes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.errors import Failure
from tools.project import ROOT
from tools.release.manifest import AWS, Artefact, artefacts
from tools.release.retention import KEPT, check_keeps_deployed

REPOSITORY = "event-processing-dev"
START = datetime(2026, 1, 1, tzinfo=UTC)


class Account:
    """A repository with the policy of the module, and one function: both clients in one."""

    def __init__(self, function: str) -> None:
        self.function = function
        self.images: dict[str, datetime] = {}
        self.deployed: str | None = None

    def push(self, version: int) -> None:
        self.images[f"{self.function}-{version}"] = START + timedelta(minutes=version)
        ours = sorted(tag for tag in self.images if tag.startswith(f"{self.function}-"))
        for tag in sorted(ours, key=self.images.__getitem__, reverse=True)[KEPT:]:
            del self.images[tag]

    def get_paginator(self, operation: str) -> Any:
        pages = {"describe_images": self._images, "list_functions": self._functions}[operation]

        class Paginator:
            def paginate(self, **_: object) -> list[dict[str, Any]]:
                return pages()

        return Paginator()

    def get_function(self, FunctionName: str) -> dict[str, Any]:  # noqa: N803
        return {"Code": {"ImageUri": f"111122223333.dkr.ecr.us-east-1.amazonaws.com/{REPOSITORY}:{self.deployed}"}}

    def _images(self) -> list[dict[str, Any]]:
        details = [{"imagePushedAt": when, "imageTags": [tag]} for tag, when in self.images.items()]
        return [{"imageDetails": details[:3]}, {"imageDetails": details[3:]}]

    def _functions(self) -> list[dict[str, Any]]:
        ours = [{"FunctionName": "ours", "PackageType": "Image"}] if self.deployed else []
        return [{"Functions": [{"FunctionName": "another", "PackageType": "Zip"}, *ours]}]


@cache
def artefact() -> Artefact:
    return artefacts(AWS, ["payment-events"])[0]


def check(account: Any) -> None:
    check_keeps_deployed(account, account, REPOSITORY, artefact())


@pytest.mark.requirement("EVT-31")
@given(st.lists(st.booleans(), max_size=4 * KEPT))
@settings(deadline=None)  # the first example finds the artefact
def test_whatever_is_pushed_and_deployed_the_image_that_runs_stays(deployments: list[bool]) -> None:
    account = Account(artefact().function)
    for version, deploys in enumerate(deployments):
        try:
            check(account)
        except Failure:
            newer = [tag for tag, when in account.images.items() if when > account.images[account.deployed or ""]]
            assert len(newer) == KEPT - 1, "refused too early"
            del account.images[newer[0]]  # what the message says
            check(account)
        account.push(version)
        if deploys:
            account.deployed = f"{account.function}-{version}"
        assert account.deployed is None or account.deployed in account.images


@pytest.mark.requirement("EVT-31")
def test_a_push_that_would_remove_the_image_that_runs_is_refused_with_what_to_do() -> None:
    account = Account(artefact().function)
    account.deployed = f"{account.function}-100"
    for version in range(100, 100 + KEPT):
        account.push(version)
    account.images["other-function-1"] = START
    with pytest.raises(Failure, match="would let the repository remove the one that is deployed") as caught:
        check(account)
    assert caught.value.where is not None
    assert caught.value.where.startswith(f"{REPOSITORY}:{account.deployed}, older than {KEPT - 1} images")
    assert "aws ecr batch-delete-image" in (caught.value.do or "")
    assert f"{account.function}-{100 + KEPT - 1}" in (caught.value.do or "")


def test_the_policy_keeps_as_many_images_as_a_push_counts() -> None:
    """The inventory of the module is compared with its plan."""
    inventory = yaml.safe_load((ROOT / "tests/plan/modules/image-repository/smallest.yaml").read_text())
    rules = inventory["values"]["aws_ecr_lifecycle_policy.this"]["policy"]["rules"]
    kept = {rule["selection"]["countNumber"] for rule in rules if rule["selection"]["tagStatus"] == "tagged"}
    assert kept == {KEPT}
