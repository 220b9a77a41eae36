"""Which miners to send work to, best first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from shared.domain.observations import reaches
from shared.domain.policy import Policy
from shared.domain.results import MinerResult, Resolution, State

ProcessingMode = Literal["consensus", "fallback", "empty"]

CONFIDENCE_BOOST = 0.2
STATE_ORDER: Mapping[State, int] = {
    "consensus": 0,
    "fallback": 1,
    "pending": 2,
    "disputed": 3,
    "stale": 4,
}
"""In which order the miners that cannot be chosen are listed."""


@dataclass(frozen=True, slots=True)
class RankedMiner:
    """A miner with its place in the ranking."""

    result: MinerResult
    availability_score: float
    """0.1–1."""
    is_active: bool
    """Whether it may be handed work in the ranking's mode."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """All miners of a subnet, best first."""

    mode: ProcessingMode
    """Where the active miners come from: consensus, individual reports, or there are none."""
    miners: tuple[RankedMiner, ...]


def rank(resolution: Resolution, policy: Policy) -> Ranking:
    """Rank all miners: the active ones by score, then the others by state and score.

    Active in mode `consensus`: state `consensus`, serving, stake > 0, confidence of at least
    `min_task_confidence`, address and identity not in conflict. Only if there is none, mode
    `fallback`: state `fallback`, serving, stake > 0, no such conflict, whatever the confidence.
    If there is none either, `empty`. The others follow in the order consensus, fallback, pending,
    disputed, stale. Ties: the smaller uid.
    """
    mode = _mode(resolution, policy)
    ranked = [_ranked(result, mode, policy) for result in resolution.miners.values()]
    return Ranking(mode, tuple(sorted(ranked, key=_place)))


def availability_score(values: Mapping[str, Any], confidence: float | None) -> float:
    """clamp(performance × (1 − load / max_capacity) + 0.2 × confidence, 0.1, 1).

    `values` are a miner's; performance is 0–1, missing: 0.5; load is a count of tasks, missing: 0;
    max_capacity ≥ 1, missing: 1; load / max_capacity is clamped to 0–1. `confidence` 0–1 is that
    of the consensus, None for an individual report: no boost.
    """
    utilisation = values.get("current_load", 0.0) / max(1.0, values.get("max_capacity", 1.0))
    free = 1.0 - max(0.0, min(1.0, utilisation))
    boost = CONFIDENCE_BOOST * confidence if confidence is not None else 0.0
    score: float = values.get("performance_score", 0.5) * free + boost
    return max(0.1, min(1.0, score))


def _mode(resolution: Resolution, policy: Policy) -> ProcessingMode:
    modes: tuple[ProcessingMode, ...] = ("consensus", "fallback")
    for mode in modes:
        if any(_is_active(result, mode, policy) for result in resolution.miners.values()):
            return mode
    return "empty"


def _ranked(result: MinerResult, mode: ProcessingMode, policy: Policy) -> RankedMiner:
    confidence = result.confidence if result.has_quorum else None
    return RankedMiner(
        result=result,
        availability_score=availability_score(result.values, confidence),
        is_active=_is_active(result, mode, policy),
    )


def _is_active(result: MinerResult, mode: ProcessingMode, policy: Policy) -> bool:
    return (
        result.state == mode
        and result.is_assignable
        and result.values.get("is_serving") is True
        and result.values.get("stake", 0.0) > 0
        and (mode == "fallback" or reaches(result.confidence, policy.min_task_confidence))
    )


def _place(miner: RankedMiner) -> tuple[bool, int, float, int]:
    state = STATE_ORDER[miner.result.state]
    return (not miner.is_active, state, -round(miner.availability_score, 9), miner.result.uid)
