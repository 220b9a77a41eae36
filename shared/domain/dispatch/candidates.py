"""Who may be handed work now: active in the ranking, reachable, fresh, its circuit not open."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from shared.domain.dispatch import capacity
from shared.domain.dispatch.addresses import is_assignable
from shared.domain.dispatch.records import Record, blended, faded
from shared.domain.policy import Policy
from shared.domain.ranking import Ranking, availability_score
from shared.domain.registry import Registry
from shared.domain.results import MinerResult

NEWCOMER_EVIDENCE = 10.0
"""Results below which a miner is a newcomer."""
MOST_PLACES = 10_000
"""No miner serves more at once, whatever validators say of it."""

RecordOf = Callable[[int, str], Record]
"""(uid, hotkey) → record, an empty one if there is none."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A miner that may be handed work."""

    uid: int
    hotkey: str
    ip: str
    port: int
    performance: float
    """0–1: the validators' score blended with what was observed."""
    load: float
    """Tasks that it has by the consensus, leases of ours apart."""
    max_capacity: float
    """By the consensus, ≥ 1."""
    places: int
    """Leases that it may hold at once; 1 while it is probed."""
    confidence: float
    """Consensus confidence 0–1."""
    boost: float | None
    """The confidence where it raises the score; None in fallback."""
    coldkey: str | None
    """Owner by the registry, None if unknown."""
    fits: bool
    """Whether its specialisation does not speak against the task."""
    needs_floor: bool
    """A newcomer, or probed after failures: chosen now and then whatever its score."""
    served: float
    """Results of late, faded."""

    @property
    def declared(self) -> int:
        """Whole places by the consensus."""
        return _whole(self.max_capacity)

    def score(self, live: float) -> float:
        """Availability 0.1–1 with `live` leases counted as load."""
        values = {
            "performance_score": self.performance,
            "current_load": self.load + live,
            "max_capacity": self.max_capacity,
        }
        return availability_score(values, self.boost)


@dataclass(frozen=True, slots=True)
class Subnet:
    """What is known of a subnet when work is asked for; `now` in seconds since 1970."""

    ranking: Ranking
    policy: Policy
    registry: Registry | None
    record_of: RecordOf
    now: float
    allow_private: bool = False


def candidates(
    subnet: Subnet, task_type: str | None = None, exclude: Collection[int] = ()
) -> list[Candidate]:
    """All miners that may be handed this task, in the ranking's order.

    Left out: the inactive, those in `exclude` (uids), those without an address that work may be
    sent to, those about whom nobody has reported for too long (the snapshot may be old), and those
    whose circuit is open.
    """
    found = (
        _candidate(ranked.result, subnet, task_type)
        for ranked in subnet.ranking.miners
        if ranked.is_active and ranked.result.uid not in exclude
    )
    return [candidate for candidate in found if candidate is not None]


def _candidate(result: MinerResult, subnet: Subnet, task_type: str | None) -> Candidate | None:
    values = result.values
    reachable = is_assignable(
        values.get("ip"), values.get("port"), allow_private=subnet.allow_private
    )
    if result.hotkey is None or not reachable or not _is_fresh(result, subnet):
        return None
    record = faded(subnet.record_of(result.uid, result.hotkey), subnet.now)
    circuit = record.breaker.circuit(subnet.now)
    if circuit == "open":
        return None
    max_capacity = max(1.0, values.get("max_capacity", 1.0))
    is_probe = circuit == "half_open"
    declared = _whole(max_capacity)
    return Candidate(
        uid=result.uid,
        hotkey=result.hotkey,
        ip=values["ip"],
        port=values["port"],
        performance=blended(values.get("performance_score", 0.5), record),
        load=values.get("current_load", 0.0),
        max_capacity=max_capacity,
        places=1 if is_probe else capacity.places(declared, record.verified),
        confidence=result.confidence,
        boost=result.confidence if subnet.ranking.mode == "consensus" else None,
        coldkey=_coldkey(result, subnet.registry),
        fits=_fits(values.get("task_type_specialization"), task_type),
        needs_floor=is_probe or record.evidence < NEWCOMER_EVIDENCE,
        served=record.served,
    )


def _is_fresh(result: MinerResult, subnet: Subnet) -> bool:
    policy, mode = subnet.policy, subnet.ranking.mode
    limit = policy.consensus_timeout if mode == "consensus" else policy.reporting_window
    return result.last_updated is not None and subnet.now - result.last_updated < limit


def _coldkey(result: MinerResult, registry: Registry | None) -> str | None:
    neuron = registry.of_uid(result.uid) if registry else None
    return neuron.coldkey if neuron and neuron.hotkey == result.hotkey else None


def _fits(specialization: Any, task_type: str | None) -> bool:
    return task_type is None or not specialization or task_type in specialization


def _whole(max_capacity: float) -> int:
    return math.floor(max(1.0, min(MOST_PLACES, max_capacity)))
