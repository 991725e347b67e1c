"""A plan that changed is accepted by the command that the failing test prints."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.plan import accept, cases
from tests.plan.environments import INVENTORIES
from tests.plan.inventory import Difference, Planned, differences
from tests.plan.terraform import Workspace

ADDRESS = "aws_sqs_queue.this"
INVENTORY = """\
# What the queue is.
requirements: [EVT-30]
counts: {resources: 2}   # the queue and its policy
values:
  aws_sqs_queue.this: {fifo_queue: false, delay_seconds: 0}   # defaults
  aws_sqs_queue.other: &queue
    name: "payments"
    policy: {Statement: [{Action: ["sqs:*"]}]}
  aws_sqs_queue.third: {<<: *queue, name: refunds}
"""


def planned(**attributes: Any) -> Planned:
    """Three queues as the inventory has them, but for these attributes of the first."""
    queue = {"name": "payments", "policy": '{"Statement": [{"Action": ["sqs:*"]}]}'}
    resources = {
        "aws_sqs_queue.this": {"fifo_queue": False, "delay_seconds": 0, **attributes},
        "aws_sqs_queue.other": queue,
        "aws_sqs_queue.third": {**queue, "name": "refunds"},
    }
    return Planned(frozenset(), resources, dict.fromkeys(resources, "aws_sqs_queue"), {})


def accepted(text: str, plan: Planned) -> tuple[str, list[Difference]]:
    return accept.replaced(text, differences(yaml.safe_load(text), plan))


def test_the_changed_value_is_replaced_and_everything_else_stays_as_it_was_written() -> None:
    text, left = accepted(INVENTORY, planned(delay_seconds=30, visibility_timeout_seconds=60))
    assert left == []
    assert text == INVENTORY.replace("delay_seconds: 0", "delay_seconds: 30").replace("resources: 2", "resources: 3")


@pytest.mark.parametrize("value", ["true", "a: b", "[x]", "", "it's", 'say "so"', None, True, 1.5, "0012"])
def test_a_new_value_is_written_so_that_yaml_reads_it_back(value: Any) -> None:
    text, left = accepted(INVENTORY, planned(delay_seconds=value))
    assert left == []
    assert yaml.safe_load(text)["values"][ADDRESS] == {"fifo_queue": False, "delay_seconds": value}


def test_a_value_with_an_anchor_is_replaced_only_when_it_changed_for_all_who_share_it() -> None:
    policy = '{"Statement": [{"Action": ["sqs:SendMessage", "sqs:ReceiveMessage"]}]}'
    plan = planned()
    one = dict(plan.resources) | {"aws_sqs_queue.other": {"name": "payments", "policy": policy}}
    both = one | {"aws_sqs_queue.third": {"name": "refunds", "policy": policy}}

    text, left = accepted(INVENTORY, Planned(plan.modules, one, plan.types, {}))
    assert [difference.path[1] for difference in left] == ["aws_sqs_queue.other"]
    assert 'Action: ["sqs:*"]' in text

    text, left = accepted(INVENTORY, Planned(plan.modules, both, plan.types, {}))
    assert left == []
    assert "[{Action: ['sqs:SendMessage', 'sqs:ReceiveMessage']}]" in text


def test_the_anchor_of_a_value_stays_for_those_who_share_it() -> None:
    text = "values:\n  aws_sqs_queue.this: {delay_seconds: &delay 0}\n  aws_sqs_queue.other: {delay_seconds: *delay}\n"
    plan = planned(delay_seconds=30)
    both = dict(plan.resources) | {"aws_sqs_queue.other": {"delay_seconds": 30}}
    assert accepted(text, Planned(plan.modules, both, plan.types, {})) == (text.replace("&delay 0", "&delay 30"), [])


def test_what_needs_judgement_is_left_and_named() -> None:
    plan = planned(fifo_queue={"a": 1})
    gone = {address: values for address, values in plan.resources.items() if address != "aws_sqs_queue.third"}
    text, left = accepted(INVENTORY, Planned(plan.modules, gone, {"a": "x", "b": "x"}, {}))
    assert text == INVENTORY
    assert [str(difference) for difference in left] == [
        "aws_sqs_queue.this.fifo_queue: is {'a': 1}, not False",
        "aws_sqs_queue.third: not planned; there are aws_sqs_queue.other, aws_sqs_queue.this",
    ]


def test_a_unit_of_an_environment_is_changed_and_its_neighbours_are_not() -> None:
    text = "a/data:\n  counts: {resources: 1}\nb/data:\n  counts: {resources: 1}\n"
    found = differences({"counts": {"resources": 1}}, planned())
    assert accept.replaced(text, found, "b/data") == (
        "a/data:\n  counts: {resources: 1}\nb/data:\n  counts: {resources: 3}\n",
        [],
    )
    assert "tests.plan.accept tests/plan/live/dev.yaml b/data`" in accept.report(
        found, INVENTORIES / "dev.yaml", "b/data"
    )


MODULE = """\
terraform {}

variable "name" {
  type = string
}

resource "terraform_data" "this" {
  input = var.name
}
"""
README = (
    '# queue\n```hcl\nmodule "queue" {\n  source = "../queue"\n  name   = "a"\n}\n# plan: modules=1 resources=2\n```\n'
)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one module, whose inventories do not hold."""
    module, folder = tmp_path / "modules/queue", tmp_path / "tests/plan/modules/queue"
    module.mkdir(parents=True)
    folder.mkdir(parents=True)
    (module / "variables.tf").write_text(MODULE)
    (module / "README.md").write_text(README)
    (folder / "tftest.yaml").write_text("module: modules/queue\nplans: {smallest: }\n")
    (folder / "smallest.tfvars").write_text('name = "new"\n')
    (folder / "smallest.yaml").write_text("# kept\nvalues:\n  terraform_data.this: {input: old}   # this, too\n")
    for reader in (accept, cases):
        monkeypatch.setattr(reader, "ROOT", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_printed_command_accepts_the_plan_of_a_module_and_the_case_passes_then(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One for all: the module does not change, so that Terraform need not plan it again.
    workspace = Workspace(repository / "scratch", repository)
    monkeypatch.setattr(accept, "Workspace", lambda _: workspace)

    def messages() -> list[str]:
        plans = cases.read(repository / "tests/plan/modules/queue/tftest.yaml").plans
        calls = [plan.call for plan in plans]
        found = [(differences(plan.inventory, workspace.plan(plan.call, calls)), plan.source) for plan in plans]
        return [accept.report(*each) for each in found if each[0]]

    commands = [shlex.split(message.split("`")[1]) for message in messages()]
    assert commands == [
        [".venv/bin/python", "-m", "tests.plan.accept", "tests/plan/modules/queue/smallest.yaml"],
        [".venv/bin/python", "-m", "tests.plan.accept", "modules/queue/README.md"],
    ]
    assert [accept.main(command[3:]) for command in commands] == [0, 0]
    assert (repository / commands[0][3]).read_text() == (
        "# kept\nvalues:\n  terraform_data.this: {input: new}   # this, too\n"
    )
    assert (repository / commands[1][3]).read_text() == README.replace("resources=2", "resources=1")
    assert messages() == []


def test_a_unit_that_is_not_there_is_refused_with_those_that_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert accept.main([str(INVENTORIES / "prod.yaml"), "us-east-1/nothing"]) == 2
    assert "us-east-1/webhooks/data" in capsys.readouterr().err
