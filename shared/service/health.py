"""Is the subnet well? Four checks, each with its value, its threshold and its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shared.service.kpis import Kpis, kpis_of
from shared.service.views import View

Status = Literal["ok", "failing", "idle"]

LEAST_PARTICIPATION = 0.5
"""Share of the eligible validators that should be reporting."""
LEAST_COVERAGE = 0.8
"""Share of the reported registered miners that should have an undisputed quorum."""
LEAST_CONFIDENCE = 0.6
"""Mean consensus confidence of the registered miners with a quorum."""
MOST_AGE_ROUNDS = 5
"""Age of the snapshot, in rounds, after which recomputes and sweeps must have stopped."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check: `value` against `threshold`; None where there is nothing to measure."""

    name: str
    healthy: bool
    value: float | None
    threshold: float
    reason: str


@dataclass(frozen=True, slots=True)
class Health:
    """All checks; `idle` while no report was ever accepted."""

    status: Status
    checks: tuple[Check, ...]


def health_of(view: View | None, now: float) -> Health:
    """The health of a subnet at `now` (seconds since 1970)."""
    if view is None or view.stored.total_reports == 0:
        return Health("idle", ())
    kpis = kpis_of(view)
    checks = (
        _validator_activity(view, kpis),
        _at_least("consensus_health", kpis.coverage, LEAST_COVERAGE, "miners with a quorum"),
        _at_least("data_quality", kpis.confidence, LEAST_CONFIDENCE, "mean confidence"),
        _system_performance(view, now),
    )
    return Health("ok" if all(check.healthy for check in checks) else "failing", checks)


def _validator_activity(view: View, kpis: Kpis) -> Check:
    active, eligible = len(view.resolution.active_validators), view.resolution.eligible_validators
    needed = max(view.policy.min_consensus_validators, LEAST_PARTICIPATION * eligible)
    return Check(
        "validator_activity",
        active >= needed,
        kpis.participation,
        needed / eligible if eligible else 1.0,
        f"{active} of {eligible} eligible validators reported within the consensus timeout",
    )


def _at_least(name: str, value: float | None, threshold: float, what: str) -> Check:
    if value is None:
        return Check(name, False, None, threshold, f"no miner has a quorum, so there is no {what}")
    return Check(name, value >= threshold, value, threshold, f"{what}: {value:.3f}")


def _system_performance(view: View, now: float) -> Check:
    most = MOST_AGE_ROUNDS * view.policy.round_seconds
    age = max(0.0, now - view.stored.computed_at)
    reason = f"the snapshot is {age:.0f} s old"
    return Check("system_performance", age <= most, age, most, reason)
