"""The diagram of a system is drawn from its compositions."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from pathlib import Path

import pytest

from policies.hcl.syntax import read
from tests.hcl import constant
from tools.docs import diagrams, generated
from tools.docs.generated import Generated
from tools.project import ROOT

NODE = re.compile(r'^(?P<id>\w+)(?P<opening>\(\[|\[\[|\[/|\[\(|\{\{|\[)"(?P<label>[^"]*)"(?P<closing>.*)$')
EDGE = re.compile(r"^(?P<source>\w+) (-->|-\.->) (?P<target>\w+)$")
CLOSING = {"([": "])", "[[": "]]", "[/": "/]", "[(": ")]", "{{": "}}", "[": "]"}

every_system = pytest.mark.parametrize("system", diagrams.systems())


@pytest.fixture
def systems(tmp_path: Path) -> Path:
    """A copy of the compositions, with the modules that they call."""
    shutil.copytree(ROOT / "modules", tmp_path / "modules")
    return tmp_path / "modules" / "systems"


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))


def statements(lines: list[str]) -> list[str]:
    assert lines[0] == "```mermaid"
    assert json.loads(re.sub(r"^%%{init: (.*)}%%$", r"\1", lines[1]))
    assert lines[2] == "flowchart LR"
    assert lines[-1] == "```"
    return [line.strip() for line in lines[3:-1]]


@every_system
def test_it_is_a_flowchart_that_mermaid_can_read(system: str) -> None:
    nodes, edges = [], []
    for line in statements(diagrams.render(system)):
        if node := NODE.match(line):
            assert node["closing"] == CLOSING[node["opening"]]
            nodes.append(node["id"])
        elif edge := EDGE.match(line):
            edges += [edge["source"], edge["target"]]
        else:
            assert line.startswith(("classDef deadLetters ", "class "))
    assert len(set(nodes)) == len(nodes)
    assert set(edges) == set(nodes)  # each node is declared, and none stands alone


@pytest.mark.parametrize(
    ("system", "flow"),
    [
        (
            "payment-events",
            "providers service_topic service_event_trigger service_bus service_workflow service_event_validator "
            "service_event_processor service_event_enricher data_audit_table",
        ),
        ("webhooks", "providers service_api service_webhook_validator service_event_router service_queues_refund"),
        ("webhooks", "service_webhook_validator data_event_table"),
        (
            "csv-upload",
            "clients service_api service_csv_validator_api data_bucket service_rule service_workflow "
            "service_csv_validator service_data_transformer service_notification_sender service_topic",
        ),
        ("csv-upload", "service_data_transformer data_transactions_table"),
        ("transaction-files", "uploaders data_bucket service_processor service_main_queue service_processor"),
        ("transaction-files", "service_processor data_transactions_table"),
        ("transaction-files", "service_main_queue_dead_letters service_dlq_processor data_errors_table"),
    ],
)
def test_it_leads_from_the_front_door_to_the_store(system: str, flow: str) -> None:
    lines = statements(diagrams.render(system))
    edges = [f"{source} --> {target}" for source, target in itertools.pairwise(flow.split())]
    assert [edge for edge in edges if edge not in lines] == []


@pytest.mark.requirement("PLT-51")
@every_system
def test_each_function_table_bucket_queue_topic_bus_workflow_and_api_is_in_it(system: str) -> None:
    kinds = {
        "bucket", "dynamodb-table", "event-bus", "event-rule", "lambda-function",
        "queue", "rest-api", "topic", "workflow",
    }  # fmt: skip
    drawn = "\n".join(diagrams.render(system))
    for unit in ("data", "service"):
        for call in read(ROOT / "modules/systems" / system / unit / "main.tf").body.named("module"):
            if Path(constant(call.body.attributes["source"])).name in kinds:
                assert re.search(rf"^  {unit}_{call.labels[0]}(_\w+)?\W", drawn, re.MULTILINE), call.labels


def test_dead_letters_are_drawn_where_a_module_has_them() -> None:
    lines = statements(diagrams.render("webhooks"))
    assert "service_event_router -.-> dead_letters" in lines
    assert "service_webhook_validator -.-> dead_letters" not in lines  # invoked synchronously
    assert "service_topic -.-> service_undelivered" in statements(diagrams.render("payment-events"))


def test_the_one_queue_of_a_workflow_has_its_dead_letters() -> None:
    lines = statements(diagrams.render("csv-upload"))
    assert "service_workflow -.-> service_dead_letters" in lines
    assert "service_rule -.-> service_rule_dead_letters" in lines


def test_dead_letters_that_a_function_consumes_are_drawn_by_themselves() -> None:
    lines = statements(diagrams.render("transaction-files"))
    letters = "service_main_queue_dead_letters"
    assert {f"service_main_queue -.-> {letters}", f"service_processor -.-> {letters}"} <= set(lines)
    assert f"service_processor --> {letters}" not in lines
    assert "service_processor --> data_bucket" not in lines  # it only reads there


@pytest.mark.requirement("PLT-51")
@pytest.mark.parametrize(
    ("system", "line", "edge"),
    [
        (
            "payment-events",
            '    forward = { actions = ["events:PutEvents"], resources = [module.bus.bus.arn] }\n',
            "service_event_trigger --> service_bus",
        ),
        (
            "webhooks",
            '    record    = { actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], '
            "resources = [var.data.table.arn] }\n",
            "service_webhook_validator --> data_event_table",
        ),
    ],
)
def test_an_edge_that_a_composition_no_longer_has_makes_the_page_stale(
    systems: Path, system: str, line: str, edge: str
) -> None:
    page = Generated(systems / system / "README.md", lambda: diagrams.render(system, systems), "DIAGRAM")
    assert generated.stale([page]) == []
    assert edge in statements(diagrams.render(system, systems))
    change(systems / system / "service" / "main.tf", line, "")
    assert generated.stale([page]) == [page]
    assert edge not in statements(diagrams.render(system, systems))


def test_the_steps_of_a_workflow_stand_in_the_order_of_its_state_machine(systems: Path) -> None:
    file = systems / "payment-events/service/workflow.tf"
    change(
        file,
        'event-processor = { function = module.event_processor.function, next = "event-enricher" }',
        'event-processor = { function = module.event_processor.function, next = "processed" }',
    )
    lines = statements(diagrams.render("payment-events", systems))
    assert "service_event_validator --> service_event_processor" in lines
    assert "service_event_processor --> service_event_enricher" not in lines


def test_a_system_without_dead_letters_has_none_in_its_diagram(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "modules", tmp_path / "modules")
    service = tmp_path / "modules/systems/orders/service"
    service.mkdir(parents=True)
    (service.parent / "data").mkdir()
    (service / "main.tf").write_text(
        'module "orders" {\n  source   = "../../../topic"\n  name     = "orders"\n  kms_key_id = "alias/aws/sns"\n'
        '  location = { account_id = "111122223333", region = "us-east-1" }\n}\n'
    )
    assert statements(diagrams.render("orders", service.parent.parent)) == [
        'providers(["payment<br/>providers"])',
        'service_orders(["orders<br/>SNS<br/>topic"])',
        "providers --> service_orders",
    ]
