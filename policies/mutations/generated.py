"""Mutants that are made from the modules: each security attribute of each resource, and each statement of each policy.

An attribute is one of security where its shape (`policies/shapes.py`) asks for more than any text. Each is removed,
made null under a condition, negated where it is true or false, and widened where it is a number or names something. A
whole block is removed, and put under a condition. In a statement the effect is turned around, each operator swapped for
its opposite and for its lenient form, each condition dropped, somebody added to the principals, and a wildcard put
behind the resources.

Where a change makes no difference, `equivalent.yaml` names it with the reason.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import yaml

from policies.hcl import syntax
from policies.mutations.mutants import EQUIVALENT, Edit, Mutant
from policies.shapes import ANYTHING, NAME, SHAPES, TAGS, TEXT, Inside, Wanted
from policies.worlds.configuration import of_tree

_ANY_TEXT: Final = frozenset({TEXT.said, NAME.said, TAGS.said, ANYTHING.said})
# Something that nobody knows before the apply.
_SOMETIMES: Final = 'startswith(terraform.workspace, "x")'
_OPPOSITE: Final[Mapping[str, str]] = {
    "ArnEquals": "ArnNotEquals",
    "ArnLike": "ArnNotLike",
    "Bool": "BoolIfExists",
    "Null": "NumericEquals",
    "StringEquals": "StringNotEquals",
    "StringNotEquals": "StringEquals",
}


def generated(modules: Path) -> Iterator[Mutant]:
    """Every mutant of the modules, in the order of their files."""
    used = {
        (os.path.relpath(resource.file, os.path.realpath(modules)), resource.type, resource.name)
        for resource in of_tree(str(modules)).resources
    }
    for path in sorted(modules.rglob("*.tf")):
        file = path.relative_to(modules).as_posix()
        text = path.read_text(encoding="utf-8")
        body = syntax.parse(text).body
        for block in body.named("resource"):
            if (file, *block.labels) in used and block.labels[0] in SHAPES:
                yield from _of_block(file, text, block, SHAPES[block.labels[0]].inside, ".".join(block.labels))
        for statement in _statements(body):
            yield from _of_statement(file, text, statement)


def equivalent() -> dict[str, str]:
    """Mutants that change nothing, by what they break, with the reason."""
    return dict(yaml.safe_load(EQUIVALENT.read_text(encoding="utf-8")) or {})


def _mutant(broken: str, file: str, text: str, start: int, end: int, by: str) -> Mutant:
    return Mutant(f"{file}: {broken}", "PLT-33", "", (Edit(file, text, text[:start] + by + text[end:]),))


# Attributes and blocks -----------------------------------------------------------------------------------------------


def _of_block(file: str, text: str, block: syntax.Block, inside: Inside, path: str) -> Iterator[Mutant]:
    for name, place in block.body.places.items():
        wanted = inside.attributes.get(name)
        if wanted is not None and wanted.said not in _ANY_TEXT:
            yield from _of_attribute(file, text, block.body.attributes[name], wanted, place, f"{path}.{name}")
    count: Counter[str] = Counter()
    for inner in block.body.blocks:
        kind = inner.labels[0] if inner.kind == "dynamic" else inner.kind
        shape = inside.blocks.get(kind)
        if shape is None:
            continue
        count[kind] += 1
        said = f"{path}.{kind}" + (f" {count[kind]}" if count[kind] > 1 else "")
        if shape.least:
            yield _mutant(f"{said} removed", file, text, *inner.span, "")
            if inner.kind != "dynamic":
                content = text[slice(*inner.span)].partition("{")[2].rpartition("}")[0]
                there = f'dynamic "{kind}" {{\nfor_each = {_SOMETIMES} ? [] : [1]\ncontent {{{content}}}\n}}'
                yield _mutant(f"{said} sometimes not there", file, text, *inner.span, there)
        if inner.kind == "dynamic":
            for inside_it in inner.body.named("content"):
                yield from _of_block(file, text, inside_it, shape.inside, said)
        else:
            yield from _of_block(file, text, inner, shape.inside, said)


def _of_attribute(
    file: str, text: str, value: syntax.Expression, wanted: Wanted, place: syntax.Place, said: str
) -> Iterator[Mutant]:
    start, end = place.value
    written = text[start:end]
    if wanted.needed:
        yield _mutant(f"{said} removed", file, text, place.name, end, "")
        yield _mutant(f"{said} null in some cases", file, text, start, end, f"{_SOMETIMES} ? null : {written}")
    match value:
        case syntax.Literal(bool()):
            yield _mutant(f"{said} negated", file, text, start, end, f"!{written}")
            yield _mutant(f"{said} negated in some cases", file, text, start, end, f"{_SOMETIMES} == {written}")
        case syntax.Literal(int()) if written != "0":
            yield _mutant(f"{said} widened", file, text, start, end, f"{written} * 100000")
        case syntax.Literal(str()):
            yield _mutant(f"{said} another", file, text, start, end, '"other"')
        case syntax.Attribute() | syntax.Template() if "ARN" in wanted.said or "of an `" in wanted.said:
            yield _mutant(f"{said} widened", file, text, start, end, f'"${{{written}}}*"')
            yield _mutant(f"{said} foreign", file, text, start, end, '"arn:aws:sqs:us-east-1:999999999999:theirs"')


# Statements ----------------------------------------------------------------------------------------------------------


def _statements(body: syntax.Body) -> Iterator[syntax.ObjectOf]:
    for expression in syntax.expressions(body):
        if isinstance(expression, syntax.ObjectOf) and {"Effect", "Action"} <= set(_members(expression)):
            yield expression


def _members(written: syntax.ObjectOf) -> dict[str, tuple[syntax.Expression, syntax.Expression]]:
    """The members of an object by their names, with the expressions of name and value."""
    return {
        str(key.value if isinstance(key, syntax.Literal) else key.name): (key, value)
        for key, value in written.items
        if isinstance(key, syntax.Literal | syntax.Name)
    }


def _of_statement(file: str, text: str, statement: syntax.ObjectOf) -> Iterator[Mutant]:
    members = _members(statement)
    sid = members.get("Sid")
    line = text.count("\n", 0, statement.span[0]) + 1
    name = text[slice(*sid[1].span)].strip('"') if sid else f"statement of line {line}"

    def change(said: str, span: tuple[int, int], by: str) -> Mutant:
        return _mutant(f"{name}: {said}", file, text, *span, by)

    effect = members["Effect"][1]
    turned = '"Deny"' if text[slice(*effect.span)] == '"Allow"' else '"Allow"'
    yield change("turned around", effect.span, turned)
    yield change("every action but these", members["Action"][0].span, "NotAction")
    action = text[slice(*members["Action"][1].span)]
    yield change("an action more", members["Action"][1].span, f'flatten([{action}, "iam:PassRole"])')
    if "Resource" in members:
        written = text[slice(*members["Resource"][1].span)]
        yield change("every resource but these", members["Resource"][0].span, "NotResource")
        if written != '"*"':
            longer = f'[for longer in flatten([{written}]) : "${{longer}}*"]'
            yield change("what begins alike", members["Resource"][1].span, longer)
            yield change("everything", members["Resource"][1].span, '"*"')
    if "Principal" in members:
        key, value = members["Principal"]
        yield change("everybody but these", key.span, "NotPrincipal")
        if isinstance(value, syntax.ObjectOf):
            inside = text[slice(*value.span)]
            yield change("somebody more", value.span, f'merge({inside}, {{ Federated = "example.com" }})')
            yield change("everybody", value.span, '{ AWS = "*" }')
            yield change("a foreign account", value.span, '{ AWS = "arn:aws:iam::999999999999:root" }')
    if "Condition" in members:
        yield from _of_condition(text, members["Condition"][1], change)


def _of_condition(
    text: str, condition: syntax.Expression, change: Callable[[str, tuple[int, int], str], Mutant]
) -> Iterator[Mutant]:
    yield change("without its condition", condition.span, "{}")
    more = '{ IpAddress = { "aws:SourceIp" = "0.0.0.0/0" } }'
    yield change("a condition more", condition.span, f"merge({text[slice(*condition.span)]}, {more})")
    if not isinstance(condition, syntax.ObjectOf):
        return
    for operator, (key, keys) in _members(condition).items():
        yield change(f"{operator} turned around", key.span, _OPPOSITE.get(operator, f"{operator}IfExists"))
        yield change(f"{operator} if it is there", key.span, f"{operator}IfExists")
        if isinstance(keys, syntax.ObjectOf):
            for name, value in keys.items:
                said = text[slice(*name.span)].strip('"')
                written = text[slice(*value.span)]
                wider = f'[for longer in flatten([{written}]) : "${{longer}}*"]'
                yield change(f"{operator} on {said} widened", value.span, wider)
                yield change(f"{operator} on {said} is anything", value.span, '"*"')
                yield change(f"{operator} on another key than {said}", name.span, '"aws:UserAgent"')
