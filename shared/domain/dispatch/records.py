"""What is known of a miner from the work that it was given: counts that fade, one record each.

Two clocks make them fade: half every `HALF_LIFE` seconds, and a twentieth with every further
result, so that a busy miner is judged by its last twenty and an idle one forgets in peace.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from shared.domain.dispatch.breaker import Breaker
from shared.domain.dispatch.capacity import grown, shrunk

Outcome = Literal["success", "failure", "timeout"]

HALF_LIFE = 600.0
"""Seconds after which a result counts half."""
MEMORY = 20.0
"""Results: each new one takes 1 / MEMORY of the weight of all before it."""
PRIOR = 10.0
"""How many results the validators' performance score is worth."""
SLOWEST = 0.5
"""What a success is worth that took its whole lease."""


@dataclass(frozen=True, slots=True)
class Result:
    """How one lease ended."""

    outcome: Outcome
    seconds: float
    """From the assignment, or as the sender measured it; ≥ 0."""
    lease_seconds: float
    """How long the lease was; > 0."""
    concurrent: int
    """Live leases of the miner when it was taken, itself included."""
    declared: int
    """Capacity by the consensus at that time, ≥ 1."""

    @property
    def quality(self) -> float:
        """0 for a failure or timeout; 1 for an instant success, 0.5 for one that took its lease."""
        if self.outcome != "success":
            return 0.0
        return 1.0 - (1.0 - SLOWEST) * min(1.0, self.seconds / self.lease_seconds)


@dataclass(frozen=True, slots=True)
class Record:
    """The faded results of one miner. Times are seconds since 1970, UTC."""

    uid: int
    hotkey: str
    updated_at: float = 0.0
    successes: float = 0.0
    failures: float = 0.0
    timeouts: float = 0.0
    quality: float = 0.0
    """Sum of `Result.quality`."""
    seconds: float = 0.0
    """Sum of the times of the successes."""
    served: float = 0.0
    """Results that fade with time alone: how much work it had lately."""
    verified: float | None = None
    """Capacity that it has shown; None before the first result."""
    breaker: Breaker = field(default_factory=Breaker)

    @property
    def evidence(self) -> float:
        """Results as of `updated_at`, at most `MEMORY`."""
        return self.successes + self.failures + self.timeouts

    @property
    def latency_ms(self) -> float | None:
        """Mean time of the successes, None without any."""
        return 1000 * self.seconds / self.successes if self.successes > 0 else None


def observe(record: Record, result: Result, now: float) -> Record:
    """The record after one more result at `now`."""
    before = faded(record, now)
    keep = 1.0 - 1.0 / MEMORY
    succeeded = result.outcome == "success"
    capacity = grown if succeeded else shrunk
    return replace(
        before,
        successes=keep * before.successes + succeeded,
        failures=keep * before.failures + (result.outcome == "failure"),
        timeouts=keep * before.timeouts + (result.outcome == "timeout"),
        quality=keep * before.quality + result.quality,
        seconds=keep * before.seconds + (result.seconds if succeeded else 0.0),
        served=before.served + 1.0,
        verified=capacity(before.verified, result.declared, result.concurrent),
        breaker=before.breaker.after(succeeded=succeeded, now=now),
    )


def faded(record: Record, now: float) -> Record:
    """The record as of `now`, if that is later; capacity and breaker do not fade."""
    left = 0.5 ** (max(0.0, now - record.updated_at) / HALF_LIFE)
    return replace(
        record,
        updated_at=max(now, record.updated_at),
        successes=left * record.successes,
        failures=left * record.failures,
        timeouts=left * record.timeouts,
        quality=left * record.quality,
        seconds=left * record.seconds,
        served=left * record.served,
    )


def blended(performance: float, record: Record) -> float:
    """Performance 0–1: (PRIOR × the validators' score + quality) / (PRIOR + evidence)."""
    return (PRIOR * performance + record.quality) / (PRIOR + record.evidence)
