"""Whether an account has room for what is about to be applied: functions reserve concurrency out of one quota.

AWS keeps 100 concurrent executions of an account and region for functions that reserve none. It refuses a reservation
that would use some of them. The quota is 1000, or 10 on a new account, so without this check an apply would stop
half-way.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from tools.deploy.target import Target
from tools.deploy.terragrunt import folder
from tools.errors import Failure
from tools.livetree.combined import plan_environment
from tools.livetree.layout import SETTINGS_FILE
from tools.livetree.reading.tree import discover

UNRESERVED: Final = 100
# "Concurrent executions" of Lambda: https://docs.aws.amazon.com/general/latest/gr/lambda-service.html
QUOTA_CODE: Final = "L-B99A9384"

Reservations = Mapping[str, Mapping[str, int]]


def reservations(environment: str, units: str = ".") -> Reservations:
    """What the functions of an environment's units reserve: region -> function -> concurrent executions.

    `units` is a folder below the environment's. It comes from a plan, which does not call AWS.
    """
    where = folder(environment, units)
    wanted = {"_".join(path.parts[-3:]) for path in discover(where)}
    plan = plan_environment(environment)
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for module in plan["planned_values"]["root_module"]["child_modules"]:
        name = module["address"].removeprefix("module.")
        if name in wanted:
            for function in _functions(module):
                reserved = function["reserved_concurrent_executions"]
                found[name.partition("_")[0]][function["function_name"]] = max(reserved, 0)
    return found


def shortages(target: Target, wanted: Reservations) -> list[Failure]:
    """What is missing in each region: the problem, and the quota to request. Empty where there is room for all."""
    return [
        Failure(
            f"Lambda takes {limit} executions at once in {region}, {unreserved} of them unreserved: the functions to "
            f"apply reserve {more} more, and AWS keeps {UNRESERVED} unreserved",
            where=f"account {target.account_id}, quota {QUOTA_CODE}",
            do=f"request {limit + missing} or more: `aws service-quotas request-service-quota-increase "
            f"--service-code lambda --quota-code {QUOTA_CODE} --region {region} --desired-value {limit + missing}`; "
            f"or lower reserved_concurrency_percent in live/{target.environment}/{SETTINGS_FILE}",
        )
        for region, functions in wanted.items()
        for limit, unreserved, more in [_room(target.client("lambda", region), functions)]
        if (missing := UNRESERVED - (unreserved - more)) > 0 and more > 0
    ]


def _room(client: Any, functions: Mapping[str, int]) -> tuple[int, int, int]:
    """The quota, what of it is unreserved, and what the functions reserve more than they do now."""
    limits = client.get_account_settings()["AccountLimit"]
    more = sum(reserved - _reserved_now(client, name) for name, reserved in functions.items())
    return limits["ConcurrentExecutions"], limits["UnreservedConcurrentExecutions"], more


def _reserved_now(client: Any, function: str) -> int:
    try:
        return int(client.get_function_concurrency(FunctionName=function).get("ReservedConcurrentExecutions", 0))
    except client.exceptions.ResourceNotFoundException:
        return 0


def _functions(module: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    for resource in module.get("resources", []):
        if resource["type"] == "aws_lambda_function" and resource["mode"] == "managed":
            yield resource["values"]
    for child in module.get("child_modules", []):
        yield from _functions(child)
