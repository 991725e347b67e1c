"""Numbers for people: percentiles, and tables whose columns are aligned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile: percentile([1, 2, 3, 4], 0.5) is 2. Raises ValueError for no values."""
    if not values:
        raise ValueError("there is no percentile of nothing")
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * round(share * 100) // 100) - 1)]


def percentiles(values: Sequence[float], digits: int) -> dict[str, float]:
    """The median and the 99th percentile, rounded: {"p50": x, "p99": y}. Raises ValueError for no values."""
    return {name: round(percentile(values, share), digits) for name, share in (("p50", 0.5), ("p99", 0.99))}


def table(rows: Iterable[Sequence[object]], *, left: int = 1) -> list[str]:
    """Each row as a line: columns are two spaces apart, the first `left` of them aligned left, the others right.

    A row may be shorter than the others.
    """
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip_longest(*texts, fillvalue="")]
    return [
        "  ".join(
            cell.ljust(width) if number < left else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=False))
        ).rstrip()
        for row in texts
    ]
