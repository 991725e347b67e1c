"""What is generated in the documentation: `make docs` writes it, and `docs check` names what is stale."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from tools.docs import cli, generated, requirements
from tools.docs.generated import Generated
from tools.errors import Failure


@pytest.fixture
def page(tmp_path: Path) -> Path:
    page = tmp_path / "page.md"
    page.write_text(
        "# Page\n\n<!-- BEGIN ONE -->\n1\n<!-- END ONE -->\n\nBy hand.\n\n<!-- BEGIN TWO -->\n2\n<!-- END TWO -->\n"
    )
    return page


def test_two_places_of_a_page_are_written_together_and_the_rest_stays(page: Path) -> None:
    both = [Generated(page, lambda: ["one"], "ONE"), Generated(page, lambda: ["two"], "TWO")]
    assert generated.written(both) == {
        page: "# Page\n\n<!-- BEGIN ONE -->\none\n<!-- END ONE -->\n\nBy hand.\n\n"
        "<!-- BEGIN TWO -->\ntwo\n<!-- END TWO -->\n"
    }


def test_only_the_place_that_was_edited_is_stale(page: Path) -> None:
    one, two = Generated(page, lambda: ["1"], "ONE"), Generated(page, lambda: ["two"], "TWO")
    assert generated.stale([one, two]) == [two]


def test_a_page_that_is_not_there_yet_is_stale_and_written(tmp_path: Path) -> None:
    whole = Generated(tmp_path / "new.md", lambda: ["# New", ""])
    assert generated.stale([whole]) == [whole]
    assert generated.written([whole]) == {tmp_path / "new.md": "# New\n"}


def test_a_place_that_no_function_fills_is_named(page: Path) -> None:
    [orphan] = generated.orphans([Generated(page, list, "ONE")], [page])
    assert orphan.endswith("page.md (TWO)")


def test_the_check_says_which_part_of_which_page_is_stale(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "everything", lambda: [Generated(page, lambda: ["new"], "ONE")])
    monkeypatch.setattr(requirements, "collect", dict)
    with pytest.raises(Failure, match="1 generated part of the documentation stale") as failure:
        cli._check(argparse.Namespace())
    assert str(failure.value.where).endswith("page.md (ONE)")
    assert "make docs" in str(failure.value.do)


def test_a_cell_may_be_empty_or_hold_a_bar() -> None:
    assert generated.table(("a", "b"), [("", "x | y")]) == ["| a | b |", "| --- | --- |", "| | x \\| y |"]
