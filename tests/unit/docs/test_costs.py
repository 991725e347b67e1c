"""The page of costs is made from what is deployed, and the budget follows from it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tools.docs import costs
from tools.docs.costs import Line, prices, systems
from tools.livetree import layout
from tools.livetree.settings import DEFAULTS, Settings
from tools.project import ROOT


@pytest.mark.requirement("PLT-51")
def test_every_system_of_the_live_tree_has_its_costs() -> None:
    deployed = {place.system for place in layout.units("dev")} - {layout.SHARED_SYSTEM, "foundation"}
    assert {system.name for system in systems()} == deployed


@pytest.mark.requirement("PLT-51", "PLT-53")
def test_the_default_of_the_budget_is_what_the_page_comes_to() -> None:
    assert DEFAULTS["monthly_budget_usd"] == costs.budget()
    assert costs.total() < costs.budget() <= costs.total() * costs.ROOM + costs.STEP_USD


@pytest.mark.parametrize("system", systems(), ids=lambda system: system.name)
def test_the_five_largest_items_come_first(system: costs.System) -> None:
    page = costs.page()
    start = page.index(f"## {system.name}") + 6
    amounts = [float(line.split("|")[3].strip(" $").replace(",", "")) for line in page[start : start + costs.LARGEST]]
    every = sorted((line.usd for line in [*system.at_rest(), *system.at_load()]), reverse=True)
    assert amounts == [round(amount, 2) for amount in every[: costs.LARGEST]]


@pytest.mark.parametrize("system", systems(), ids=lambda system: system.name)
def test_what_an_event_needs_is_told_of_every_function_and_table_that_is_deployed(system: costs.System) -> None:
    """But of those that only work where something fails."""

    def keys(kind: str) -> set[str]:
        return {each.address.split(".")[1] for each in system.of(kind)}

    assert keys("aws_lambda_function") - {"dlq_processor"} == set(system.load.functions)
    assert keys("aws_dynamodb_table") - {"errors_table"} == set(system.load.writes)


def test_an_index_and_a_transaction_make_a_write_dearer() -> None:
    [files] = [system for system in systems() if system.name == "transaction-files"]
    [writes] = [line for line in files.at_load() if line.price == "table_write"]
    # Two units of the transaction and one for each of two indexes; a file's own item has neither.
    assert writes.quantity == 1_000 * (10_000 * (2 + 2) + 1)
    assert Line("", "table_write", 1_000_000).usd == pytest.approx(prices()["table_write"].usd)


def test_an_alarm_on_a_percentage_is_paid_for_two_metrics() -> None:
    [webhooks] = [system for system in systems() if system.name == "webhooks"]
    [alarms] = [line for line in webhooks.at_rest() if line.price == "alarm_metric"]
    assert alarms.quantity == len(webhooks.of("aws_cloudwatch_metric_alarm")) + 3


@pytest.mark.requirement("PLT-51")
def test_every_price_has_a_page_of_aws_and_where_it_was_read_or_says_that_it_is_to_be_verified() -> None:
    assert {name for name, price in prices().items() if not price.page.startswith("https://aws.amazon.com/")} == set()
    assert {
        name for name, price in prices().items() if price.read_in and not price.read_in.startswith("https://")
    } == set()
    rows = [line for line in costs.page() if "<https://aws.amazon.com/" in line]
    assert len(rows) == len(prices())
    assert sum("to be verified" in row for row in rows) == sum(price.read_in is None for price in prices().values())


def test_every_price_is_used() -> None:
    used = {
        line.price
        for system in systems()
        for line in [*system.at_rest(), *system.at_load(), system.backups(), system.endpoints(), system.images()]
    }
    assert used == set(prices())


def test_every_setting_is_told_of() -> None:
    page = costs.page()
    assert {
        name for name in Settings.model_fields if not any(line.startswith(f"| `{name}` |") for line in page)
    } == set()
    assert set(costs.effects()) <= set(Settings.model_fields)


def test_an_environment_without_a_budget_of_its_own_has_the_default() -> None:
    said = {
        path.parent.name: yaml.safe_load(path.read_text()) for path in Path(ROOT / "live").glob("*/environment.yaml")
    }
    assert {name for name, settings in said.items() if "monthly_budget_usd" not in settings} >= {"dev", "staging"}
