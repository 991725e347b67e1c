"""An answer of the API is believed only as far as the back of the system bears it out."""

from __future__ import annotations

from collections import Counter

import pytest

from tools.demo.account import Outcome
from tools.demo.webhooks import Back, Posted


@pytest.mark.parametrize(
    ("status", "back", "outcome"),
    [
        (200, Back({"e"}, Counter(e=1)), Outcome.PROCESSED),
        (200, Back({"e"}), Outcome.UNACCOUNTED),
        (200, Back({"e"}, dead=Counter(e=1)), Outcome.DEAD_LETTERED),
        (409, Back({"e"}, Counter(e=1)), Outcome.DUPLICATE),
        (409, Back({"e"}), Outcome.UNACCOUNTED),
        (400, Back(), Outcome.REJECTED),
        (401, Back({"e"}), Outcome.UNACCOUNTED),
        (503, Back({"e"}), Outcome.UNACCOUNTED),
        (502, Back(), Outcome.UNACCOUNTED),
    ],
)
def test_an_answer_counts_when_table_and_queues_say_the_same(status: int, back: Back, outcome: Outcome) -> None:
    assert back.outcome(Posted("e", status, 1.0)) is outcome
