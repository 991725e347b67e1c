"""A row counts where the tables say of it what had to become of it."""

from __future__ import annotations

from collections import Counter

from functions.transaction_files.logic.processing import Counts
from tools.demo.transaction_files import Back

EXPECTED = Counts(stored=5, present=1, conflicts=2, rejected=3)


def test_rows_are_accounted_for_by_what_the_tables_have_of_them() -> None:
    back = Back({"f": Counter(stored=5, present=1, conflicts=2, rejected=3)})
    assert back.unaccounted("f", EXPECTED) == 0


def test_a_row_that_became_something_else_is_not_accounted_for() -> None:
    back = Back({"f": Counter(stored=6, present=1, conflicts=2, rejected=2)})
    assert back.unaccounted("f", EXPECTED) == 1
    assert back.confirmed("f", EXPECTED) == {"stored": 5, "present": 1, "conflicts": 2, "rejected": 2}


def test_a_file_of_which_nothing_is_known_is_not_accounted_for() -> None:
    assert Back().unaccounted("f", EXPECTED) == 11
