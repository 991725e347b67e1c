"""The index of decisions lists each page by date, and refuses one that is not in the form of the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.docs import decisions
from tools.errors import Failure

PARTS = (
    "**What forced it.** A.\n\n**What was chosen.** B.\n\n**What it costs.** C.\n\n**What would change our mind.** D.\n"
)


def test_each_decision_is_listed_by_its_date(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Decisions\n")
    (tmp_path / "2026-11-28-second.md").write_text(f"# 2026-11-28: The second\n\n{PARTS}")
    (tmp_path / "2026-11-21-first.md").write_text(f"# The first\n\n{PARTS}")
    assert decisions.index(tmp_path)[2:] == [
        "| 2026-11-21 | [The first](2026-11-21-first.md) |",
        "| 2026-11-28 | [The second](2026-11-28-second.md) |",
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("undated.md", f"# A title\n\n{PARTS}"),
        ("2026-11-28-untitled.md", PARTS),
        ("2026-11-28-without-its-costs.md", f"# A title\n\n{PARTS.replace('**What it costs.** C.', '')}"),
    ],
)
def test_a_decision_in_another_form_is_named(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(Failure, match="not a dated page") as failure:
        decisions.index(tmp_path)
    assert failure.value.where == f"docs/decisions/{name}"
