"""`docs/costs.md`: what each system costs at rest and at a load, from the configuration, list prices and what an event
needs.

How many keys, alarms or indexes there are is read from the modules. `prices.yaml` has the prices, each with its source,
and `load.yaml` what the configuration does not say.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from policies.model import MISSING, Resource, options
from policies.worlds.configuration import Configuration, of_tree
from tools.docs.generated import table
from tools.livetree.settings import DEFAULTS, Settings
from tools.project import ROOT

PAGE: Final = ROOT / "docs" / "costs.md"
OVERVIEW: Final = ROOT / "README.md"
HOURS: Final = 730
# AWS Backup keeps a whole copy of a table of each day that it keeps backups of.
COPIES: Final = 35
# An image of a function, as the Python base image of AWS Lambda with our packages.
IMAGE_GB: Final = 0.2
LARGEST: Final = 5
# What the budget has room for beyond the estimate, and the step that it is rounded up to.
ROOM: Final = 1.5
STEP_USD: Final = 50
# What PCI DSS asks for, rounded up to a number that CloudWatch Logs offers.
LONG_DAYS: Final = 400
_A_CENT: Final = 0.005

_SYSTEMS: Final = ROOT / "modules" / "systems"
_FOLDER: Final = Path(__file__).parent


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """US dollars for a unit, or for `millions` million; where the number comes from, and when that was written."""

    usd: float
    unit: str
    page: str
    date: str
    read_in: str | None = None
    millions: int | None = None

    @property
    def each(self) -> float:
        return self.usd / (self.millions * 1_000_000 if self.millions else 1)


class Calls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    calls: float
    ms: float


class Writes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    items: float
    kb: float
    stay: float | None = None
    transactional: bool = False


class Load(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A load for a month, and what one event or file of it needs."""

    what: str
    number: int
    functions: dict[str, Calls]
    writes: dict[str, Writes]
    metrics: int
    log_kb: float
    uses: dict[str, float]


@dataclass(frozen=True)
class Line:
    """Something that is paid for in a month."""

    what: str
    price: str
    quantity: float

    @property
    def usd(self) -> float:
        return self.quantity * prices()[self.price].each


@cache
def prices() -> Mapping[str, Price]:
    return msgspec.convert(_read("prices.yaml"), dict[str, Price])


@cache
def loads() -> Mapping[str, Load]:
    return msgspec.convert(_read("load.yaml"), dict[str, Load])


@dataclass
class System:
    """A system as its modules have it."""

    name: str
    resources: list[Resource] = field(repr=False)

    @cached_property
    def load(self) -> Load:
        return loads()[self.name]

    def of(self, kind: str) -> list[Resource]:
        return [each for each in self.resources if each.type == kind]

    def at_rest(self) -> list[Line]:
        """What is paid for without any event. What only a setting adds is left out."""
        alarms = self.of("aws_cloudwatch_metric_alarm")
        # An alarm on a percentage looks at two metrics.
        metrics = sum(1 if each.get("metric_name") is not MISSING else 2 for each in alarms)
        rules = sum(len(each.blocks("rule")) for each in self.of("aws_wafv2_web_acl"))
        lines = [
            Line(f"{len(alarms)} alarms", "alarm_metric", metrics),
            Line("dashboard", "dashboard", len(self.of("aws_cloudwatch_dashboard"))),
            Line(f"{len(self.of('aws_kms_key'))} keys", "key", len(self.of("aws_kms_key"))),
            Line("secret", "secret", len(self.of("aws_secretsmanager_secret"))),
            Line("web ACL", "web_acl", len(self.of("aws_wafv2_web_acl"))),
            Line("rule groups of the web ACL", "web_acl_rule", rules),
            *([self.images()] if DEFAULTS["packaging"] == "image" else []),
        ]
        return [line for line in lines if line.quantity]

    def at_load(self) -> list[Line]:
        """What the load adds in its first month."""
        number = self.load.number
        logs_gb = number * self.load.log_kb / 1e6
        calls = sum(each.calls for each in self.load.functions.values())
        lines = [
            Line("functions: time", "lambda_gb_second", number * sum(map(self._gb_seconds, self.load.functions))),
            Line("functions: requests", "lambda_request", number * calls),
            Line("tables: writes", "table_write", number * sum(map(self._write_units, self.load.writes))),
            Line("tables: storage, with indexes", "table_gb_month", self._tables_gb(indexes=True)),
            Line("tables: point-in-time recovery", "recovery_gb_month", self._tables_gb()),
            Line("logs: taken in", "log_gb", logs_gb),
            Line("logs: kept", "log_gb_month", logs_gb),
            Line("metrics of the functions", "custom_metric", self.load.metrics),
        ]
        lines += [Line(_LABELS[price], price, number * each) for price, each in self.load.uses.items()]
        return lines

    def backups(self) -> Line:
        """What daily copies of the tables cost once all of them are there, of the items of one month."""
        return Line("backups", "backup_gb_month", COPIES * self._tables_gb())

    def endpoints(self) -> Line:
        """What the interface endpoints cost, each in two zones."""
        interface = [each for each in self.of("aws_vpc_endpoint") if each.get("vpc_endpoint_type") == "Interface"]
        return Line("endpoints", "endpoint_hour", 2 * HOURS * len(interface))

    def images(self) -> Line:
        """What one release of images costs, in a system that has repositories for them."""
        functions = self.of("aws_lambda_function") if self.of("aws_ecr_repository") else []
        return Line("images", "image_gb_month", IMAGE_GB * len(functions))

    def logs_kept(self, days: int) -> Line:
        """What keeping the logs of that many days costs, once they are there."""
        return Line("logs", "log_gb_month", self.load.number * self.load.log_kb / 1e6 * days / 30)

    def total(self) -> float:
        return usd([*self.at_rest(), *self.at_load()])

    def _gb_seconds(self, function: str) -> float:
        calls, deployed = self.load.functions[function], self._one(f"module.{function}.aws_lambda_function")
        [memory_mb] = [option for option in options(deployed.get("memory_size")) if isinstance(option, int)]
        return calls.calls * calls.ms / 1000 * memory_mb / 1024

    def _write_units(self, name: str) -> float:
        """A transaction costs two units for the item; each index one. A unit is 1 KB."""
        writes = self.load.writes[name]
        units = math.ceil(writes.kb) * ((2 if writes.transactional else 1) + self._indexes(name))
        return writes.items * units

    def _tables_gb(self, *, indexes: bool = False) -> float:
        """What the items of the month take."""
        sizes = (
            (writes.items if writes.stay is None else writes.stay)
            * writes.kb
            * (1 + (self._indexes(name) if indexes else 0))
            for name, writes in self.load.writes.items()
        )
        return self.load.number * sum(sizes) / 1e6

    def _indexes(self, name: str) -> int:
        return len(self._one(f"module.{name}.aws_dynamodb_table").blocks("global_secondary_index"))

    def _one(self, address: str) -> Resource:
        [found] = [each for each in self.resources if each.address.startswith(f"{address}.")]
        return found


