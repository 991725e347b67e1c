"""What is made before what, where no value that one takes from the other says so, and so no plan."""

from __future__ import annotations

from typing import Final

import pytest

from policies.hcl.syntax import Attribute, Block, Name, TupleOf, expressions
from tools.livetree.reading.source import Source
from tools.project import ROOT

MODULES: Final = ROOT / "modules"


def blocks(file: str, kind: str) -> list[Block]:
    return list(Source.read(MODULES / file).body.named(kind))


def awaited(block: Block) -> set[str]:
    """The resources of a block's `depends_on`, as "aws_iam_role_policy.guard"."""
    match block.body.attributes.get("depends_on"):
        case TupleOf(items):
            return {
                f"{item.of.name}.{item.name}"
                for item in items
                if isinstance(item, Attribute) and isinstance(item.of, Name)
            }
    return set()


@pytest.mark.requirement("TXF-10")
def test_a_function_is_made_after_its_role_and_every_policy_of_it() -> None:
    resources = {".".join(block.labels): block for block in blocks("lambda-function/main.tf", "resource")}
    policies = {address for address in resources if address.startswith("aws_iam_role_policy.")}
    function = resources["aws_lambda_function.this"]
    assert len(policies) == 4
    assert policies - awaited(function) == set()
    assert Attribute(Attribute(Name("aws_iam_role"), "this"), "arn") in set(expressions(function.body))


@pytest.mark.requirement("TXF-03")
def test_a_bucket_notifies_a_function_after_the_function_admits_it() -> None:
    [function] = blocks("lambda-function/outputs.tf", "output")
    assert "aws_lambda_permission.this" in awaited(function)
    [arrivals] = (
        block
        for block in blocks("systems/transaction-files/service/main.tf", "module")
        if "bucket-notifications" in str(block.body.attributes["source"])
    )
    processor = Attribute(Attribute(Name("module"), "processor"), "function")
    assert arrivals.body.attributes["function_arn"] == Attribute(processor, "arn")


@pytest.mark.requirement("TXF-30")
def test_a_queue_is_made_after_its_dead_letter_queue() -> None:
    queues = {block.labels[1]: set(expressions(block.body)) for block in blocks("queue/main.tf", "resource")}
    assert Attribute(Name("aws_sqs_queue"), "dead_letters") in queues["this"]
    assert Attribute(Name("aws_sqs_queue"), "this") not in queues["dead_letters"]
