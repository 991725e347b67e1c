"""The numbers of the runbooks, each with the place in the configuration or the code that it comes from.

A problem is a number that differs from what is configured, and one that has no place in this list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from functions.common.status_shards import STATUS_SHARDS
from functions.payment_events.logic.forwarding import MAXIMUM_ENTRY_BYTES
from functions.webhooks.logic.handover import RETENTION_S
from functions.webhooks.logic.signatures import MAXIMUM_SECRET_AGE_S
from policies.model import Json, Resource, options
from policies.worlds.configuration import Configuration, of_tree
from tools.deploy.quotas import UNRESERVED
from tools.errors import Failure
from tools.operations.trace import DEFAULT_SINCE
from tools.project import ROOT

RUNBOOKS: Final = ROOT / "docs" / "runbooks"
SYSTEMS: Final = "modules/systems"

_NUMBERS: Final = {"two": 2, "three": 3, "five": 5, "seven": 7, "eight": 8, "ten": 10, "an": 1, "a": 1, "one": 1}
_SECONDS: Final = {"s": 1, "second": 1, "minute": 60, "hour": 3600, "day": 86400}
_UNITS: Final = "retries|attempts|receives|times|queries|unreserved|s|seconds?|minutes?|hours?|days?|KiB|%"
# A number with its unit or its name: "10 retries", "an hour", "`validator_concurrency`, 10". "one queue" is none.
_PHRASE: Final = re.compile(
    rf"\b(?:\d+|{'|'.join(_NUMBERS)}) (?:{_UNITS})(?!\w)|\b\d+ in prod|`\w+`, \d+\b", re.IGNORECASE
)
_BLOCK: Final = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


@dataclass
class Configured:
    """What the modules configure, in the units that the runbooks use; times in seconds."""

    root: Path = ROOT

    @cached_property
    def world(self) -> Configuration:
        return of_tree(str(self.root / "modules"))

    def numbers(self, unit: str, kind: str, attribute: str, part: str = "") -> list[float]:
        """The values of an attribute in a unit ("webhooks/service"), of the resources whose address has a part.

        Raises LookupError when they are not known.
        """
        found = {
            option
            for resource in self._resources(unit, kind, part)
            for option in options(_inside(resource.get(attribute.partition("[")[0]), attribute))
            if isinstance(option, int | float)
        }
        if not found:
            raise LookupError(f"{unit}: {kind} {part} has no {attribute} that is known")
        return sorted(found)

    def one(self, unit: str, kind: str, attribute: str, part: str = "") -> float:
        """As `numbers`, where all of them are equal."""
        [number] = self.numbers(unit, kind, attribute, part)
        return number

    def default(self, unit: str, variable: str) -> float:
        """The default of a composition's variable."""
        module = self.world.roots[str((self.root / SYSTEMS / unit).resolve())]
        [number] = [option for option in options(module.variable(variable)) if isinstance(option, int | float)]
        return number

    def _resources(self, unit: str, kind: str, part: str) -> list[Resource]:
        root = str((self.root / SYSTEMS / unit).resolve())
        return [each for each in self.world.of(kind) if each.root == root and part in each.address]


def _inside(value: Any, attribute: str) -> Any:
    """`redrive_policy[maxReceiveCount]`: the member of a JSON document."""
    member = re.search(r"\[(\w+)\]", attribute)
    if not member:
        return value
    return next((each.value[member[1]] for each in options(value) if isinstance(each, Json)), None)


def _receives(system: str) -> Callable[[Configured], float]:
    return lambda configured: configured.one(f"{system}/service", "aws_sqs_queue", "redrive_policy[maxReceiveCount]")


def _retry(attribute: str) -> Callable[[Configured], float]:
    return lambda configured: configured.one(
        "payment-events/service", "aws_cloudwatch_event_target", f"retry_policy.{attribute}", "payment-notification"
    )


def _alarm(system: str, attribute: str, name: str) -> Callable[[Configured], float]:
    return lambda configured: configured.one(f"{system}/monitoring", "aws_cloudwatch_metric_alarm", attribute, name)


def _recovery(unit: str) -> Callable[[Configured], float]:
    days = "point_in_time_recovery.recovery_period_in_days"
    return lambda configured: 86400 * configured.one(unit, "aws_dynamodb_table", days)


def _waiting_periods(configured: Configured) -> list[float]:
    """Of the keys: where the environment may be destroyed, and where not (days)."""
    return configured.numbers("payment-events/data", "aws_kms_key", "deletion_window_in_days")


