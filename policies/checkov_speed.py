"""Makes checkov remember what it has worked out. Without this, `checkov -d .` takes several times as long.

checkov works out the same things again for each call of a module and for each edge of its graph. Everything that is
remembered here depends on what is asked and on nothing else: the value of a text, the references in a text, the real
path of a file. So an answer can be given again, and no finding can change. An answer that its receiver may change is
handed out as a copy. Runs in checkov's own Python environment, for one run: nothing is kept on disk.
"""

from __future__ import annotations

import gc
import logging
import os
import pickle
import sys
from collections.abc import Callable, Iterable
from functools import cache
from types import SimpleNamespace
from typing import Any

_SCALARS = (str, int, float, bool, type(None))


def remember() -> None:
    """Make checkov remember what depends on nothing but the question, and leave out work that nobody sees."""
    # They live in checkov's environment.
    from bc_jsonpath_ng import parser as paths  # type: ignore[import-not-found]
    from checkov.common.graph.graph_builder.graph_components.edge import Edge
    from checkov.common.util import data_structures_utils as structures
    from checkov.terraform.graph_builder import local_graph, utils
    from checkov.terraform.graph_builder.variable_rendering import evaluate_terraform as evaluation
    from checkov.terraform.graph_builder.variable_rendering import safe_eval_functions as functions

    _keep_interpreters(functions)
    for answered in (evaluation.evaluate, evaluation.evaluate_terraform):
        _replace(answered, _remembered(answered))
    for found in (evaluation.remove_interpolation, evaluation.find_brackets_pairs):
        _replace(found, _remembered(found))
    _replace(utils.get_referenced_vertices_in_str_value, _references(utils.get_referenced_vertices_in_str_value))
    _replace(structures.pickle_deepcopy, _copied)
    paths.ply.yacc.yacc = _one_parser(paths.ply.yacc.yacc)
    real = SimpleNamespace(**vars(os.path) | {"realpath": cache(os.path.realpath)})
    local_graph.os = SimpleNamespace(**vars(os) | {"path": real})
    # An edge is its three fields. checkov writes and compares its text, a million times in a run.
    Edge.__hash__ = lambda edge: hash((edge.origin, edge.dest, edge.label))
    Edge.__eq__ = lambda edge, other: (
        isinstance(other, Edge) and ((edge.origin, edge.dest, edge.label) == (other.origin, other.dest, other.label))
    )
    if "LOG_LEVEL" not in os.environ:
        logging.disable(logging.INFO)  # checkov writes every step into a buffer that only its support command reads
    gc.disable()  # all that the run makes is needed until its end


def _replace(function: Any, by: Any) -> None:
    """Use another function wherever checkov has imported this one by its name."""
    for module in [module for name, module in sys.modules.items() if name.startswith("checkov.")]:
        for name, value in list(vars(module).items()):
            if value is function:
                setattr(module, name, by)


def _remembered(answer: Callable[..., Any]) -> Callable[..., Any]:
    """The same answer for the same text. An answer that can be changed is copied, a failure fails again."""
    answers: dict[Any, tuple[bool, Any, bytes | None]] = {}

    def answer_once(said: Any, *arguments: Any, **named: Any) -> Any:
        if not isinstance(said, str):
            return answer(said, *arguments, **named)
        asked = (said, arguments, tuple(named.items())) if named else (said, arguments)
        if asked not in answers:
            try:
                given = answer(said, *arguments, **named)
            except Exception as fault:  # noqa: BLE001 -- checkov takes any failure as an answer
                answers[asked] = (False, fault, None)
            else:
                alike = isinstance(given, _SCALARS) or callable(given)
                answers[asked] = (True, given, None if alike else pickle.dumps(given, pickle.HIGHEST_PROTOCOL))
        worked, given, packed = answers[asked]
        if not worked:
            raise given
        return given if packed is None else pickle.loads(packed)  # noqa: S301 -- packed a moment ago, here

    return answer_once


def _references(find: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    """The references in a text. Each receiver gets a list of its own."""
    found: dict[Any, tuple[Any, ...]] = {}

    def find_once(str_value: str, aliases: Any, resources_types: Iterable[str]) -> list[Any]:
        if aliases:
            return find(str_value, aliases, resources_types)
        types = tuple(resources_types)
        asked = (str_value, types)
        if asked not in found:
            found[asked] = tuple(find(str_value, aliases, resources_types))
        return [type(one)(one.block_type, list(one.sub_parts), one.origin_value) for one in found[asked]]

    return find_once


def _copied(value: Any) -> Any:
    """What nobody can change needs no copy."""
    return value if isinstance(value, _SCALARS) else pickle.loads(pickle.dumps(value, pickle.HIGHEST_PROTOCOL))  # noqa: S301


def _one_parser(build: Callable[..., Any]) -> Callable[..., Any]:
    """One parser for each grammar: it holds nothing of what it has parsed."""
    built: dict[tuple[type, Any], Any] = {}

    def build_once(*arguments: Any, **named: Any) -> Any:
        kind = (type(named.get("module")), named.get("start"))
        if kind not in built:
            built[kind] = build(*arguments, **named)
        return built[kind]

    return build_once


def _keep_interpreters(functions: Any) -> None:
    """Use the same interpreter again, as good as new: their names are one table for all anyway. An evaluation within an
    evaluation (of `try`) has one of its own.
    """
    evaluate, build = functions.evaluate, functions.get_asteval
    kept: list[Any] = []
    depth = 0

    def evaluate_one(said: str) -> Any:
        nonlocal depth
        depth += 1
        try:
            return evaluate(said)
        finally:
            depth -= 1

    def as_new() -> Any:
        while len(kept) < depth:
            kept.append(build())
        one = kept[depth - 1]
        one.error, one.code_text = [], []
        one.error_msg = one.expr = one.retval = one._interrupt = None
        one._calldepth = one.lineno = 0
        return one

    functions.get_asteval = as_new
    _replace(evaluate, evaluate_one)
