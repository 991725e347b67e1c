from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.livetree.mocks import compare

OUTPUTS: dict[str, Any] = {
    "table": {"arn": "arn:aws:dynamodb:us-east-1:111111111111:table/events", "weights": [1, 2.5], "open": True},
    "queue_url": "https://sqs.us-east-1.amazonaws.com/111111111111/events",
    "bucket": {"arn": "arn:aws:s3:::artifacts", "name": "artifacts"},
}


def changed(path: list[str], value: Any) -> dict[str, Any]:
    """OUTPUTS with another value at a path."""
    key, *rest = path
    copy: dict[str, Any] = {name: dict(one) if isinstance(one, dict) else one for name, one in OUTPUTS.items()}
    if rest:
        copy[key][rest[0]] = value
    else:
        copy[key] = value
    return copy


def test_a_mock_may_have_other_values_as_long_as_their_form_is_the_same() -> None:
    mock = {
        "table": {"arn": "arn:aws:dynamodb:eu-central-1:000000000000:table/mock", "weights": [0], "open": False},
        "queue_url": "http://127.0.0.1:4566/000000000000/mock",
        "bucket": {"arn": "arn:aws:s3:::mock", "name": "mock"},
    }
    assert compare(mock, OUTPUTS) == []


@pytest.mark.requirement("PLT-15")
@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (["table", "arn"], "arn:aws:sqs:us-east-1:111111111111:events", "table.arn: arn:aws:sqs:"),
        (["table", "arn"], "arn:aws:dynamodb:us-east-1::table/events", "table.arn"),
        (["table", "arn"], "arn:aws:dynamodb::111111111111:table/events", "table.arn"),
        (["table", "arn"], "arn:aws:dynamodb:us-east-1:111111111111:table/events/index/*", "table.arn"),
        (["table", "arn"], "arn:aws-cn:dynamodb:us-east-1:111111111111:table/events", "table.arn"),
        (["table", "arn"], "events", "table.arn: text in the mock"),
        (["table", "weights"], ["1"], "table.weights[]: string in the mock, number in the real outputs"),
        (["table", "weights"], [1, "2"], "table.weights[]"),
        (["table", "weights"], [], "table.weights: the list is empty in the mock only"),
        (["table", "open"], "true", "table.open: string in the mock, bool in the real outputs"),
        (["table", "open"], 1, "table.open: number in the mock, bool in the real outputs"),
        (["table", "open"], None, "table.open: null in the mock"),
        (["table", "extra"], 1, "table.extra: the real outputs lack it"),
        (["table"], "events", "table: string in the mock, object in the real outputs"),
        (["queue_url"], "events", "queue_url: text in the mock, a URL in the real outputs"),
        (["bucket", "arn"], "arn:aws:s3:::mock/*", "bucket.arn"),
        (["another"], 1, "another: the real outputs lack it"),
    ],
)
def test_a_mock_of_another_form_is_told_where_it_lies(path: list[str], value: Any, says: str) -> None:
    [line] = compare(changed(path, value), OUTPUTS)
    assert line.startswith(says)


def test_a_mock_that_lacks_an_output_is_told() -> None:
    mock = {name: value for name, value in OUTPUTS.items() if name != "bucket"}
    assert compare(mock, OUTPUTS) == ["bucket: the mock lacks it"]


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=3), VALUES, max_size=3))
def test_outputs_agree_with_themselves(outputs: dict[str, Any]) -> None:
    assert compare(outputs, outputs) == []


@given(
    st.dictionaries(st.text(max_size=3), VALUES, max_size=3), st.dictionaries(st.text(max_size=3), VALUES, max_size=3)
)
def test_whether_two_agree_does_not_depend_on_which_is_the_mock(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert bool(compare(one, other)) == bool(compare(other, one))
