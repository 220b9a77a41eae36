"""Dispute and waiting: what state a miner is in."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from shared.domain.memory import MinerMemory
from shared.domain.observations import SLACK
from shared.domain.policy import Policy
from shared.domain.reports import Vote
from shared.domain.results import Conflict, State


def stake_share(votes: Iterable[Vote], eligible: Mapping[str, float]) -> float:
    """Share 0–1 of the eligible validators' raw stake that voted; nobody has stake: of heads."""
    stakes = {vote.validator: vote.stake for vote in votes}
    total = math.fsum(eligible.values())
    if total <= 0:
        return len(stakes) / len(eligible) if eligible else 0.0
    return min(1.0, math.fsum(stakes.values()) / total)


def waiting_since(remembered: MinerMemory | None, votes: Sequence[Vote]) -> float | None:
    """When waiting for a quorum began: the first report since the last quorum, in seconds.

    The memory's word if it has one; else the first `received_at` among the votes since the last
    quorum; else that quorum's time, as its votes have expired. None: nothing to wait for yet.
    """
    if remembered is not None and remembered.waiting_since is not None:
        return remembered.waiting_since
    last_quorum = remembered.last_quorum_at if remembered is not None else None
    received = [
        vote.report.received_at
        for vote in votes
        if last_quorum is None or vote.report.received_at > last_quorum
    ]
    return min(received, default=last_quorum)


def waiting_state(since: float, policy: Policy, now: float) -> State:
    """`pending` for one consensus timeout from `since` (seconds), then `fallback`."""
    return "pending" if now < since + policy.consensus_timeout else "fallback"


def quorum_state(
    conflicts: Sequence[Conflict], heard: Mapping[str, float], policy: Policy
) -> State:
    """`disputed` if identity or `is_serving` is unresolved, or too many of the fields conflict.

    `heard` is field → share 0–1 of the miner's votes, by weight, that give it: a field counts as
    much, so that two who quarrel about what nobody else reports dispute no miner. A field that is
    merely `contested` is resolved: nearly half of the stake says otherwise, but the records of
    those validators speak against them.
    """
    conflicts = [each for each in conflicts if each.kind != "contested"]
    if any(each.kind == "identity" or each.field == "is_serving" for each in conflicts):
        return "disputed"
    conflicting = math.fsum(heard[each.field] for each in conflicts)
    voted = math.fsum(heard.values())
    too_much = conflicting > policy.max_conflict_threshold * voted * (1 + SLACK)
    return "disputed" if too_much else "consensus"
