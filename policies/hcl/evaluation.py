"""Evaluates expressions as far as they are known, and keeps track of where the rest comes from.

The functions are those of Terraform (developer.hashicorp.com/terraform/language/functions) that configurations here
use. Another function is not an error: its result is Unknown, with the origins of its arguments.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

from policies.hcl import syntax
from policies.model import Input, Json, OneOf, Unknown, origins

ALTERNATIVES: Final = 32
"""With more combinations of alternatives than this a result is unknown."""


class EvaluationFault(Exception):
    """Terraform would also refuse this: a missing attribute, a wrong index, an unknown name."""


class Named(ABC):
    """Something with attributes: a namespace (`var`), a resource, a call of a module."""

    @abstractmethod
    def attribute(self, name: str) -> Any: ...

    @abstractmethod
    def as_unknown(self) -> Unknown: ...


Scope = Callable[[str], Any]
"""What a bare name stands for. Raises EvaluationFault."""


class Comprehension(Named):
    """`{ for key, value in collection : key => ... }` of what is not known. Each member can be asked for."""

    def __init__(self, expression: syntax.For, collection: Unknown | Named, scope: Scope) -> None:
        self.expression = expression
        self.collection = collection
        self.scope = scope
        self.found: dict[str, Any] = {}

    def attribute(self, name: str) -> Any:
        if name not in self.found:
            names = dict(zip(self.expression.names, (name, attribute(self.collection, name)), strict=True))
            self.found[name] = evaluate(self.expression.value, _bound(self.scope, names))
        return self.found[name]

    def as_unknown(self) -> Unknown:
        return unknown("for", [self.collection])


class Merged(Named):
    """`merge` of objects of which some are not known: what a later one surely has is known."""

    def __init__(self, objects: Iterable[Any]) -> None:
        self.objects = list(objects)

    def attribute(self, name: str) -> Any:
        for item in reversed(self.objects):
            if isinstance(item, Unknown | Named):
                return attribute(item, name)
            if name in item:
                return item[name]
        raise EvaluationFault(f"there is no attribute {name!r}")

    def as_unknown(self) -> Unknown:
        return unknown("merge", self.objects)


def evaluate(expression: syntax.Expression, scope: Scope) -> Any:
    """The value of an expression. Raises EvaluationFault."""
    match expression:
        case syntax.Literal(value):
            return value
        case syntax.Template(parts):
            return template([part if isinstance(part, str) else evaluate(part, scope) for part in parts])
        case syntax.Name(name):
            return scope(name)
        case syntax.Attribute(of, name):
            return attribute(evaluate(of, scope), name)
        case syntax.Index(of, key):
            return index(evaluate(of, scope), evaluate(key, scope))
        case syntax.Splat(of, each):
            return _splat(evaluate(of, scope), each, scope)
        case syntax.Call(function, arguments, spread):
            return _call(function, arguments, spread, scope)
        case syntax.Conditional(condition, then, otherwise):
            return _conditional(evaluate(condition, scope), then, otherwise, scope)
        case syntax.Unary(operator, operand):
            return _unary(operator, evaluate(operand, scope))
        case syntax.Binary(operator, left, right):
            return _binary(operator, evaluate(left, scope), evaluate(right, scope))
        case syntax.TupleOf(items):
            return [evaluate(item, scope) for item in items]
        case syntax.ObjectOf(items):
            return _object([(evaluate(key, scope), evaluate(value, scope)) for key, value in items])
        case syntax.For():
            return _for(expression, scope)
        case syntax.Directive(said):
            return Unknown(f"${{{said}}}")


def attribute(value: Any, name: str) -> Any:
    match value:
        case Named():
            return value.attribute(name)
        case Unknown():
            return value.attribute(name)
        case OneOf():
            return same_choice(value, one_of(_all(lambda option: attribute(option, name), value.options, name)))
        case Mapping():
            if name not in value:
                raise EvaluationFault(f"there is no attribute {name!r} in {sorted(map(str, value))}")
            return value[name]
        case _:
            raise EvaluationFault(f"{value!r} has no attribute {name!r}")


def index(value: Any, key: Any) -> Any:
    if isinstance(key, OneOf) or isinstance(value, OneOf):
        pairs = [(v, k) for v in _alternatives(value) for k in _alternatives(key)]
        return one_of(_all(lambda pair: index(*pair), pairs, str(key)))
    if isinstance(value, Unknown | Named) and not isinstance(key, Unknown):
        return attribute(value, str(key))
    if isinstance(key, Unknown) or isinstance(value, Unknown):
        members = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
        if 0 < len(members) <= ALTERNATIVES:
            return one_of(members)
        return unknown("index", [value, key])
    if isinstance(value, list):
        try:
            return value[int(key)]
        except (IndexError, ValueError, TypeError):
            raise EvaluationFault(f"there is no element {key!r} in a list of {len(value)}") from None
    return attribute(value, str(key))


def one_of(values: Iterable[Any]) -> Any:
    """These values as alternatives, or the value itself where all are equal."""
    distinct: list[Any] = []
    for value in values:
        for option in value.options if isinstance(value, OneOf) else (value,):
            if not any(option is known or option == known for known in distinct):
                distinct.append(option)
    return distinct[0] if len(distinct) == 1 else OneOf(tuple(distinct))


def same_choice(before: OneOf, after: Any) -> Any:
    """What was made of each alternative, with the condition that chooses between them."""
    if isinstance(after, OneOf) and len(after.options) == len(before.options):
        return OneOf(after.options, before.condition)
    return after


def unknown(said: str, made_from: Any) -> Unknown:
    """An unknown result of something applied to these values."""
    parts = [_plain(part) for part in made_from]
    inner = ", ".join(
        part.text.removeprefix("${").removesuffix("}") if isinstance(part, Unknown) else repr(part) for part in parts
    )
    return Unknown(f"${{{said}({inner[:200]})}}", origins(parts))


def is_known(value: Any) -> bool:
    match value:
        case Unknown() | OneOf() | Json() | Named():
            return False
        case Mapping():
            return all(map(is_known, value.values()))
        case list():
            return all(map(is_known, value))
        case _:
            return True


def template(parts: list[Any]) -> Any:
    """A string with interpolations. A string of one interpolation keeps its value, as in Terraform."""
    if len(parts) == 1:
        return parts[0]
    if any(isinstance(part, OneOf) for part in parts):
        return _product(lambda *chosen: template(list(chosen)), parts, "template")
    if all(is_known(part) for part in parts):
        return "".join(to_text(part) for part in parts)
    said = "".join(_text_of(part) for part in parts)
    return Unknown(said, origins([_plain(part) for part in parts]))


def to_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if value is None or isinstance(value, Mapping | list):
        raise EvaluationFault(f"{value!r} cannot be part of a string")
    return str(value)


def _text_of(value: Any) -> str:
    if isinstance(value, Named):
        return value.as_unknown().text
    return str(value) if isinstance(value, Unknown | Json) else to_text(value)


def _plain(value: Any) -> Any:
    return value.as_unknown() if isinstance(value, Named) else value


def _alternatives(value: Any) -> tuple[Any, ...]:
    return value.options if isinstance(value, OneOf) else (value,)


def _all(function: Callable[[Any], Any], values: Iterable[Any], said: str) -> list[Any]:
    """The results for the values that have one: an alternative that Terraform would refuse cannot be meant."""
    results = []
    fault: EvaluationFault | None = None
    for value in values:
        try:
            results.append(function(value))
        except EvaluationFault as found:
            fault = found
    if not results:
        raise fault or EvaluationFault(f"nothing to take {said} of")
    return results


def _product(function: Callable[..., Any], arguments: list[Any], said: str) -> Any:
    if math.prod(len(_alternatives(argument)) for argument in arguments) > ALTERNATIVES:
        return unknown(said, arguments)
    combinations = itertools.product(*(_alternatives(argument) for argument in arguments))
    value = one_of(_all(lambda chosen: function(*chosen), combinations, said))
    chosen = [argument for argument in arguments if isinstance(argument, OneOf)]
    return same_choice(chosen[0], value) if len(chosen) == 1 else value


def _object(pairs: list[tuple[Any, Any]]) -> Any:
    if any(not is_known(key) for key, _ in pairs):
        # A key like "alias-${var.suffix}" is as good as any: its text distinguishes it.
        pairs = [(str(_plain(key)), value) for key, value in pairs]
    return {to_text(key): value for key, value in pairs}


def _splat(value: Any, each: syntax.Expression, scope: Scope) -> Any:
    if isinstance(value, Unknown | OneOf):
        return unknown("splat", [value])
    members = [] if value is None else value if isinstance(value, list) else [value]
    return [evaluate(each, _bound(scope, {"*": member})) for member in members]


def _bound(scope: Scope, names: Mapping[str, Any]) -> Scope:
    return lambda name: names[name] if name in names else scope(name)


def _conditional(condition: Any, then: syntax.Expression, otherwise: syntax.Expression, scope: Scope) -> Any:
    if isinstance(condition, bool) or condition in ("true", "false"):
        return evaluate(then if condition in (True, "true") else otherwise, scope)
    if not isinstance(condition, Unknown | OneOf):
        raise EvaluationFault(f"{condition!r} is not a condition")
    branches = _all(lambda branch: evaluate(branch, scope), (then, otherwise), "a condition")
    value = one_of(branches)
    single = len(branches) == 2 and not any(isinstance(branch, OneOf) for branch in branches)
    if single and isinstance(value, OneOf):
        return OneOf(value.options, _said(condition))
    return value


def _said(condition: Unknown | OneOf) -> str:
    """The text of a single condition: itself, or the one that it holds under."""
    if isinstance(condition, Unknown):
        return condition.text
    return condition.condition if condition.options == (True, False) else ""


def _unary(operator: str, value: Any) -> Any:
    if isinstance(value, OneOf):
        return one_of(_all(lambda option: _unary(operator, option), value.options, operator))
    if not is_known(value):
        return unknown(operator, [value])
    return -value if operator == "-" else not value


_OPERATORS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "%": lambda a, b: a % b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _binary(operator: str, left: Any, right: Any) -> Any:
    if isinstance(left, OneOf) or isinstance(right, OneOf):
        return _product(lambda a, b: _binary(operator, a, b), [left, right], operator)
    if operator in ("==", "!="):
        equal = _equal(left, right)
        return unknown(operator, [left, right]) if equal is None else equal == (operator == "==")
    if operator in ("&&", "||"):
        settles = operator == "||"
        if left is settles or right is settles:
            return settles
        if is_known(left) and is_known(right):
            return bool(left and right) if operator == "&&" else bool(left or right)
        return unknown(operator, [left, right])
    if not is_known(left) or not is_known(right):
        return unknown(operator, [left, right])
    try:
        return _OPERATORS[operator](left, right)
    except (TypeError, ZeroDivisionError) as fault:
        raise EvaluationFault(f"{left!r} {operator} {right!r}: {fault}") from None


def _equal(left: Any, right: Any) -> bool | None:
    """Whether two values are equal. None where that is not known yet."""
    for one, other in ((left, right), (right, left)):
        if other is None and (isinstance(one, Json | Named) or (isinstance(one, Unknown) and not _may_be_null(one))):
            return False
    if is_known(left) and is_known(right):
        if isinstance(left, bool) is not isinstance(right, bool):
            return False
        return bool(left == right)
    if isinstance(left, Unknown) and left == right:
        return True
    return (
        False
        if (isinstance(left, Mapping | list) and right is None) or (isinstance(right, Mapping | list) and left is None)
        else None
    )


def _may_be_null(value: Unknown) -> bool:
    return value.whole and (not value.origins or any(isinstance(origin, Input) for origin in value.origins))


def _for(expression: syntax.For, scope: Scope) -> Any:
    collection = evaluate(expression.collection, scope)
    return _product(lambda chosen: _for_over(expression, chosen, scope), [collection], "for")


def _for_over(expression: syntax.For, collection: Any, scope: Scope) -> Any:
    if isinstance(collection, Mapping):
        pairs: list[tuple[Any, Any]] = sorted(collection.items())
    elif isinstance(collection, list):
        pairs = list(enumerate(collection))
    elif isinstance(collection, Unknown | Named):
        one_to_one = len(expression.names) == 2 and expression.key == syntax.Name(expression.names[0])
        if one_to_one and expression.condition is None and not expression.grouped:
            return Comprehension(expression, collection, scope)
        return unknown("for", [collection])
    else:
        raise EvaluationFault(f"{collection!r} is not a collection")
    found: list[tuple[Any, Any]] = []
    for key, value in pairs:
        names = dict(zip(expression.names, (key, value) if len(expression.names) == 2 else (value,), strict=True))
        inner = _bound(scope, names)
        if expression.condition is not None:
            wanted = evaluate(expression.condition, inner)
            if not is_known(wanted):
                return unknown("for", [collection, wanted])
            if not wanted:
                continue
        found.append((evaluate(expression.key, inner) if expression.key else None, evaluate(expression.value, inner)))
    if expression.key is None:
        return [value for _, value in found]
    if expression.grouped:
        groups: dict[str, list[Any]] = {}
        for key, value in found:
            groups.setdefault(to_text(key), []).append(value)
        return groups
    return _object(found)


# Functions -----------------------------------------------------------------------------------------------------------


def _call(function: str, arguments: tuple[syntax.Expression, ...], spread: bool, scope: Scope) -> Any:
    if function in ("try", "can"):
        return _try(arguments, scope, can=function == "can")
    values = [evaluate(argument, scope) for argument in arguments]
    if spread:
        last = values.pop()
        if not isinstance(last, list):
            return unknown(function, [*values, last])
        values += last
    if function == "jsonencode":
        return _encode(values[0])
    apply = _LENIENT.get(function)
    if apply is None:
        if function not in _STRICT or not all(is_known(value) for option in values for value in _alternatives(option)):
            return unknown(function, values)
        apply = _STRICT[function]
    try:
        return _product(apply, values, function)
    except (TypeError, ValueError, AttributeError, IndexError, yaml.YAMLError) as fault:
        raise EvaluationFault(f"{function}: {fault}") from None


def _try(arguments: tuple[syntax.Expression, ...], scope: Scope, *, can: bool) -> Any:
    found: list[Any] = []
    for argument in arguments:
        try:
            value = evaluate(argument, scope)
        except EvaluationFault:
            continue
        found.append(value)
        if not isinstance(value, Unknown | OneOf):
            break
    if can:
        return bool(found) if not found or not isinstance(found[0], Unknown | OneOf) else unknown("can", found)
    if not found:
        raise EvaluationFault("no argument of try can be evaluated")
    return one_of(found)


def _encode(value: Any) -> Any:
    if isinstance(value, OneOf):
        return one_of(_encode(option) for option in value.options)
    value = _plain(value)
    return json.dumps(value, separators=(",", ":"), sort_keys=True) if is_known(value) else Json(value)


@lru_cache(maxsize=256)
def _yaml(text: str) -> Any:
    """Compositions read the same documents for each function that they create."""
    return yaml.safe_load(text)


def _merge(*objects: Any) -> Any:
    if any(isinstance(item, Unknown | Named) for item in objects):
        return Merged(item for item in objects if item is not None)
    return {key: value for item in objects if item is not None for key, value in item.items()}


def _concat(*lists: Any) -> Any:
    if any(isinstance(item, Unknown | Named) for item in lists):
        return unknown("concat", lists)
    return [member for item in lists for member in item]


def _flatten(value: Any) -> Any:
    """The result is unknown where a member is: the member may be a list."""
    if not isinstance(value, list):
        return unknown("flatten", [value])
    found: list[Any] = []
    for member in value:
        if isinstance(member, Unknown | OneOf):
            return unknown("flatten", value)
        inner = _flatten(member) if isinstance(member, list) else [member]
        if isinstance(inner, Unknown):
            return inner
        found += inner
    return found


def _distinct(value: Any) -> Any:
    if not isinstance(value, list):
        return unknown("distinct", [value])
    return list(
        {
            (_plain(item) if isinstance(item, Unknown) else json.dumps(item, sort_keys=True, default=str)): item
            for item in value
        }.values()
    )


def _set(value: Any) -> Any:
    found = _distinct(value)
    return sorted(found) if is_known(found) and all(isinstance(item, str) for item in found) else found


def _keys(value: Any) -> Any:
    return sorted(value) if isinstance(value, Mapping) else unknown("keys", [value])


def _values(value: Any) -> Any:
    return [value[key] for key in sorted(value)] if isinstance(value, Mapping) else unknown("values", [value])


def _length(value: Any) -> Any:
    return len(value) if isinstance(value, Mapping | list | str) else unknown("length", [value])


def _lookup(value: Any, key: Any, *default: Any) -> Any:
    if not isinstance(value, Mapping) or not is_known(key):
        return unknown("lookup", [value, key, *default])
    if key in value:
        return value[key]
    if not default:
        raise EvaluationFault(f"there is no {key!r} to look up")
    return default[0]


def _coalesce(*values: Any) -> Any:
    found = []
    for value in values:
        if value is None or value == "":
            continue
        found.append(value)
        if not (isinstance(value, Unknown) and _may_be_null(value)):
            break
    if not found:
        raise EvaluationFault("coalesce has nothing to choose from")
    return one_of(found)


def _contains(value: Any, wanted: Any) -> Any:
    if not isinstance(value, list):
        return unknown("contains", [value, wanted])
    answers = [_equal(member, wanted) for member in value]
    return True if True in answers else unknown("contains", [value, wanted]) if None in answers else False


def _element(value: Any, at: Any) -> Any:
    return (
        value[at % len(value)]
        if isinstance(value, list) and value and isinstance(at, int)
        else unknown("element", [value, at])
    )


def _one(value: Any) -> Any:
    if not isinstance(value, list):
        return unknown("one", [value])
    return value[0] if value else None


def _same(value: Any) -> Any:
    return value


def _join(separator: Any, value: Any) -> Any:
    if not isinstance(value, list) or not all(isinstance(item, str | int | float | Unknown) for item in value):
        return unknown("join", [separator, value])
    parts: list[Any] = []
    for item in value:
        parts += [separator, item]
    return template([*parts[1:], ""]) if value else ""


def _format(pattern: Any, *values: Any) -> Any:
    if not isinstance(pattern, str) or re.search(r"%[^sd%]", pattern):
        return unknown("format", [pattern, *values])
    parts: list[Any] = []
    rest = list(values)
    for piece in re.split(r"(%[sd%])", pattern):
        if piece == "%%":
            parts.append("%")
        elif piece in ("%s", "%d"):
            parts.append(rest.pop(0))
        else:
            parts.append(piece)
    return template(parts)


def _decode(value: Any) -> Any:
    if isinstance(value, Json):
        return value.value
    if not isinstance(value, str):
        return unknown("jsondecode", [value])
    try:
        return json.loads(value)
    except ValueError as fault:
        raise EvaluationFault(f"jsondecode: {fault}") from None


def _zipmap(keys: Any, values: Any) -> Any:
    if not isinstance(keys, list) or not isinstance(values, list):
        return unknown("zipmap", [keys, values])
    return _object(list(zip(keys, values, strict=True)))


# These functions take arguments that are partly known.
_LENIENT: Final[dict[str, Callable[..., Any]]] = {
    "coalesce": _coalesce,
    "concat": _concat,
    "contains": _contains,
    "distinct": _distinct,
    "element": _element,
    "flatten": _flatten,
    "format": _format,
    "join": _join,
    "jsondecode": _decode,
    "keys": _keys,
    "length": _length,
    "lookup": _lookup,
    "merge": _merge,
    "nonsensitive": _same,
    "one": _one,
    "sensitive": _same,
    "tolist": _same,
    "tomap": _same,
    "toset": _set,
    "tostring": _same,
    "tonumber": _same,
    "tobool": _same,
    "values": _values,
    "zipmap": _zipmap,
}


def _regex(pattern: str, value: str) -> Any:
    found = re.search(pattern, value)
    if found is None:
        raise EvaluationFault(f"{value!r} does not match {pattern!r}")
    return found.groupdict() or list(found.groups()) or found.group()


def _replace(value: str, old: str, new: str) -> str:
    return re.sub(old[1:-1], new, value) if len(old) > 1 and old[0] == old[-1] == "/" else value.replace(old, new)


def _file(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as fault:
        raise EvaluationFault(f"file({path!r}): {fault.strerror}") from None


def _range(*bounds: int) -> list[int]:
    return list(range(*bounds))


# These functions need arguments that are wholly known.
_STRICT: Final[dict[str, Callable[..., Any]]] = {
    "abs": abs,
    "alltrue": all,
    "anytrue": any,
    "basename": lambda path: Path(path).name,
    "ceil": math.ceil,
    "compact": lambda values: [value for value in values if value],
    "dirname": lambda path: str(Path(path).parent),
    "endswith": str.endswith,
    "file": _file,
    "floor": math.floor,
    "lower": str.lower,
    "max": max,
    "min": min,
    "range": _range,
    "regex": _regex,
    "regexall": lambda pattern, value: [found.group() for found in re.finditer(pattern, value)],
    "replace": _replace,
    "reverse": lambda values: values[::-1],
    "setintersection": lambda first, *rest: sorted(set(first).intersection(*rest)),
    "setproduct": lambda *sets: [list(found) for found in itertools.product(*sets)],
    "setsubtract": lambda first, second: sorted(set(first) - set(second)),
    "setunion": lambda *sets: sorted(set().union(*sets)),
    "slice": lambda values, start, end: values[start:end],
    "sort": sorted,
    "split": lambda separator, value: value.split(separator),
    "startswith": str.startswith,
    "strcontains": lambda value, part: part in value,
    "substr": lambda value, start, length: value[start:] if length < 0 else value[start : start + length],
    "sum": sum,
    "title": str.title,
    "trim": lambda value, cut: value.strip(cut),
    "trimprefix": str.removeprefix,
    "trimspace": str.strip,
    "trimsuffix": str.removesuffix,
    "upper": str.upper,
    "yamldecode": lambda text: deepcopy(_yaml(text)),
}


# Types ---------------------------------------------------------------------------------------------------------------


def convert(value: Any, wanted: syntax.Expression | None, scope: Scope) -> Any:
    """A value as a variable's type takes it: objects get their optional attributes, and lose what is not declared."""
    if wanted is None or value is None or isinstance(value, Unknown | Json | Named):
        return value
    if isinstance(value, OneOf):
        return same_choice(value, one_of(convert(option, wanted, scope) for option in value.options))
    match wanted:
        case syntax.Name("string") if isinstance(value, bool | int | float):
            return to_text(value)
        case syntax.Name("number") if isinstance(value, str):
            try:
                return int(value)
            except ValueError:
                return float(value)
        case syntax.Call("object", (syntax.ObjectOf(declared),)) if isinstance(value, Mapping):
            return {
                str(name.value): _member(value, str(name.value), type_, scope)
                for name, type_ in declared
                if isinstance(name, syntax.Literal)
            }
        case syntax.Call("map", (inner,)) if isinstance(value, Mapping):
            return {key: convert(member, inner, scope) for key, member in value.items()}
        case syntax.Call("list" | "set", (inner,)) if isinstance(value, list):
            return [convert(member, inner, scope) for member in value]
        case _:
            return value


def _member(value: Mapping[str, Any], name: str, type_: syntax.Expression, scope: Scope) -> Any:
    default: Any = None
    given = value.get(name)
    if isinstance(type_, syntax.Call) and type_.function == "optional":
        inner, *defaults = type_.arguments
        default = evaluate(defaults[0], scope) if defaults else None
        type_ = inner
    elif name not in value:
        raise EvaluationFault(f"the attribute {name!r} is required")
    return convert(default if given is None else given, type_, scope)
