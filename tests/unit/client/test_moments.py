"""Reporting together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from quorate_client import seconds_to_next


@given(st.floats(1e9, 4e9), st.sampled_from([0.5, 60.0, 300.0]))
def test_the_next_moment_is_the_same_for_all(now: float, every: float) -> None:
    """Shortly after a whole multiple of the interval, which is at most one interval away."""
    within = min(2.0, every)
    wait = seconds_to_next(every, now=now)

    assert 0 < wait <= every + within
    assert -1e-3 <= (now + wait) % every <= within + 1e-3 or every - (now + wait) % every < 1e-3
