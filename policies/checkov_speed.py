"""Makes checkov remember what it has worked out. Without this, `checkov -d .` takes three times as long.

checkov evaluates the same texts again for each call of a module, with a new interpreter each time, and builds the
parser of its paths anew for each path. What it evaluates depends on the text alone, so an answer can be given again.
Runs in checkov's own Python environment.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

_SCALARS = (str, int, float, bool, type(None))


def remember() -> None:
    """Make checkov remember evaluations and parsers."""
    # They live in checkov's environment.
    from bc_jsonpath_ng import parser as paths  # type: ignore[import-not-found]
    from checkov.terraform.graph_builder.variable_rendering import evaluate_terraform as evaluation

    evaluation.evaluate = _remembered(evaluation.evaluate)
    evaluation.evaluate_terraform = _remembered(evaluation.evaluate_terraform)
    paths.ply.yacc.yacc = _one_parser(paths.ply.yacc.yacc)


def _remembered(evaluate: Callable[..., Any]) -> Callable[..., Any]:
    """The same answer for the same text. An answer that can be changed is copied, a failure fails again."""
    answers: dict[Any, tuple[bool, Any]] = {}

    def evaluate_once(said: Any, *arguments: Any, **named: Any) -> Any:
        if not isinstance(said, str):
            return evaluate(said, *arguments, **named)
        asked = (said, arguments, tuple(sorted(named.items())))
        if asked not in answers:
            try:
                answers[asked] = (True, evaluate(said, *arguments, **named))
            except Exception as fault:  # noqa: BLE001 -- checkov takes any failure as an answer
                answers[asked] = (False, fault)
        worked, answer = answers[asked]
        if not worked:
            raise answer
        return answer if isinstance(answer, _SCALARS) or callable(answer) else deepcopy(answer)

    return evaluate_once


def _one_parser(build: Callable[..., Any]) -> Callable[..., Any]:
    """One parser for each grammar: it holds nothing of what it has parsed."""
    built: dict[tuple[type, Any], Any] = {}

    def build_once(*arguments: Any, **named: Any) -> Any:
        kind = (type(named.get("module")), named.get("start"))
        if kind not in built:
            built[kind] = build(*arguments, **named)
        return built[kind]

    return build_once
