"""The tables of inputs and outputs are what the module declares."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tools.docs import generated, tables
from tools.docs.generated import Generated
from tools.docs.tables import Row
from tools.errors import Failure
from tools.livetree.reading.source import Source

BEGIN, END = "<!-- BEGIN TABLES -->", "<!-- END TABLES -->"
VARIABLES = """\
variable "name" {
  description = "Name of the \\"queue\\"."
  type        = string
}

variable "limits" {
  description = "What one invocation may use."
  type = object({
    memory_mb = optional(number, 256) # 128 | 10240
    names     = optional(list(string), ["a", "b"])
    timeout_s = number
    network   = optional(object({ subnets = set(string) }))
  })
  default = {
    timeout_s = 30
  }
}

variable "senders" {
  description = "Services that send."
  type        = map(object({ service = string, conditions = optional(map(string), {}) }))
  default     = {}
}

variable "pair" {
  description = "Two of a kind."
  type        = tuple([string, number])
}
"""
OUTPUTS = """\
output "queue" {
  description = "The queue."
  value = {
    arn          = aws_sqs_queue.this.arn
    dead_letters = var.x == null ? null : { arn = "x" }
  }
  depends_on = [aws_sqs_queue_policy.this]
}

output "name" {
  description = "Its name."
  value       = aws_sqs_queue.this.name
}
"""


@pytest.fixture
def module(tmp_path: Path) -> Path:
    (tmp_path / "variables.tf").write_text(VARIABLES)
    (tmp_path / "outputs.tf").write_text(OUTPUTS)
    (tmp_path / "README.md").write_text(f"# queue\n\nBefore.\n\n{BEGIN}\nold\n{END}\n\nAfter.\n")
    return tmp_path


@pytest.mark.requirement("PLT-02")
def test_every_input_and_every_field_of_one_has_its_row(module: Path) -> None:
    assert list(tables.inputs(Source.read(module / "variables.tf"))) == [
        Row("name", "string", None, 'Name of the "queue".'),
        Row("limits", "object", "{\n    timeout_s = 30\n  }", "What one invocation may use."),
        Row("limits.memory_mb", "number", "256", "128 | 10240"),
        Row("limits.names", "list(string)", '["a", "b"]', ""),
        Row("limits.timeout_s", "number", None, ""),
        Row("limits.network", "object", "null", ""),
        Row("limits.network.subnets", "set(string)", None, ""),
        Row("senders", "map(object)", "{}", "Services that send."),
        Row("senders.*.service", "string", None, ""),
        Row("senders.*.conditions", "map(string)", "{}", ""),
        Row("pair", "tuple([string, number])", None, "Two of a kind."),
    ]


def test_each_row_knows_its_line(module: Path) -> None:
    lines = VARIABLES.splitlines()
    for row in tables.inputs(Source.read(module / "variables.tf")):
        assert row.name.rpartition(".")[2] in lines[row.line - 1]


def test_what_a_composition_is_handed_whole_is_one_row_with_a_link(tmp_path: Path) -> None:
    composition = tmp_path / "systems/orders/monitoring"
    composition.mkdir(parents=True)
    (composition / "variables.tf").write_text(
        'variable "data" {\n  description = "Outputs."\n'
        "  type = object({\n    keys  = object({ logs = object({ arn = string }) })\n    table = string\n  })\n}\n"
        'variable "limits" {\n  description = "Limits."\n  type = object({ age_s = number })\n}\n'
    )
    (composition / "outputs.tf").write_text("")
    assert tables.render(composition)[3:6] == [
        "| `data` | `object` | **required** | Outputs. Reads `keys`, `table` ([what they are](../data/README.md)). |",
        "| `limits` | `object` | **required** | Limits. |",
        "| `limits.age_s` | `number` | **required** |  |",
    ]


def test_an_output_shows_the_keys_of_its_object_and_not_those_deeper(module: Path) -> None:
    assert list(tables.outputs(Source.read(module / "outputs.tf"))) == [
        ("queue", "The queue.", ["arn", "dead_letters"]),
        ("name", "Its name.", []),
    ]


def test_the_fields_of_an_output_that_is_passed_on_are_found_where_they_are_made(module: Path) -> None:
    (module / "main.tf").write_text('module "letters" {\n  source = "../queue"\n}\n')
    (module / "outputs.tf").write_text(
        'output "letters" {\n  description = "Dead letters."\n  value       = module.letters.queue\n}\n'
        'output "maybe" {\n  description = "Or null."\n  value       = var.x == null ? null : { arn = var.x }\n}\n'
        'output "url" {\n  description = "An address."\n  value       = module.letters.queue.url\n}\n'
    )
    assert tables.render(module)[-4:-1] == [
        "| `letters` | Dead letters. | see `queue` of [queue](../queue/README.md) |",
        "| `maybe` | Or null. | `arn` |",
        "| `url` | An address. | — |",
    ]


def with_tables(module: Path) -> str:
    return generated.written([Generated(module / "README.md", partial(tables.render, module), "TABLES")])[
        module / "README.md"
    ]


def test_only_what_stands_between_the_marks_is_replaced(module: Path) -> None:
    text = with_tables(module)
    assert text.startswith("# queue\n\nBefore.\n\n")
    assert text.endswith(f"{END}\n\nAfter.\n")
    assert "\nold\n" not in text
    assert "| `limits.memory_mb` | `number` | `256` | 128 \\| 10240 |" in text
    assert "| `limits` | `object` | `{ timeout_s = 30 }` |" in text
    (module / "README.md").write_text(text)
    assert with_tables(module) == text


def test_a_readme_without_the_marks_says_what_to_write(module: Path) -> None:
    (module / "README.md").write_text("# queue\n")
    with pytest.raises(Failure, match="no place for what is generated") as failure:
        with_tables(module)
    assert failure.value.do is not None
    assert BEGIN in failure.value.do


def test_an_input_without_a_description_is_named_with_its_line(module: Path) -> None:
    (module / "variables.tf").write_text('variable "name" {\n  type = string\n}\n')
    with pytest.raises(Failure, match="variable name has no description") as failure:
        with_tables(module)
    assert failure.value.where is not None
    assert failure.value.where.endswith("variables.tf, line 1")
