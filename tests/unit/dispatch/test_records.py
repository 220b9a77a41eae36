from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.dispatch.records import (
    HALF_LIFE,
    MEMORY,
    Outcome,
    Record,
    Result,
    blended,
    faded,
    observe,
)

EMPTY = Record(7, "hotkey-of-7")
OUTCOMES: tuple[Outcome, ...] = ("success", "failure", "timeout")


def result(outcome: Outcome = "success", seconds: float = 0.0) -> Result:
    """One result of a lease of 60 s."""
    return Result(outcome, seconds, lease_seconds=60.0, concurrent=1, declared=5)


def after(record: Record, outcome: Outcome, times: int, now: float = 0.0) -> Record:
    """The record after so many such results."""
    for _ in range(times):
        record = observe(record, result(outcome), now)
    return record


def test_without_results_the_validators_decide() -> None:
    """Nothing observed changes nothing."""
    assert 0.37 == pytest.approx(blended(0.37, EMPTY))


def test_ten_failures_weigh_as_much_as_the_validators() -> None:
    """The prior is ten results: (10 · 0.8 + 0) / (10 + evidence)."""
    record = after(EMPTY, "failure", 10)

    assert 8 / (10 + record.evidence) == pytest.approx(blended(0.8, record))


def test_timeouts_count_like_failures() -> None:
    """In performance; the record tells them apart."""
    failed, timed_out = after(EMPTY, "failure", 3), after(EMPTY, "timeout", 3)

    assert blended(0.8, failed) == blended(0.8, timed_out)
    assert (0.0, failed.failures) == (timed_out.failures, timed_out.timeouts)


@pytest.mark.parametrize(("seconds", "expected"), [(0, 1.0), (30, 0.75), (60, 0.5), (600, 0.5)])
def test_a_slow_success_is_worth_less(seconds: float, expected: float) -> None:
    """Half at worst: it is still a success."""
    assert expected == result(seconds=seconds).quality


def test_results_fade_by_half_in_ten_minutes() -> None:
    """Counts and sums alike; at an earlier time they are as they were."""
    record = after(EMPTY, "success", 4, now=100.0)

    half = faded(record, 100.0 + HALF_LIFE)
    assert record.evidence / 2 == pytest.approx(half.evidence)
    assert record.served / 2 == pytest.approx(half.served)
    assert record == faded(record, 50.0)


def test_the_last_twenty_results_decide() -> None:
    """After a long good life twenty failures leave a third of the good."""
    record = after(after(EMPTY, "success", 1000), "failure", 20)

    assert 0.36 == pytest.approx(record.successes / record.evidence, abs=0.01)
    assert MEMORY == pytest.approx(record.evidence, rel=0.01)


def test_latency_is_that_of_the_successes() -> None:
    """Failures have none."""
    record = observe(EMPTY, result(seconds=2.0), 0.0)
    record = observe(record, result("failure", seconds=50.0), 0.0)

    assert EMPTY.latency_ms is None
    assert 2000 == pytest.approx(record.latency_ms)


@given(
    st.lists(st.tuples(st.sampled_from(OUTCOMES), st.floats(0, 100), st.floats(0, 1000))),
    st.floats(0, 1),
)
def test_blended_performance_stays_between_0_and_1(
    history: list[tuple[Outcome, float, float]], performance: float
) -> None:
    """Whatever happened, and whatever the times were."""
    record, now = EMPTY, 0.0
    for outcome, seconds, pause in history:
        now += pause
        record = observe(record, result(outcome, seconds), now)

    assert 0 <= blended(performance, record) <= 1
    assert record.evidence <= MEMORY + 1e-9
