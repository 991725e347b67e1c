"""The plan of a whole environment at once."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.unit.livetree.trees import LiveTree
from tools.errors import Failure
from tools.livetree.combined import plan_environment

GENERATED = """
generate "provider" {
  path      = "provider.tf"
  if_exists = "overwrite"
  contents  = <<-EOT
    provider "aws" {
      region              = "${local.path[2]}"
      allowed_account_ids = ["${local.settings.account_id}"]
      default_tags {
        tags = { Unit = "${local.unit}" }
      }
    }
  EOT
}

generate "versions" {
  path      = "versions.tf"
  if_exists = "overwrite"
  contents  = <<-EOT
    terraform {
      required_providers {
        aws = {
          source  = "hashicorp/aws"
          version = "~> 5.0"
        }
      }
    }
  EOT
}
"""

PARAMETER = """
variable "text" {
  type = string
}

resource "aws_ssm_parameter" "this" {
  name           = "text"
  type           = "String"
  insecure_value = var.text
}
"""


@pytest.fixture
def tree(tmp_path: Path) -> LiveTree:
    tree = LiveTree(tmp_path / "repository")
    tree.append("terragrunt.hcl", GENERATED)
    return tree


def resources(plan: dict[str, Any], module: str) -> dict[str, Any]:
    found = {
        resource["address"].removeprefix(f"module.{module}."): resource["values"]
        for child in plan["planned_values"]["root_module"]["child_modules"]
        if child["address"] == f"module.{module}"
        for resource in child["resources"]
    }
    assert found
    return found


@pytest.mark.requirement("PLT-15", "PLT-32")
def test_all_units_are_planned_at_once_each_with_its_tags_and_with_mocks(tree: LiveTree) -> None:
    tree.append("modules/systems/payments/data/main.tf", PARAMETER)
    tree.write("live/_units/data.hcl", 'inputs = { text = "$${a}-%%{b}-${upper("c")}", not_declared = 1 }\n')
    plan = plan_environment("dev", tree.root)
    data = resources(plan, "us-east-1_payments_data")
    assert data["aws_ssm_parameter.this"]["insecure_value"] == "${a}-%{b}-C"
    assert data["aws_ssm_parameter.this"]["tags_all"] == {"Unit": "data"}
    service = resources(plan, "us-east-1_payments_service")
    assert service["terraform_data.this"]["input"] == {"reads": "mock", "weights": [0]}
    assert not list((tree.root / "build").iterdir())


def test_the_plan_is_the_one_for_aws_whatever_this_process_addresses(
    tree: LiveTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    class Emulator(BaseHTTPRequestHandler):
        def handle(self) -> None:
            asked.append(self.client_address[0])

    tree.append("modules/systems/payments/data/main.tf", PARAMETER)
    tree.write("live/_units/data.hcl", 'inputs = { text = get_env("AWS_ENDPOINT_URL", "none") }\n')
    with HTTPServer(("127.0.0.1", 0), Emulator) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        plan = plan_environment("dev", tree.root)
        server.shutdown()
    assert resources(plan, "us-east-1_payments_data")["aws_ssm_parameter.this"]["insecure_value"] == "none"
    assert asked == []


def test_what_has_to_run_before_a_plan_runs_once_and_stops_it_when_it_fails(tree: LiveTree, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    hook = 'terraform {{\n  before_hook "x" {{\n    commands = ["plan"]\n    execute = ["sh", "-c", "{}"]\n  }}\n'
    tree.replace("terragrunt.hcl", "terraform {\n", hook.format(f"echo ran >> {notes}; echo reason; exit 3"))
    with pytest.raises(Failure, match="a hook failed with status 3") as raised:
        plan_environment("dev", tree.root)
    assert "reason" in str(raised.value)
    assert notes.read_text() == "ran\n"


def test_what_terraform_refuses_is_passed_on(tree: LiveTree) -> None:
    tree.write("modules/systems/payments/data/mock_outputs.yaml", "table: {name: mock}\n")
    with pytest.raises(Failure, match="terraform plan of all units together failed") as raised:
        plan_environment("dev", tree.root)
    assert 'attribute "weights" is required' in " ".join(str(raised.value).split())


def test_a_tree_without_a_provider_is_refused(tree: LiveTree) -> None:
    tree.replace("terragrunt.hcl", 'provider "aws" {', 'provider "other" {')
    with pytest.raises(Failure, match="generates 0 AWS providers"):
        plan_environment("dev", tree.root)
