"""A unit of the miniature live tree that deploys what a pull request may endanger."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.emulator.livetree.miniature import Miniature
from tools.delivery.planning import Planned, Units
from tools.deploy.terragrunt import find
from tools.emulator import control
from tools.toolchain import CLI_CONFIGURATION

UNIT = "us-east-1/webhooks/data"

RESOURCES = """
resource "aws_dynamodb_table" "events" {
  name                        = "events"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "event_id"
  deletion_protection_enabled = true

  attribute {
    name = "event_id"
    type = "S"
  }
}

resource "aws_dynamodb_table" "old" {
  name         = "old"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "event_id"

  attribute {
    name = "event_id"
    type = "S"
  }
}

resource "aws_sqs_queue" "payments" {
  name = "payments"
  message_retention_seconds = 1209600
}

resource "aws_sqs_queue_policy" "payments" {
  queue_url = aws_sqs_queue.payments.url
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${var.context.account_id}:root" }
      Action    = "sqs:SendMessage"
      Resource  = "*"
    }]
  })
}

resource "aws_iam_role" "router" {
  name = "router"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "router" {
  name = "router"
  role = aws_iam_role.router.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["sqs:SendMessage"], Resource = "arn:aws:sqs:us-east-1:*:payments" },
      { Effect = "Deny", Action = "dynamodb:DeleteTable", Resource = "*" },
    ]
  })
}
"""


class Unit:
    """A unit whose composition a test writes again, as a pull request does."""

    def __init__(self, miniature: Miniature) -> None:
        self.folder = miniature.root / "live" / "dev" / UNIT
        self._composition = miniature.root / "modules" / "systems" / "webhooks" / "data" / "main.tf"
        self._rest = self._composition.read_text().replace("suffix = string", "account_id = string, suffix = string")
        account = miniature.emulator.environment(miniature.accounts["dev"])
        terraform = {"TF_CLI_CONFIG_FILE": str(CLI_CONFIGURATION)} if CLI_CONFIGURATION.exists() else {}
        self._environment = account | terraform
        self.units = self.units_with({})
        self.emulator = miniature.emulator
        self.account_id = miniature.accounts["dev"]

    def write(self, resources: str) -> None:
        self._composition.write_text(self._rest + resources)

    def units_with(self, variables: dict[str, str]) -> Units:
        """Terragrunt in the unit, with more variables: as somebody else than the account's root."""
        return Units(find().binary, self._environment | variables)

    def plan(self, to: Path) -> Planned:
        return self.units.plan(self.folder, to / "unit.plan", lock=False)


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory, emulator: control.Emulator | None) -> Unit:
    """The unit, applied."""
    return apply(RESOURCES, tmp_path_factory, emulator)


def apply(resources: str, folders: pytest.TempPathFactory, emulator: control.Emulator | None) -> Unit:
    """A unit with some resources, applied in an account of its own."""
    if emulator is None:
        pytest.skip("what is planned here is not for an account")
    miniature = Miniature(folders.mktemp("delivery") / "repository", emulator)
    miniature.make_account("dev")
    unit = Unit(miniature)
    unit.write(resources)
    planned = unit.plan(folders.mktemp("plans"))
    assert planned.plan.problem is None, planned.plan.problem
    unit.units.apply(unit.folder, planned.file)
    return unit


@pytest.fixture
def unit(applied: Unit) -> Unit:
    applied.write(RESOURCES)
    return applied
