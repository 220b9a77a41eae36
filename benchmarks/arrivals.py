"""When reports arrive within a cycle, and what that makes the recompute do: a small simulation.

One recompute runs at a time; it covers every report that has arrived when it starts, so reports
that come in a burst share one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

BILLING_STEP = 0.1
"""Seconds to which Cloud Run rounds up an instance's busy time."""


@dataclass(frozen=True, slots=True)
class Recomputes:
    """What the recomputes of one cycle add up to."""

    count: int
    reports_read: int
    """What their queries read: the new reports, and one for the count of those just before."""
    busy_seconds: float
    """Time for which the instance is billed."""


def even(count: int, spread: float) -> list[float]:
    """Times of `count` arrivals, evenly over `spread` seconds from 0."""
    return [i * spread / count for i in range(count)]


def busy(arrivals: Sequence[float], duration: float) -> float:
    """Seconds for which at least one request is in work, each gap-free stretch rounded up."""
    total, start, end = 0.0, None, 0.0
    for at in arrivals:
        if start is not None and at > end:
            total, start = total + _billed(end - start), None
        start = at if start is None else start
        end = max(end, at + duration)
    return total + (_billed(end - start) if start is not None else 0.0)


def recomputes(arrivals: Sequence[float], duration: float) -> Recomputes:
    """The recomputes of one cycle's arrivals (seconds, ascending), each taking `duration`.

    A start is never earlier than the first arrival that no recompute covers, nor than the end of
    the one before.
    """
    starts: list[float] = []
    covered, free_at = 0, 0.0
    while covered < len(arrivals):
        start = max(arrivals[covered], free_at)
        covered, free_at = bisect_right(arrivals, start), start + duration
        starts.append(start)
    return Recomputes(len(starts), len(arrivals) + len(starts), busy(starts, duration))


def _billed(seconds: float) -> float:
    steps = seconds / BILLING_STEP
    return BILLING_STEP * (int(steps) + (steps - int(steps) > 1e-9))
