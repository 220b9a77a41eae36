"""The key figures of a subnet, each from its current snapshot alone."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean

from shared.service.views import View


@dataclass(frozen=True, slots=True)
class Kpis:
    """The five key figures; shares are 0–1, None where there is nothing to divide by."""

    coverage: float | None
    """Miners with a quorum that is not disputed, of all that are reported on."""
    participation: float | None
    """Validators with a vote younger than the consensus timeout, of those that may report."""
    conflict_rate: float | None
    """Miners with at least one conflict, of those with a quorum."""
    confidence: float | None
    """Mean consensus confidence of the miners with a quorum."""
    latency_ms: float | None
    """From receipt of the newest reports until they were visible."""
    miners: int
    """Miners that are reported on: those not stale."""
    consensus_miners: int


def kpis_of(view: View) -> Kpis:
    """The key figures of a view."""
    results = view.resolution.miners.values()
    reported = [result for result in results if result.state != "stale"]
    settled = [result for result in reported if result.state in {"consensus", "disputed"}]
    agreed = sum(result.state == "consensus" for result in reported)
    active, eligible = view.resolution.active_validators, view.resolution.eligible_validators
    return Kpis(
        coverage=agreed / len(reported) if reported else None,
        participation=len(active) / eligible if eligible else None,
        conflict_rate=fmean(bool(r.conflicts) for r in settled) if settled else None,
        confidence=fmean(result.confidence for result in settled) if settled else None,
        latency_ms=view.stored.latency_ms,
        miners=len(reported),
        consensus_miners=agreed,
    )
