"""What was measured, and nothing else."""

from __future__ import annotations

import pytest
from quorate_client.performance import Performance


def test_without_a_query_there_is_no_score() -> None:
    """Nothing is invented about a miner that nobody asked."""
    performance = Performance()

    assert (None, None, None, 0) == (
        performance.score("5A"),
        performance.success_rate("5A"),
        performance.latency("5A"),
        performance.load("5A"),
    )
    assert {} == performance.status_fields("5A")


@pytest.mark.parametrize(
    ("succeeded", "seconds", "expected"),
    [(True, 0.0, 1.0), (True, 5.0, 0.75), (True, 10.0, 0.5), (True, 99.0, 0.5), (False, 0.0, 0.0)],
)
def test_a_query_scores_by_success_and_latency(
    succeeded: bool, seconds: float, expected: float
) -> None:
    """1 at once, ½ at the timeout, 0 if it failed."""
    performance = Performance(timeout=10.0)
    performance.record("5A", succeeded=succeeded, seconds=seconds)

    assert expected == performance.score("5A")


def test_only_the_last_queries_count() -> None:
    """Old failures leave the window."""
    performance = Performance(window=2)
    for succeeded in (False, True, True):
        performance.record("5A", succeeded=succeeded, seconds=0.0)

    assert performance.success_rate("5A") == 1.0


def test_a_new_hotkey_inherits_nothing() -> None:
    """uids are recycled, hotkeys are not."""
    performance = Performance()
    performance.record("5A", succeeded=True, seconds=0.0)

    assert performance.score("5B") is None


def test_a_query_under_way_is_load() -> None:
    """It counts until it ends."""
    performance = Performance()
    with performance.querying("5A"), performance.querying("5A"):
        during = performance.load("5A")

    assert (2, 0) == (during, performance.load("5A"))


def test_what_a_query_raises_goes_on_and_counts_as_failure() -> None:
    """Measuring hides nothing."""
    performance = Performance()
    with pytest.raises(TimeoutError), performance.querying("5A"):
        raise TimeoutError

    assert (0.0, 0) == (performance.success_rate("5A"), performance.load("5A"))


def test_status_fields_say_what_was_measured() -> None:
    """Score, load, when it last answered, and each task type on its own."""
    performance = Performance(timeout=10.0, now=lambda: 1_700_000_000.0)
    performance.record("5A", succeeded=True, seconds=2.0, task_type="image")
    performance.record("5A", succeeded=False, seconds=9.0, task_type="image")
    performance.record("5A", succeeded=True, seconds=4.0)

    assert {
        "performance_score": 0.566667,
        "current_load": 0,
        "last_seen": "2023-11-14T22:13:20+00:00",
        "task_type_specialization": {
            "image": {"total": 2, "successful": 1, "avg_time": 2.0, "success_rate": 0.5}
        },
    } == performance.status_fields("5A")


def test_a_miner_that_never_answered_was_not_seen() -> None:
    """Failures alone give a score and no last_seen."""
    performance = Performance()
    performance.record("5A", succeeded=False, seconds=1.0)

    assert {"performance_score": 0.0, "current_load": 0} == performance.status_fields("5A")
