"""Views as answers: JSON types under the wire names of the public contract, without timestamp."""

from __future__ import annotations

from typing import Any

from shared.domain.policy import Policy
from shared.domain.ranking import RankedMiner
from shared.domain.results import Conflict, MinerResult, Resolution
from shared.domain.standing import Copying, Deviation, Standing
from shared.service.kpis import Kpis, kpis_of
from shared.service.times import rfc3339
from shared.service.views import View

Answer = dict[str, Any]

NOTHING = Kpis(None, None, None, None, None, 0, 0)
"""The key figures of a subnet without a snapshot."""


class UnknownMiner(LookupError):  # noqa: N818 - a fact, not a fault
    """No validator has reported on this uid, or not for as long as miners are remembered."""


class UnknownRound(LookupError):  # noqa: N818 - a fact, not a fault
    """The round is not closed, had no reports, or is no longer kept with all that it rests on."""


class TooManyRounds(Exception):  # noqa: N818 - an answer, not a fault
    """Callers without a key have asked for many rounds; `retry_after` in seconds."""

    def __init__(self, limit: int, retry_after: float) -> None:
        """`limit` rounds a minute are explained."""
        self.retry_after = retry_after
        super().__init__(f"{limit} rounds a minute are explained without a key")


class SnapshotTooLarge(Exception):  # noqa: N818 - an answer, not a fault
    """The signed reports behind a snapshot are more than one answer holds."""


def miner_consensus(view: View | None, uid: int) -> Answer:
    """`GET /miners/{uid}/consensus`; raises `UnknownMiner`."""
    return miner_answer(view.resolution if view else None, uid)


def miner_answer(resolution: Resolution | None, uid: int) -> Answer:
    """One miner of a resolution; raises `UnknownMiner`."""
    miner = resolution.miners.get(uid) if resolution else None
    if miner is None:
        raise UnknownMiner(f"no validator has reported on uid {uid}")
    status = {
        "uid": miner.uid,
        "hotkey": miner.hotkey,
        **miner.values,
        "consensus_confidence": miner.confidence,
        "consensus_validators": list(miner.validators),
        "conflicts_detected": [conflict_answer(conflict) for conflict in miner.conflicts],
        "sources": dict(miner.sources),
        **_provenance(miner),
    }
    return {
        "success": True,
        "miner_uid": uid,
        "consensus_status": status,
        "state": miner.state,
    }


def consensus_stats(view: View | None, policy: Policy) -> Answer:
    """`GET /validators/consensus-stats`; `policy` speaks before the first snapshot."""
    return {
        "success": True,
        "consensus_statistics": _statistics(view, policy),
    }


def network_status(view: View | None, policy: Policy) -> Answer:
    """`GET /miners/network-status`: all miners, best first; an empty network is an answer.

    The totals are over the registered ones, as all key figures.
    """
    ranked = view.ranking.miners if view else ()
    counted = [miner for miner in ranked if miner.result.is_registered]
    kpis = kpis_of(view) if view else NOTHING
    return {
        "success": True,
        "processing_mode": view.ranking.mode if view else "empty",
        "network_status": {
            "total_miners": len(counted),
            "active_miners": sum(miner.is_active for miner in counted),
            "total_stake": sum(miner.result.values.get("stake", 0.0) for miner in counted),
            "average_consensus_confidence": kpis.confidence or 0.0,
            "last_updated": rfc3339(view.stored.computed_at) if view else None,
        },
        "consensus_stats": _statistics(view, policy),
        "miners": [_ranked(miner) for miner in ranked],
    }


def validators(view: View | None) -> Answer:
    """`GET /validators`: everyone who may report, uids ascending.

    `miners` names the miner that each character of an `agreement_map` is about.
    """
    standings = view.standings if view else ()
    return {
        "success": True,
        "validators": [_standing(standing) for standing in standings],
        "miners": sorted(view.resolution.miners) if view else [],
    }


def _statistics(view: View | None, policy: Policy) -> Answer:
    kpis = kpis_of(view) if view else NOTHING
    decided = view.policy if view else policy
    return {
        "total_validator_reports": view.stored.total_reports if view else 0,
        "total_observations": view.stored.total_observations if view else 0,
        "consensus_miners": kpis.consensus_miners,
        "active_validators": len(view.resolution.active_validators) if view else 0,
        "eligible_validators": view.resolution.eligible_validators if view else 0,
        "average_consensus_confidence": kpis.confidence or 0.0,
        "consensus_timeout_minutes": decided.consensus_timeout / 60,
        "min_consensus_validators": decided.min_consensus_validators,
        "consensus_coverage": kpis.coverage or 0.0,
        "conflict_rate": kpis.conflict_rate or 0.0,
        "processing_latency_ms": kpis.latency_ms,
    }


def _standing(standing: Standing) -> Answer:
    last, furthest = standing.last_report_at, standing.furthest
    return {
        "uid": standing.uid,
        "hotkey": standing.hotkey,
        "stake": standing.stake,
        "is_active": standing.is_active,
        "last_report": rfc3339(last) if last is not None else None,
        "reports": standing.reports,
        "participation": standing.participation,
        "reputation": standing.reputation,
        "quarantine": standing.quarantine or None,
        "agreement": standing.agreement,
        "observations": standing.observations,
        "agreement_map": standing.agreement_map,
        "furthest": _deviation(furthest) if furthest else None,
        "copying": _copying(standing.copying) if standing.copying else None,
        "peer_map": standing.peer_map,
    }


def _copying(copying: Copying) -> Answer:
    return {
        "validators": list(copying.validators),
        "agreement": round(copying.agreement, 3),
        "observations": round(copying.observations),
    }


def _deviation(deviation: Deviation) -> Answer:
    """Whole tolerances only: what it said exactly stays between it and the log."""
    return {
        "miner_uid": deviation.miner_uid,
        "field": deviation.field,
        "tolerances": round(deviation.tolerances),
    }


def _ranked(miner: RankedMiner) -> Answer:
    result = miner.result
    return {
        "uid": result.uid,
        "hotkey": result.hotkey,
        **result.values,
        "availability_score": miner.availability_score,
        "is_active": miner.is_active,
        "consensus_confidence": result.confidence,
        "consensus_validators": list(result.validators),
        "conflicts_detected": [conflict_answer(conflict) for conflict in result.conflicts],
        "state": result.state,
        **_provenance(result),
    }


def _provenance(miner: MinerResult) -> Answer:
    return {
        "last_updated": rfc3339(miner.last_updated) if miner.last_updated is not None else None,
        "last_reported_by_validator": miner.last_reported_by_validator,
        "epoch": miner.epoch,
        "validator_reports_count": miner.validator_reports_count,
    }


def conflict_answer(conflict: Conflict) -> Answer:
    """A conflict with the heaviest values and their shares 0–1."""
    return {
        "field": conflict.field,
        "kind": conflict.kind,
        "detail": [{"value": value, "weight": share} for value, share in conflict.detail],
    }