_LABELS: Final = {
    "api_request": "API: requests",
    "archive_gb": "archive: put in",
    "archive_gb_month": "archive: kept",
    "bus_event": "bus: events",
    "key_request": "keys: requests",
    "message": "queues: requests",
    "notification": "topic: notifications",
    "object_gb_month": "bucket: storage",
    "object_read": "bucket: reads",
    "object_write": "bucket: writes",
    "trace": "traces",
    "web_acl_request": "web ACL: requests",
    "workflow_gb_second": "workflow: time",
    "workflow_request": "workflow: executions",
}


@cache
def systems() -> list[System]:
    """The systems that have a load, in the order of their names."""
    world: Configuration = of_tree(str(ROOT / "modules"))
    found = world.of(*_KINDS)
    return [
        System(name, [each for each in found if Path(each.root).is_relative_to(_SYSTEMS / name)])
        for name in sorted(loads())
    ]


_KINDS: Final = (
    "aws_cloudwatch_dashboard",
    "aws_cloudwatch_metric_alarm",
    "aws_dynamodb_table",
    "aws_ecr_repository",
    "aws_kms_key",
    "aws_lambda_function",
    "aws_secretsmanager_secret",
    "aws_vpc_endpoint",
    "aws_wafv2_web_acl",
)
# The keys of foundation/data and account/data in each of two regions, and that of the states.
_SHARED_KEYS: Final = Line("keys of artefacts, of the account's logs and of the states", "key", 5)


def usd(lines: Iterable[Line]) -> float:
    return sum(line.usd for line in lines)


def budget() -> int:
    """The default of `monthly_budget_usd`: all systems at their load, with room, rounded up."""
    return math.ceil(total() * ROOM / STEP_USD) * STEP_USD


def total() -> float:
    """What an environment with all systems costs at their loads."""
    return sum(system.total() for system in systems()) + _SHARED_KEYS.usd


def page() -> list[str]:
    """The lines of the page."""
    return [
        "# Costs",
        "",
        "`make docs` generates this page from the modules, from list prices (`tools/docs/prices.yaml`), and from what",
        "an event or a file needs (`tools/docs/load.yaml`). The amounts are US dollars a month, without free tiers,",
        "discounts and tax. They are estimates: the durations of functions and the sizes of logs are assumptions, and",
        "nothing here was measured in an account. Prices are those of `us-east-1`; `eu-central-1`, where",
        "transaction-files runs, is some 10 to 25 % dearer.",
        "",
        *overview(),
        "",
        "The default of `monthly_budget_usd` is half as much again as all of it, rounded up to "
        f"{STEP_USD}: **{budget()}**.",
        "An environment with another load sets its own. Tables grow with each month, where nothing expires: their",
        "storage and recovery are those of the items of one month.",
        "",
        *(line for system in systems() for line in _of_system(system)),
        *_settings(),
        *_sources(),
    ]


