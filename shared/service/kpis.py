"""The key figures of a subnet, each from its current snapshot alone.

They are over the miners that the chain knows, or over all while it cannot tell: anyone who may
report can invent miners.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean

from shared.domain.results import MinerResult, Resolution
from shared.service.views import View


@dataclass(frozen=True, slots=True)
class Kpis:
    """The five key figures; shares are 0–1, None where there is nothing to divide by."""

    coverage: float | None
    """Miners with a quorum that is not disputed, of all that are reported on."""
    participation: float | None
    """Validators with a vote younger than the consensus timeout, of those that may report."""
    conflict_rate: float | None
    """Conflicts per miner with a quorum: its most heard one, by how much of the weight gives the
    field, so that what hardly anybody reports conflicts hardly at all."""
    confidence: float | None
    """Mean consensus confidence of the miners with a quorum."""
    latency_ms: float | None
    """From receipt of the newest reports until they were visible."""
    miners: int
    """Miners that are reported on: those not stale."""
    consensus_miners: int


def kpis_of(view: View) -> Kpis:
    """The key figures of a view."""
    reported = [result for result in registered(view.resolution) if result.state != "stale"]
    settled = [result for result in reported if result.state in {"consensus", "disputed"}]
    agreed = sum(result.state == "consensus" for result in reported)
    active, eligible = view.resolution.active_validators, view.resolution.eligible_validators
    return Kpis(
        coverage=agreed / len(reported) if reported else None,
        participation=len(active) / eligible if eligible else None,
        conflict_rate=fmean(map(_conflict, settled)) if settled else None,
        confidence=fmean(result.confidence for result in settled) if settled else None,
        latency_ms=view.stored.latency_ms,
        miners=len(reported),
        consensus_miners=agreed,
    )


def registered(resolution: Resolution) -> list[MinerResult]:
    """The miners that the chain knows, uids ascending; all while its facts are old, or none."""
    return [result for result in resolution.miners.values() if result.is_registered]


def _conflict(result: MinerResult) -> float:
    return max((conflict.heard for conflict in result.conflicts), default=0.0)
