"""What tests ask of configuration, beside what its reader gives."""

from __future__ import annotations

from typing import Any

from policies.hcl.evaluation import EvaluationFault, evaluate
from policies.hcl.syntax import Expression


def constant(expression: Expression) -> Any:
    """The value of an expression without references: {"version": "~> 5.0"}. Raises EvaluationFault for another."""
    return evaluate(expression, _no_name)


def _no_name(name: str) -> Any:
    raise EvaluationFault(f"{name} is not a constant")