# (runbook, phrase) -> what is configured
FACTS: Final[Mapping[tuple[str, str], Callable[[Configured], float]]] = {
    ("csv-upload", "1 %"): _alarm("csv-upload", "threshold", "csv-upload-api-errors-"),
    ("payment-events", "10 retries"): _retry("maximum_retry_attempts"),
    ("payment-events", "an hour"): _retry("maximum_event_age_in_seconds"),
    ("payment-events", "128 KiB"): lambda _: MAXIMUM_ENTRY_BYTES / 1024,
    ("payment-events", "eight queries"): lambda _: STATUS_SHARDS,
    ("payment-events", "30 days"): lambda configured: (
        86400 * configured.one("payment-events/service", "aws_cloudwatch_event_archive", "retention_days")
    ),
    ("payment-events", "a day"): lambda _: DEFAULT_SINCE.total_seconds(),
    ("platform", "35 days"): _recovery("payment-events/data"),
    ("platform", "7 days"): lambda configured: _waiting_periods(configured)[0] * 86400,
    ("platform", "30 in prod"): lambda configured: _waiting_periods(configured)[-1],
    ("transaction-files", "1 %"): _alarm("transaction-files", "threshold", "-processor-errors-"),
    ("transaction-files", "five minutes"): _alarm("transaction-files", "period", "-dead-letters-depth-"),
    ("transaction-files", "30 minutes"): _alarm("transaction-files", "threshold", "-queue-age-"),
    ("transaction-files", "an hour"): _alarm("transaction-files", "threshold", "-dead-letters-age-"),
    ("transaction-files", "three receives"): _receives("transaction-files"),
    ("transaction-files", "6 hours"): lambda configured: configured.one(
        "transaction-files/service", "aws_lambda_function_event_invoke_config", "maximum_event_age_in_seconds"
    ),
    ("transaction-files", "14 days"): lambda configured: configured.one(
        "transaction-files/service", "aws_sqs_queue", "message_retention_seconds"
    ),
    ("transaction-files", "35 days"): _recovery("transaction-files/data"),
    ("webhooks", "three receives"): _receives("webhooks"),
    ("webhooks", "three times"): _receives("webhooks"),
    ("webhooks", "ten minutes"): _alarm("webhooks", "threshold", "webhooks-payments-age-"),
    ("webhooks", "seven days"): lambda configured: configured.one(
        "webhooks/service", "aws_sqs_queue", "message_retention_seconds", 'queues["payment"].aws_sqs_queue.this'
    ),
    ("webhooks", "30 days"): lambda _: RETENTION_S,
    ("webhooks", "1 %"): _alarm("webhooks", "threshold", "webhooks-api-errors-"),
    ("webhooks", "five minutes"): lambda _: MAXIMUM_SECRET_AGE_S,
    ("webhooks", "`validator_concurrency`, 10"): lambda configured: configured.default(
        "webhooks/service", "validator_concurrency"
    ),
    ("webhooks", "100 unreserved"): lambda _: UNRESERVED,
}
# What the documentation of AWS says, and no configuration of ours.
OF_AWS: Final = frozenset(
    {
        ("csv-upload", "five minutes"),
        ("payment-events", "five minutes"),
        ("platform", "five minutes"),
        ("platform", "seven days"),
    }
)


def problems(folder: Path = RUNBOOKS, configured: Configured | None = None) -> list[str]:
    """What is wrong with the numbers of the runbooks, each as a sentence that begins with the page and its line."""
    configured = configured or Configured()
    found: list[str] = []
    met: set[tuple[str, str]] = set()
    for page in sorted(folder.glob("*.md")):
        for line, phrase in phrases(page.read_text(encoding="utf-8")):
            where, key = f"docs/runbooks/{page.name}, line {line}", (page.stem, f"{phrase[0].lower()}{phrase[1:]}")
            met.add(key)
            if key in OF_AWS:
                continue
            if key not in FACTS:
                found.append(f"{where}: nothing says what `{phrase}` is compared with")
            elif (number := FACTS[key](configured)) != value_of(phrase):
                found.append(f"{where}: `{phrase}` is {number:g}{_unit(phrase)} in the configuration")
    lost = sorted((FACTS.keys() | OF_AWS) - met)
    return found + [f"docs/runbooks/{page}.md: `{phrase}` is not there any more" for page, phrase in lost]


def require() -> None:
    """Raises Failure where a runbook gives a number that is not configured."""
    if found := problems():
        raise Failure(
            f"{len(found)} number{'' if len(found) == 1 else 's'} of the runbooks not as configured",
            where="\n         ".join(found),
            do="correct the page; a new number gets its place in FACTS of tools/docs/numbers.py",
        )


def phrases(text: str) -> list[tuple[int, str]]:
    """(line, phrase) of each number with its unit, code blocks aside."""
    prose = _BLOCK.sub(lambda block: "\n" * block[0].count("\n"), text)
    return [(prose.count("\n", 0, found.start()) + 1, found[0]) for found in _PHRASE.finditer(prose)]


def value_of(phrase: str) -> float:
    """The number of a phrase; a time in seconds."""
    named = re.search(r"`, (\d+)$", phrase)
    if named:
        return int(named[1])
    number, unit = phrase.lower().split(" ", 1)
    return (_NUMBERS.get(number) or int(number)) * _SECONDS.get(_singular(unit), 1)


def _singular(unit: str) -> str:
    return unit if unit == "s" else unit.removesuffix("s")


def _unit(phrase: str) -> str:
    """What follows a number in the configuration: " s" where the number of a phrase is a time."""
    return " s" if _singular(phrase.rpartition(" ")[2]) in _SECONDS else ""
