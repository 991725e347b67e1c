"""A row counts where the back end of csv-upload says of it what had to become of it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from functions.csv_upload.logic.status import State
from tools.demo.csv_upload import Back, Sent
from tools.demo.uploads import Expected, File
from tools.operations.rest_api import Answer

EXPECTED = Expected(stored=5, present=1, conflicts=2, rejected=3)
COMPLETED = {"state": "COMPLETED", "rows": 11, "invalid": 3, "present": 1, "conflicts": 2}
FAILED = {"state": "FAILED", "rows": 4, "invalid": 3}


def sent(expected: Expected, status: int = 202, refusal: int | None = None, body: Any = None) -> Sent:
    return Sent(File("f", b"", expected), Answer(status, body or {"upload_id": "u"}, {}), refusal)


def back(status: dict[str, Any], stored: int, rejected: int) -> Back:
    return Back({"u": status}, Counter(u=stored), Counter(u=rejected))


def test_rows_are_accounted_for_by_the_table_the_status_and_the_rejected_rows() -> None:
    assert back(COMPLETED, 5, 3).unaccounted(sent(EXPECTED)) == 0


@pytest.mark.parametrize(
    ("found", "missing"),
    [
        pytest.param(back(COMPLETED, 4, 3), 1, id="a row is not in the table"),
        pytest.param(back(COMPLETED, 6, 2), 1, id="a row was stored that had to be rejected"),
        pytest.param(back(COMPLETED | {"state": "TRANSFORMING"}, 5, 3), 11, id="it has no end"),
        pytest.param(Back(), 11, id="nothing is known of it"),
    ],
)
def test_a_row_that_became_something_else_is_not_accounted_for(found: Back, missing: int) -> None:
    assert found.unaccounted(sent(EXPECTED)) == missing


@pytest.mark.parametrize(
    ("found", "missing"),
    [
        pytest.param(back(FAILED, 0, 3), 0, id="none is stored, and what is wrong is kept"),
        pytest.param(back(FAILED, 1, 3), 1, id="one was stored all the same"),
        pytest.param(back(FAILED, 0, 2), 2, id="a rejected row is not kept"),
        pytest.param(back(COMPLETED, 0, 4), 4, id="it did not fail"),
    ],
)
def test_all_rows_of_a_file_that_had_to_fail_are_rejected(found: Back, missing: int) -> None:
    assert found.unaccounted(sent(Expected(State.FAILED, rejected=4))) == missing


@pytest.mark.parametrize(
    ("status", "body", "missing"),
    [(413, {"error": "too large"}, 0), (400, {"error": "no"}, 2), (413, None, 2), (202, {"upload_id": "u"}, 2)],
)
def test_a_request_that_had_to_be_refused_is_accounted_for_by_its_answer(status: int, body: Any, missing: int) -> None:
    one = sent(Expected(rejected=2), status, 413, body)
    assert Back().unaccounted(one) == missing