def overview() -> list[str]:
    """The table of all systems, which the README has too."""
    parts = {system.name: (usd(system.at_rest()), usd(system.at_load())) for system in systems()}
    rows = [
        (name, f"{loads()[name].number:,} {loads()[name].what}", _money(rest), _money(load), _money(rest + load))
        for name, (rest, load) in parts.items()
    ]
    rows.append((_SHARED_KEYS.what, "", _money(_SHARED_KEYS.usd), "", _money(_SHARED_KEYS.usd)))
    rests, everything = sum(rest for rest, _ in parts.values()) + _SHARED_KEYS.usd, total()
    rows.append(("**all**", "", _money(rests), _money(everything - rests), _money(everything)))
    return table(["system", "load of a month", "at rest", "the load adds", "together"], rows)


def _of_system(system: System) -> list[str]:
    lines = sorted([*system.at_rest(), *system.at_load()], key=lambda line: -line.usd)
    rows = [
        (line.what, f"{_quantity(line.quantity)} {prices()[line.price].unit}", line.usd) for line in lines[:LARGEST]
    ]
    rows.append((f"{len(lines) - LARGEST} others", "", usd(lines[LARGEST:])))
    shares = [(what, quantity, _money(cost), f"{100 * cost / system.total():.0f} %") for what, quantity, cost in rows]
    return [
        f"## {system.name}",
        "",
        f"{system.load.number:,} {system.load.what} in a month cost {_money(system.total())}. The largest items:",
        "",
        *table(["item", "quantity", "USD", "part"], shares),
        "",
    ]


def effects() -> Mapping[str, str]:
    """What the settings that change the costs add to a month."""

    def of_each(line_of: Callable[[System], Line]) -> str:
        amounts = {system.name: line_of(system).usd for system in systems()}
        return ", ".join(f"{name} {_money(amount)}" for name, amount in amounts.items() if amount >= _A_CENT)

    days = DEFAULTS["log_retention_days"]
    return {
        "backups": f"a copy of each table for each of {COPIES} days, of the items of one month: "
        f"{of_each(System.backups)}. It grows with the tables",
        "functions_in_vpc": f"interface endpoints, in two zones: {of_each(System.endpoints)}, and $0.01 for each GB "
        "through them. Those for S3 and DynamoDB are free",
        "log_retention_days": f"{LONG_DAYS} in place of {days}: "
        f"{of_each(lambda system: system.logs_kept(LONG_DAYS - days))}, once the logs of all these days are there",
        "monthly_budget_usd": "nothing: a budget stops nothing",
        "packaging": f"`zip` in place of `image` saves the storage of images, for each release that is kept: "
        f"{of_each(System.images)}",
        "reserved_concurrency_percent": "nothing: it is free, and limits what a burst can cost",
        "restored_tables": "the table before costs its storage until somebody deletes it",
    }


def _settings() -> list[str]:
    added = effects()
    rows = [(f"`{name}`", added.get(name, "nothing")) for name in sorted(Settings.model_fields)]
    return [
        "## What each setting changes",
        "",
        *table(["setting", "what it adds to a month at the loads above"], rows),
        "",
    ]


def _sources() -> list[str]:
    rows = []
    for price in sorted(prices().values(), key=lambda price: (price.page, price.unit)):
        amount = f"{price.usd:g}" + (f" a million{'' if price.millions == 1 else 's'}" if price.millions else "")
        read_in = f"<{price.read_in}>, {price.date}" if price.read_in else f"to be verified ({price.date})"
        rows.append((price.unit, amount, f"<{price.page}>", read_in))
    unread = [
        "*To be verified* means that the number is the one that AWS's page had at that time as far as we know, and",
        "that nobody has compared it since.",
        "",
    ]
    return [
        "## List prices",
        "",
        "AWS's own pages show prices by a program, so most numbers were read in other pages, which say when they were",
        "written. Before a decision that depends on one, look at AWS's page.",
        "",
        *(unread if any(price.read_in is None for price in prices().values()) else []),
        *table(["what", "USD", "AWS's page", "read in"], rows),
        "",
    ]


def _quantity(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 or number == int(number) else f"{number:.2g}"


def _money(amount: float) -> str:
    return f"${amount:,.2f}"


def _read(name: str) -> Any:
    return yaml.safe_load((_FOLDER / name).read_text(encoding="utf-8"))
