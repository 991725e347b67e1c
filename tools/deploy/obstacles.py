"""What would stop an apply on AWS half-way: found before it begins, with what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tools.deploy import quotas
from tools.deploy.target import Target
from tools.deploy.terragrunt import folder
from tools.errors import Failure
from tools.livetree import guard, layout
from tools.project import ROOT

# API Gateway makes it, without key and retention, when it is given a log role; `account/data` makes it before.
WELCOME: Final = "/aws/apigateway/welcome"


def check(target: Target, units: str = ".") -> None:
    """Raise Failure with everything that would stop an apply of these units of an environment on AWS."""
    if found := list(obstacles(target, units)):
        first, *others = found
        raise Failure(first.problem, where=first.where, do="\n".join([str(first.do), *map(str, others)]))


def check_set_up(target: Target) -> None:
    """Raise Failure if bootstrap has not prepared the account: Terragrunt would report it for each unit."""
    backend = next(iter(target.backends.values()))
    guard.check_backend((backend.bucket, backend.region, str(backend.kms_key)), target.environment)


def obstacles(target: Target, units: str = ".") -> Iterator[Failure]:
    """Everything that would stop an apply of the units in a folder below the environment's."""
    yield from quotas.shortages(target, quotas.reservations(target.environment, units))
    where = folder(target.environment, units)
    for place in layout.units(target.environment):
        to_apply = (ROOT / str(place)).is_relative_to(where)
        if place.system == layout.SHARED_SYSTEM and to_apply and not target.outputs_if_applied(place):
            yield from _welcome_group(target, place.region)


def _welcome_group(target: Target, region: str) -> Iterator[Failure]:
    found = target.client("logs", region).describe_log_groups(logGroupNamePrefix=WELCOME)["logGroups"]
    if any(group["logGroupName"] == WELCOME for group in found):
        yield Failure(
            f"API Gateway has made the log group {WELCOME}: account/data cannot make it with a key and a retention",
            where=f"account {target.account_id}, {region}",
            do=f"delete it (it holds one line of API Gateway's own): `aws logs delete-log-group --region {region} "
            f"--log-group-name {WELCOME}`",
        )
