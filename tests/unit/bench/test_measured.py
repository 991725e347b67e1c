"""What a benchmark makes of the times that it took."""

from __future__ import annotations

from tools.bench.webhooks import Measured


def test_throughput_counts_the_time_of_the_rounds_and_latency_that_of_the_requests() -> None:
    measured = Measured(rounds=[1.0, 3.0], requests=[0.010] * 98 + [0.020, 0.030])
    assert measured.report() == {
        "requests": 100,
        "requests_per_second": 25.0,
        "latency_ms": {"p50": 10.0, "p99": 20.0},
    }


def test_one_disturbed_round_does_not_decide_the_ratio() -> None:
    ours = Measured(rounds=[2.0, 2.0, 40.0])
    assert ours.ratio_to(Measured(rounds=[1.0, 1.0, 1.0])) == 0.5
