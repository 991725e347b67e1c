"""What a benchmark makes of the times that it took."""

from __future__ import annotations

import pytest

from tools.bench.webhooks import REQUESTS_PER_ROUND, Measured
from tools.errors import Failure


def test_throughput_counts_the_time_of_the_rounds_and_latency_that_of_the_requests() -> None:
    requests = [0.010] * 98 + [0.020, 0.030]
    measured = Measured(rounds=[1.0, 3.0], requests=requests, processor=[0.1, 0.1])
    assert measured.report() == {
        "requests": 100,
        "requests_per_second": 25.0,
        "latency_ms": {"p50": 10.0, "p99": 20.0},
        "processor_ms": 1000 * 0.1 / REQUESTS_PER_ROUND,
    }


def test_one_disturbed_round_does_not_decide_the_ratio() -> None:
    ours = Measured(processor=[2.0, 2.0, 40.0])
    assert ours.processor_ratio_to(Measured(processor=[1.0, 1.0, 1.0])) == 2.0


def test_a_round_in_which_a_worker_was_started_does_not_count() -> None:
    ours = Measured(processor=[2.0, None, 2.0])
    assert ours.processor_ratio_to(Measured(processor=[1.0, 1.0, None])) == 2.0


def test_a_run_without_a_round_that_counts_reports_nothing() -> None:
    with pytest.raises(Failure, match="started a worker in every round"):
        Measured(processor=[None]).processor_ratio_to(Measured(processor=[1.0]))
