"""Compositions refuse impossible settings, and have the outputs that people and other units need."""

from __future__ import annotations

import functools
import re
from typing import Any

import pytest
import yaml

from functions.webhooks.logic.events import TransactionType
from policies.hcl.syntax import Attribute, Name, expressions
from tests.hcl import constant
from tests.plan.terraform import Workspace
from tests.plan.validations import rules, tripped
from tools.docs.tables import outputs
from tools.livetree import layout
from tools.livetree.reading.source import Source
from tools.livetree.reading.tree import Tree, discover
from tools.project import ROOT, display

COMPOSITIONS = sorted({f"modules/systems/{place.system}/{place.unit}" for place in layout.units("dev")})

# For each setting of `context`, a value that no environment may have, and what the message says.
WRONG: dict[str, tuple[Any, str]] = {
    "account_id": ("1111", 'context.account_id is "1111"'),
    "alarm_email": ("nobody", 'context.alarm_email is "nobody"'),
    "log_retention_days": (31, "context.log_retention_days is 31"),
    "monthly_budget_usd": (0, "context.monthly_budget_usd is 0"),
    "packaging": ("jar", 'context.packaging is "jar"'),
    "reserved_concurrency_percent": (0, "context.reserved_concurrency_percent is 0"),
    "region": ("mars", 'context.region is "mars"'),
    "suffix": ("Bad_", 'context.suffix is "Bad_"'),
}

# The same for what a unit may set in its own `inputs`.
WRONG_INPUTS: dict[str, tuple[Any, str]] = {
    "minimum_valid_percent": (101, "minimum_valid_percent is 101"),
    "validator_concurrency": (0, "validator_concurrency is 0"),
}


@functools.cache
def inputs() -> dict[str, dict[str, Any]]:
    """The inputs of each composition in dev: the context, and the mocked outputs of the units that it depends on."""
    values = {}
    for unit in Tree(discover(ROOT / "live" / "dev"), {}).units:
        configuration = unit.configuration()
        mocks = {name: dependency.mock_outputs for name, dependency in configuration.dependencies.items()}
        values["modules/systems/" + "/".join(unit.folder.parts[-2:])] = {**configuration.inputs, **mocks}
    return values


@pytest.mark.requirement("PLT-16")
@pytest.mark.parametrize("composition", COMPOSITIONS)
def test_a_composition_refuses_settings_that_cannot_be(composition: str, workspace: Workspace) -> None:
    declared = rules(composition)
    read = set(expressions(Source.read(ROOT / composition / "variables.tf").body))
    values = inputs()[composition]
    wrong = [
        ({"context": values["context"] | {setting: value}}, says)
        for setting, (value, says) in WRONG.items()
        if Attribute(Attribute(Name("var"), "context"), setting) in read
    ]
    wrong += [
        ({setting: value}, says)
        for setting, (value, says) in WRONG_INPUTS.items()
        if Attribute(Name("var"), setting) in read
    ]
    seen = set()
    for change, says in wrong:
        said = workspace.refusal(composition, values | change)
        assert said is not None, f"{change} is planned"
        assert says in said
        seen |= tripped(said, declared)
    assert [str(rule) for rule in declared if rule not in seen] == []


@pytest.mark.requirement("PLT-16")
@pytest.mark.parametrize("region", ["cn-northwest-1", "us-gov-west-1", "us-isob-east-1", "eusc-de-east-1"])
def test_a_composition_refuses_a_region_whose_arns_do_not_begin_as_ours(region: str, workspace: Workspace) -> None:
    for composition in COMPOSITIONS:
        values = inputs()[composition]
        said = workspace.refusal(composition, values | {"context": values["context"] | {"region": region}})
        assert said is not None, f"{composition} is planned in {region}"
        assert f'context.region is "{region}"' in said


