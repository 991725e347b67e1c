"""The runbooks and the alarms say what is configured: their numbers, and the queues that they name."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from functions.common.status_shards import STATUS_SHARDS
from functions.payment_events.logic.forwarding import MAXIMUM_ENTRY_BYTES
from functions.webhooks.logic.signatures import MAXIMUM_SECRET_AGE_S
from tests.plan.environments import ENVIRONMENTS, plans
from tests.plan.inventory import Planned
from tools.deploy.target import Target
from tools.operations.cli import SYSTEMS, span
from tools.operations.trace import DEFAULT_SINCE
from tools.toolchain import ROOT

NUMBERS = {"one": 1, "two": 2, "three": 3, "five": 5, "seven": 7, "eight": 8, "ten": 10, "an": 1, "a": 1, "each": 1}
SECONDS = {"s": 1, "second": 1, "minute": 60, "hour": 3600, "day": 86400}
NUMBER = rf"(?:\d+|{'|'.join(NUMBERS)})"
# A number with its unit, as in "10 retries", "an hour", "1 %"; "one queue" and "1." are none.
PHRASE = re.compile(
    rf"\b({NUMBER}) (retries|attempts|receives|times|queries|s|seconds?|minutes?|hours?|days?|KiB|%)(?!\w)"
    rf"|\b(\d+) (?=in prod)"
)

# What the documentation of AWS says, and no configuration of ours.
OF_AWS = {("payment-events", "five minutes")}


def one(planned: Planned, kind: str, attribute: str, matching: str = "") -> Any:
    """The value that all resources of a type have, whose address has a part."""
    values = {
        planned.resources[address][attribute]
        for address, found in planned.types.items()
        if found == kind and matching in address
    }
    assert len(values) == 1, (kind, attribute, values)
    return values.pop()


def unit(system: str, name: str, environment: str = "dev") -> Planned:
    return plans(environment)[f"us-east-1/{system}/{name}"]


def retry(attribute: str) -> Any:
    target = unit("payment-events", "service").resources[
        'module.bus.aws_cloudwatch_event_target.this["payment-notification"]'
    ]
    return target["retry_policy"][0][attribute]


def receives() -> int:
    """How often a message is received before it is a dead letter: in a plan that hides behind an ARN to come."""
    text = (ROOT / "modules" / "systems" / "webhooks" / "service" / "main.tf").read_text()
    [number] = set(re.findall(r"max_receive_count\s*=\s*(\d+)", text))
    return int(number)


def threshold(alarm: str) -> float:
    return float(one(unit("webhooks", "monitoring"), "aws_cloudwatch_metric_alarm", "threshold", f"webhooks-{alarm}-"))


# What stands in a runbook, as a number of the unit that it names (times in seconds), and where it is configured.
FACTS: dict[tuple[str, str], Callable[[], Any]] = {
    ("payment-events", "10 retries"): lambda: retry("maximum_retry_attempts"),
    ("payment-events", "an hour"): lambda: retry("maximum_event_age_in_seconds"),
    ("payment-events", "128 KiB"): lambda: MAXIMUM_ENTRY_BYTES // 1024,
    ("payment-events", "eight queries"): lambda: STATUS_SHARDS,
    ("payment-events", "7 days"): lambda: (
        one(unit("payment-events", "data"), "aws_kms_key", "deletion_window_in_days") * 86400
    ),
    ("payment-events", "30 in prod"): lambda: one(
        unit("payment-events", "data", "prod"), "aws_kms_key", "deletion_window_in_days"
    ),
    ("payment-events", "a day"): lambda: DEFAULT_SINCE.total_seconds(),
    ("webhooks", "three receives"): receives,
    ("webhooks", "three times"): receives,
    ("webhooks", "ten minutes"): lambda: threshold("payments-age"),
    ("webhooks", "seven days"): lambda: one(
        unit("webhooks", "service"),
        "aws_sqs_queue",
        "message_retention_seconds",
        'queues["payment"].aws_sqs_queue.this',
    ),
    ("webhooks", "1 %"): lambda: threshold("api-errors"),
    ("webhooks", "five minutes"): lambda: MAXIMUM_SECRET_AGE_S,
}


def phrases(runbook: str) -> set[str]:
    """The numbers in a runbook with their units, code blocks aside."""
    text = re.sub(r"```.*?```", "", (ROOT / "docs" / "runbooks" / f"{runbook}.md").read_text(), flags=re.DOTALL)
    return {f"{found[3]} in prod" if found[3] else found[0] for found in PHRASE.finditer(text)}


def value_of(phrase: str) -> float:
    number, measure = phrase.split(" ", 1)
    return (NUMBERS.get(number) or int(number)) * SECONDS.get(measure.removesuffix("s"), 1)


@pytest.mark.parametrize("runbook", sorted(path.stem for path in (ROOT / "docs" / "runbooks").glob("*.md")))
def test_every_number_of_a_runbook_is_held_to_the_configuration(runbook: str) -> None:
    known = {phrase for book, phrase in FACTS.keys() | OF_AWS if book == runbook}
    assert phrases(runbook) == known


@pytest.mark.parametrize(("runbook", "phrase"), FACTS, ids=lambda part: part.replace(" ", "-"))
def test_a_number_of_a_runbook_is_what_is_configured(runbook: str, phrase: str) -> None:
    assert value_of(phrase) == FACTS[runbook, phrase]()


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("system", SYSTEMS)
def test_an_alarm_of_dead_letters_names_the_redrive_of_their_queue(environment: str, system: str) -> None:
    monitoring = unit(system, "monitoring", environment)
    described = [
        (attributes["dimensions"]["QueueName"], attributes["alarm_description"])
        for address, attributes in monitoring.resources.items()
        if monitoring.types[address] == "aws_cloudwatch_metric_alarm" and "-dead-letters" in address
    ]
    named = {
        queue: re.search(rf"`tools/pipelines redrive {system} --env {environment} --queue (\S+) --target aws`", text)
        for queue, text in described
    }
    assert None not in named.values(), described
    queues = mocked(system).dead_letter_queues
    assert {queue.rsplit("-", 1)[0]: found[1] for queue, found in named.items() if found} == {
        url.rsplit("/", 1)[1].rsplit("-", 1)[0]: name for name, url in queues.items()
    }


def mocked(system: str) -> Any:
    """The system as its units' mock outputs describe it."""

    class Mocked(Target):
        def outputs(self, place: Any) -> dict[str, Any]:
            import yaml

            folder = ROOT / "modules" / "systems" / place.system / place.unit
            return dict(yaml.safe_load((folder / "mock_outputs.yaml").read_text()))

    return SYSTEMS[system](Mocked("dev", None))


def test_a_span_of_time_is_read_as_people_write_it() -> None:
    assert span("1d") == DEFAULT_SINCE
