"""Small live trees in the shape of ours, without AWS: what their units deploy is `terraform_data`."""

from __future__ import annotations

import textwrap
from pathlib import Path

ROOT_CONFIGURATION = """\
locals {
  path        = split("/", path_relative_to_include())
  environment = try(local.path[1], "none")
  unit        = try(local.path[4], "none")
  settings    = yamldecode(file("${get_repo_root()}/live/${local.environment}/environment.yaml"))
}

remote_state {
  backend = "s3"
  generate = {
    path      = "backend.tf"
    if_exists = "overwrite_terragrunt"
  }
  config = {
    bucket         = "states-${local.settings.account_id}"
    dynamodb_table = "locks"
    encrypt        = true
    key            = "${join("/", slice(local.path, 1, length(local.path)))}/terraform.tfstate"
    region         = "us-east-1"
  }
}

terraform {
  source = "${get_repo_root()}/modules//systems/${local.path[3]}/${local.unit}"
}

inputs = {
  context = { suffix = local.environment, region = local.path[2], unit = local.unit }
}
"""

SERVICE = """\
locals {
  system = basename(dirname(get_terragrunt_dir()))
  data   = "${get_repo_root()}/modules/systems/${local.system}/data"
}

dependency "data" {
  config_path                             = "../data"
  mock_outputs                            = yamldecode(file("${local.data}/mock_outputs.yaml"))
  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]
  mock_outputs_merge_strategy_with_state  = "deep_map_only"
}

inputs = {
  data = dependency.data.outputs
}
"""

SETTINGS = """\
account_id: "111111111111"
owner: payments
alarm_email: alarms@example.com
monthly_budget_usd: 10
"""

INCLUDES = """\
include "root" {
  path = find_in_parent_folders("terragrunt.hcl")
}

include "kind" {
  path = "${get_repo_root()}/live/_units/%s.hcl"
}
"""

DATA_MODULE = """\
variable "context" {
  type = object({ suffix = string })
}

resource "terraform_data" "this" {
  input = "kept-${var.context.suffix}"
}

output "table" {
  value = { name = terraform_data.this.output, weights = [1, 2.5] }
}
"""

SERVICE_MODULE = """\
variable "context" {
  type = object({ suffix = string })
}

variable "data" {
  type = object({ table = object({ name = string, weights = list(number) }) })
}

resource "terraform_data" "this" {
  input = { reads = var.data.table.name, weights = var.data.table.weights }
}

output "reads" {
  value = terraform_data.this.output.reads
}
"""

DATA = Path("live/dev/us-east-1/payments/data")
SERVICE_UNIT = Path("live/dev/us-east-1/payments/service")


class LiveTree:
    """A repository on disk with one environment, one system and its units `data` and `service`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / ".git").mkdir(parents=True)
        self.write("terragrunt.hcl", ROOT_CONFIGURATION)
        self.write("live/_units/data.hcl", "")
        self.write("live/_units/service.hcl", SERVICE)
        self.write("live/dev/environment.yaml", SETTINGS)
        self.write(DATA / "terragrunt.hcl", INCLUDES % "data")
        self.write(SERVICE_UNIT / "terragrunt.hcl", INCLUDES % "service")
        self.write("modules/systems/payments/data/main.tf", DATA_MODULE)
        self.write("modules/systems/payments/data/mock_outputs.yaml", "table: {name: mock, weights: [0]}\n")
        self.write("modules/systems/payments/service/main.tf", SERVICE_MODULE)

    def write(self, path: str | Path, text: str) -> Path:
        """Write a file of the repository, its text without the indentation of the test around it."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")
        return file

    def append(self, path: str | Path, text: str) -> None:
        file = self.root / path
        file.write_text(file.read_text(encoding="utf-8") + textwrap.dedent(text), encoding="utf-8")

    def replace(self, path: str | Path, old: str, new: str) -> None:
        file = self.root / path
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")
