"""What tests ask of configuration, over the one reader of HCL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.hcl.evaluation import EvaluationFault, evaluate
from policies.hcl.syntax import Block, Body, Expression, children


def blocks(body: Body) -> Iterator[Block]:
    """All blocks in a body, at every depth."""
    for block in body.blocks:
        yield block
        yield from blocks(block.body)


def expressions(body: Body) -> Iterator[Expression]:
    """All expressions in a body, at every depth: those of the attributes, and what they are made of."""
    for one in (body, *(block.body for block in blocks(body))):
        for value in one.attributes.values():
            yield from _with_parts(value)


def constant(expression: Expression) -> Any:
    """The value of an expression without references: {"version": "~> 5.0"}. Raises EvaluationFault for another."""
    return evaluate(expression, _no_name)


def _with_parts(expression: Expression) -> Iterator[Expression]:
    yield expression
    for part in children(expression):
        yield from _with_parts(part)


def _no_name(name: str) -> Any:
    raise EvaluationFault(f"{name} is no constant")
