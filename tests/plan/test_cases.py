"""How the cases of a module are read, and how a refusal is traced to its rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plan import cases
from tests.plan.terraform import Workspace
from tests.plan.validations import rules, tripped

VARIABLES = """\
variable "retention_days" {
  type = number

  validation {
    condition     = var.retention_days <= 14
    error_message = "Too long: SQS keeps a message for 14 days, which is longer than anybody would want it kept."
  }
}

variable "name" {
  type = string

  validation {
    condition     = length(var.name) > 0
    error_message = "name is empty."
  }
}
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one module, and a folder of cases for it."""
    module = tmp_path / "modules" / "queue"
    module.mkdir(parents=True)
    (module / "variables.tf").write_text(VARIABLES)
    monkeypatch.setattr(cases, "ROOT", tmp_path)
    return tmp_path


def lay(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder / "tftest.yaml"


def test_a_module_has_its_plans_the_examples_of_its_readme_and_its_refusals(repository: Path) -> None:
    (repository / "modules/queue/README.md").write_text(
        '# queue\n```hcl\nmodule "a" {}\n# plan: modules=1 resources=2\n```\n```hcl\nno = "example"\n```\n'
    )
    path = lay(
        repository,
        tftest__yaml="module: modules/queue\nplans: {smallest: }\n"
        "refused: {long: {set: {retention_days: 15}, says: x}}\n",
        smallest__tfvars='name = "a"\n',
        smallest__yaml="counts: {resources: 1}\nrequirements: [EVT-20]\n",
    )
    read = cases.read(path)
    assert [plan.call.name for plan in read.plans] == ["smallest", "example-1"]
    assert read.plans[0].requirements == ("EVT-20",)
    assert read.plans[1].inventory == {"counts": {"modules": 1, "resources": 2}}
    assert read.plans[1].call.example == 'module "a" {}\n'
    assert [(refusal.name, refusal.tfvars) for refusal in read.refusals] == [("long", 'name = "a"\n')]


@pytest.mark.parametrize(
    ("text", "inventory", "said"),
    [
        ("module: modules/stack\nplans: {smallest: }\n", "counts: {resources: 1}", "module is modules/stack"),
        ("module: modules/queue\n", "counts: {resources: 1}", "plans is empty"),
        ("module: modules/queue\nplan: {smallest: }\n", "counts: {resources: 1}", "['plan'] is not known here"),
        ("module: modules/queue\nplans: {largest: }\n", "counts: {resources: 1}", "largest.tfvars: not there"),
        ("module: modules/queue\nplans: {smallest: }\n", "counts: {}", "says nothing about the plan"),
        ("module: modules/queue\nplans: {smallest: }\n", "count: {resources: 1}", "['count'] is not known here"),
        (
            "module: modules/queue\nplans: {smallest: }\nrefused: {long: {set: {a: 1}}}\n",
            "counts: {resources: 1}",
            "give `set` and `says`",
        ),
        (
            "module: modules/queue\nplans: {smallest: }\nrefused: {long: {set: {a: 1}, says: x, base: y}}\n",
            "counts: {resources: 1}",
            "y.tfvars: not there",
        ),
    ],
)
def test_a_file_that_tests_nothing_is_refused(repository: Path, text: str, inventory: str, said: str) -> None:
    path = lay(repository, tftest__yaml=text, smallest__tfvars='name = "a"\n', smallest__yaml=inventory)
    with pytest.raises(cases.Malformed) as fault:
        cases.read(path)
    assert said in str(fault.value)


def test_a_refusal_holds_the_modules_words_unwrapped_and_names_its_rule(repository: Path) -> None:
    workspace = Workspace(repository / "scratch", repository)
    said = workspace.refusal("modules/queue", workspace.values('name = "a" # a comment\n') | {"retention_days": 15})
    assert said is not None
    assert "SQS keeps a message for 14 days, which is longer than anybody would want it kept." in said
    # Terraform quotes the value next to the message. That alone is no message that names the value.
    assert "is 15" not in said
    assert [rule.first for rule in tripped(said, rules("modules/queue", repository))] == [4]


def test_a_precondition_is_found_by_the_line_of_its_condition(repository: Path) -> None:
    (repository / "modules/queue/main.tf").write_text(
        'resource "terraform_data" "this" {\n  lifecycle {\n    precondition {\n      condition     = false\n'
        '      error_message = "No."\n    }\n  }\n}\n'
    )
    declared = rules("modules/queue", repository)
    message = (
        'Error: Resource precondition failed on modules/queue/main.tf line 4, in resource "terraform_data" "this": No.'
    )
    assert [str(rule) for rule in tripped(message, declared)] == ["the precondition at modules/queue/main.tf:3"]
