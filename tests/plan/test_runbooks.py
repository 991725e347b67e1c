"""The runbooks and the alarms say what is planned; tests/unit/docs/test_numbers.py has the runbooks' other numbers."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.plan.environments import ENVIRONMENTS, REGIONS, plans
from tests.plan.inventory import Planned
from tools.deploy.target import Target
from tools.docs.numbers import FACTS
from tools.operations.cli import SYSTEMS, span
from tools.operations.system import EventSystem
from tools.operations.trace import DEFAULT_SINCE
from tools.project import ROOT


def one(planned: Planned, kind: str, attribute: str, matching: str = "") -> Any:
    """The one value of an attribute that all resources of a type have, if their address contains `matching`."""
    values = {
        planned.resources[address][attribute]
        for address, found in planned.types.items()
        if found == kind and matching in address
    }
    assert len(values) == 1, (kind, attribute, values)
    return values.pop()


def unit(system: str, name: str, environment: str = "dev") -> Planned:
    return plans(environment)[f"{REGIONS[system]}/{system}/{name}"]


def alarms(planned: Planned) -> dict[str, str]:
    """The alarms of a unit: name -> text of the message."""
    return {
        attributes["alarm_name"]: attributes["alarm_description"]
        for address, attributes in planned.resources.items()
        if planned.types[address] == "aws_cloudwatch_metric_alarm"
    }


@pytest.mark.parametrize(("environment", "phrase"), [("dev", "7 days"), ("prod", "30 in prod")])
def test_the_waiting_period_of_a_runbook_is_the_one_of_its_environment(environment: str, phrase: str) -> None:
    planned = unit("payment-events", "data", environment)
    assert int(phrase.split()[0]) == one(planned, "aws_kms_key", "deletion_window_in_days")
    assert ("platform", phrase) in FACTS


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("system", [name for name, system in SYSTEMS.items() if issubclass(system, EventSystem)])
def test_an_alarm_of_dead_letters_names_the_redrive_of_their_queue(environment: str, system: str) -> None:
    monitoring = unit(system, "monitoring", environment)
    described = [
        (attributes["dimensions"]["QueueName"], attributes["alarm_description"])
        for address, attributes in monitoring.resources.items()
        if monitoring.types[address] == "aws_cloudwatch_metric_alarm" and "-dead-letters" in address
    ]
    named = {
        queue: re.search(
            rf"`tools/pipelines system redrive {system} --env {environment} --queue (\S+) --target aws`", text
        )
        for queue, text in described
    }
    assert None not in named.values(), described
    queues = mocked(system).dead_letter_queues
    assert {queue.rsplit("-", 1)[0]: found[1] for queue, found in named.items() if found} == {
        url.rsplit("/", 1)[1].rsplit("-", 1)[0]: name for name, url in queues.items()
    }


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_alarm_of_what_could_not_be_processed_names_its_redrive(environment: str) -> None:
    found = alarms(unit("transaction-files", "monitoring", environment))
    text = found[f"transactions-not-processed-{ENVIRONMENTS[environment].suffix}"]
    assert f"`tools/pipelines system redrive transaction-files --env {environment} --target aws`" in text


def all_alarms(environment: str) -> dict[str, tuple[str, str]]:
    """Every alarm of an environment: name -> (system, text of the message)."""
    return {
        name: (unit_name.split("/")[1], text)
        for unit_name, planned in plans(environment).items()
        for name, text in alarms(planned).items()
    }


def headings(page: str) -> list[str]:
    return re.findall(r"^## (.+)$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.requirement("PLT-51")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_message_of_every_alarm_names_a_section_of_its_systems_runbook(environment: str) -> None:
    found = all_alarms(environment)
    assert {system for system, _ in found.values()} >= {*SYSTEMS}
    wrong = {}
    for name, (system, text) in found.items():
        named = re.search(r'\. Runbook: (docs/runbooks/\S+\.md), "(.+)"\.$', text)
        if not named or named[1] != f"docs/runbooks/{system}.md" or named[2] not in headings(named[1]):
            wrong[name] = text
    assert wrong == {}


@pytest.mark.requirement("PLT-51")
def test_a_message_of_an_alarm_is_short_enough_for_aws() -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html: 1,024 characters."""
    assert {name for name, (_, text) in all_alarms("prod").items() if len(text) > 1024} == set()


@pytest.mark.requirement("PLT-51", "PLT-53")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_budget_has_a_section_too(environment: str) -> None:
    page = (ROOT / "docs" / "runbooks" / "platform.md").read_text(encoding="utf-8")
    suffix = ENVIRONMENTS[environment].suffix
    for region in {name.split("/")[0] for name in plans(environment)}:
        name = one(plans(environment)[f"{region}/foundation/monitoring"], "aws_budgets_budget", "name")
        assert f"`{name.replace(suffix, '<suffix>').replace(region, '<region>')}`" in page


def mocked(system: str) -> Any:
    """The system, with the mock outputs of its units."""

    class Mocked(Target):
        def outputs(self, place: Any) -> dict[str, Any]:
            import yaml

            folder = ROOT / "modules" / "systems" / place.system / place.unit
            return dict(yaml.safe_load((folder / "mock_outputs.yaml").read_text()))

    return SYSTEMS[system](Mocked("dev", None))


def test_a_span_of_time_is_read_as_people_write_it() -> None:
    assert span("1d") == DEFAULT_SINCE
