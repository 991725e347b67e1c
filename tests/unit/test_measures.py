"""Numbers as people read them."""

from __future__ import annotations

import pytest

from tools.measures import percentile, percentiles, table


@pytest.mark.parametrize(("share", "value"), [(0.5, 2), (0.99, 4), (0.25, 1), (1.0, 4)])
def test_percentiles_are_nearest_rank(share: float, value: float) -> None:
    assert percentile([3, 1, 4, 2], share) == value


def test_there_is_no_percentile_of_nothing() -> None:
    with pytest.raises(ValueError, match="no percentile of nothing"):
        percentile([], 0.5)


def test_the_median_and_the_99th_percentile_are_named() -> None:
    assert percentiles([1.26, 2.0, 9.99], 1) == {"p50": 2.0, "p99": 10.0}


def test_columns_are_aligned_names_to_the_left_and_numbers_to_the_right() -> None:
    assert table([["", "CPU", "p50"], ["ours", "1.5 ms", 12], ["the empty one", 3]]) == [
        "                  CPU  p50",
        "ours           1.5 ms   12",
        "the empty one       3",
    ]


def test_text_in_several_columns_is_aligned_left() -> None:
    assert table([["queue", "failed", 7], ["q", "ok", 123]], left=2) == ["queue  failed    7", "q      ok      123"]
    assert table([]) == []