@pytest.mark.requirement("EVT-40")
def test_the_outputs_of_payment_events_are_those_of_the_catalogue() -> None:
    """data and service are checked by their mocks; the tests on the emulator compare these with an apply's outputs."""
    folder = ROOT / "modules" / "systems" / "payment-events"
    data, service = (yaml.safe_load((folder / unit / "mock_outputs.yaml").read_text()) for unit in ("data", "service"))
    queue = {"arn": r"arn:aws:sqs:", "url": r"https://sqs\."}
    function = {"arn": r"arn:aws:lambda:", "name": r"event-processing-", "dead_letters": queue}
    assert missing({"table": {"arn": r"arn:aws:dynamodb:", "name": r"event-"}}, data) == []
    assert missing({"repository": {"url": r"\d{12}\.dkr\.ecr\."}}, data) == []
    assert missing({"keys": {name: {"arn": r"arn:aws:kms:"} for name in ("data", "logs")}}, data) == []
    assert missing({"topic": {"arn": r"arn:aws:sns:", "dead_letters": queue}}, service) == []
    assert missing({"workflow": {"arn": r"arn:aws:states:"}, "bus": {"name": r"event-"}}, service) == []
    assert missing({"bus": {"routes": {"payment-notification": {"dead_letters": queue}}}}, service) == []
    for name in ("event-trigger", "event-validator", "event-processor", "event-enricher"):
        assert missing({"functions": {name: function}}, service) == []
    assert len(service["log_group_names"]) == 6
    monitoring = {name for name, _, _ in outputs(Source.read(folder / "monitoring" / "outputs.tf"))}
    assert {"alarm_names", "dashboard"} <= monitoring


@pytest.mark.requirement("TXF-55")
def test_the_outputs_of_transaction_files_are_those_of_the_catalogue() -> None:
    """At least 40, one for everything that people name; what holds the environments of functions is sensitive."""
    folder = ROOT / "modules" / "systems" / "transaction-files"
    found = {
        output.labels[0]: output.body
        for path in folder.glob("*/outputs.tf")
        for output in Source.read(path).body.named("output")
    }
    keys = {f"{key}_key_{what}" for key in ("dynamodb", "lambda", "s3") for what in ("alias", "arn", "id")}
    tables = {f"{table}_table_{what}" for table in ("errors", "files", "transactions") for what in ("arn", "name")}
    functions = {
        f"{function}_{what}"
        for function in ("dlq_processor", "processor")
        for what in ("function_arn", "function_name", "log_group_name", "role_arn")
    }
    queues = {f"{queue}_{what}" for queue in ("dead_letter_queue", "main_queue") for what in ("arn", "url")}
    network = {"endpoint_ids", "flow_log_group_name", "route_table_ids", "security_group_id", "subnet_ids", "vpc_id"}
    watched = {"alarm_names", "alarm_topic_arn", "dashboard_name", "log_group_names"}
    wanted = {"bucket_arn", "bucket_name"} | keys | tables | functions | queues | network | watched
    assert wanted - found.keys() == set()
    assert len(found) >= 40
    environments = Attribute(Name("local"), "environments")
    revealing = {name for name, output in found.items() if environments in set(expressions(output))}
    marked = {name for name, output in found.items() if "sensitive" in output.attributes}
    assert revealing == marked == {"function_environments"}
    assert constant(found["function_environments"].attributes["sensitive"]) is True


def test_the_mocks_of_webhooks_have_the_queue_of_each_type_of_event() -> None:
    mocks = ROOT / "modules/systems/webhooks/service/mock_outputs.yaml"
    lacking = set(TransactionType) - yaml.safe_load(mocks.read_text())["queues"].keys()
    assert lacking == set(), f"{display(mocks)} lacks queues of these types: monitoring would be planned without them"


def missing(wanted: Any, found: Any, where: str = "") -> list[str]:
    """The wanted outputs that are missing, or do not begin as they must."""
    if isinstance(wanted, str):
        return [] if re.match(wanted, str(found)) else [f"{where} is {found}"]
    return [
        line
        for key, inner in wanted.items()
        for line in (missing(inner, found[key], f"{where}.{key}") if key in found else [f"{where}.{key} is missing"])
    ]
