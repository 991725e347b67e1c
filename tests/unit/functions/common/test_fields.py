"""Foreign JSON is read without floats, and every fault is told by its path."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.common.faults import Fault
from functions.common.fields import MAXIMUM_DEPTH, Fields, NotJsonError, parse_json


@pytest.mark.requirement("EVT-22")
def test_numbers_are_never_binary_floats() -> None:
    assert parse_json('{"a": 0.1, "b": 10, "c": 1e2}') == {"a": Decimal("0.1"), "b": 10, "c": Decimal("100")}
    assert not any(isinstance(value, float) for value in parse_json("[0.1, 1e2, 1E400]"))  # type: ignore[attr-defined]


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize(
    "text", ["", "no", "{", "NaN", '{"a": Infinity}', "[" * 100_000, '"\ud800"', "{'a': 1}", "\ufeff{}"]
)
def test_what_is_no_json_is_refused_by_one_error(text: str) -> None:
    with pytest.raises(NotJsonError):
        parse_json(text)


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"[":'])
def test_nesting_is_read_to_a_depth_and_refused_by_name_below_it(opening: str) -> None:
    levels = len([bracket for bracket in opening.replace('"["', "") if bracket in "[{"])
    closing = "".join(
        {"[": "]", "{": "}"}[bracket] for bracket in reversed(opening.replace('"["', "")) if bracket in "[{"
    )

    def nested(times: int) -> str:
        return opening * times + "1" + closing * times

    assert parse_json(nested(MAXIMUM_DEPTH // levels))
    for times in (MAXIMUM_DEPTH // levels + 1, 500, 990, 100_000):
        with pytest.raises(NotJsonError, match="nested") as refusal:
            parse_json(nested(times))
        assert refusal.value.code == "too_deep"


@pytest.mark.requirement("EVT-21")
def test_a_number_that_python_does_not_convert_reads_as_one_as_far_out() -> None:
    numbers: Any = parse_json(f"[{'9' * 4_301}, 0.{'1' * 5_000}, -{'9' * 5_000}, 1e{'9' * 30}, 1e-{'9' * 30}]")
    huge, tiny, negative, infinite, nothing = numbers
    assert huge > 10**4_298
    assert negative < -(10**4_298)
    assert (infinite, nothing) == (Decimal("Infinity"), 0)
    assert str(tiny) == "0." + "1" * 5_000


@pytest.mark.requirement("EVT-21")
def test_a_number_that_is_too_long_for_its_field_is_told_as_too_long() -> None:
    document: Any = parse_json(f'{{"id": {"9" * 5_000}}}')
    fields = Fields(document, [])
    assert fields.text("id", or_integer=True) is None
    assert [fault.code for fault in fields.faults] == ["too_long"]


@given(st.text())
def test_no_text_raises_anything_but_that_error(text: str) -> None:
    with suppress(NotJsonError):
        parse_json(text)


@pytest.mark.requirement("EVT-21", "WHK-02")
@pytest.mark.parametrize(
    "text",
    ['{"a": 1, "a": 1}', '{"a": 1, "b": 2, "a": 3}', '{"a": {"b": 1, "b": 2}}', '[{"a": 1, "a": 2}]',
     '{"a": 1, "\\u0061": 2}', '{"": 1, "": 2}', '{"é": 1, "\\u00e9": 2}', '{"a": 1, "a": null}',
     '{"n": ' + "9" * 5000 + ', "a": 1, "a": 2}'],
)  # fmt: skip
def test_an_object_in_which_a_name_stands_twice_is_refused(text: str) -> None:
    with pytest.raises(NotJsonError, match="a name stands twice") as refused:
        parse_json(text)
    assert refused.value.code == "repeated_name"


@pytest.mark.parametrize("text", ['{"a": {"a": 1}, "b": {"a": 1}}', '[{"a": 1}, {"a": 1}]', '{"a": 1, "A": 1}'])
def test_a_name_may_stand_in_several_objects(text: str) -> None:
    assert parse_json(text)


@pytest.mark.requirement("EVT-21")
def test_every_fault_is_told_with_its_path_and_without_the_value() -> None:
    fields = Fields({"a": {"b": "secret", "c": True}, "items": [{}, 5], "empty": "", "long": "x" * 257}, [])
    inner = fields.nested("a")
    assert inner is not None
    assert inner.integer("b") is None
    assert inner.integer("c") is None
    for item in fields.each_nested("items"):
        item.text("name")
    fields.text("empty")
    fields.text("long")
    fields.flag("absent")
    assert [(fault.field, fault.code) for fault in fields.faults] == [
        ("a.b", "wrong_type"), ("a.c", "wrong_type"), ("items[0].name", "missing"), ("items[1].name", "missing"),
        ("empty", "missing"), ("long", "too_long"), ("absent", "missing"),
    ]  # fmt: skip
    assert not any("secret" in str(fault) for fault in fields.faults)


def test_integers_may_come_as_digits_only_where_that_is_said() -> None:
    faults: list[Fault] = []
    fields = Fields({"value": "2599", "wrong": "25.99", "float": Decimal("10.0")}, faults)
    assert fields.integer("value", or_text=True) == 2599
    assert fields.integer("value") is fields.integer("wrong", or_text=True) is fields.integer("float") is None
    assert len(faults) == 3


@pytest.mark.requirement("WHK-02")
def test_a_number_is_read_exactly_and_text_and_booleans_are_none() -> None:
    faults: list[Fault] = []
    fields = Fields({"whole": 10, "decimal": Decimal("0.10"), "text": "1", "flag": True}, faults)
    assert (fields.number("whole"), fields.number("decimal")) == (Decimal(10), Decimal("0.10"))
    assert fields.number("text") is fields.number("flag") is fields.number("absent") is None
    assert [fault.code for fault in faults] == ["wrong_type", "wrong_type", "missing"]
