"""What a vote weighs whatever its field (rule 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from shared.domain.robust.ballot import Ballot, Bools, Floats
from shared.domain.robust.copiers import originality
from shared.domain.robust.memory import Memory
from shared.domain.robustness import Robustness


def capped_share(stake: Floats, cap: float, policy: Robustness) -> Floats:
    """Share of the total stake [K], none above what the policy makes of `cap`."""
    if not stake.size:
        return stake
    if not policy.stake_weighting:
        return np.full(stake.size, 1 / stake.size)
    return np.minimum(stake / float(stake.sum()), policy.greatest_share(cap, stake.size))


def freshness(age_rounds: Floats, policy: Robustness) -> Floats:
    """1 for a report of this very moment, one half after `half_life` rounds; ages are ≥ 0."""
    return np.asarray(np.exp2(-age_rounds / policy.half_life))


@dataclass(frozen=True)
class VoteStanding:
    """share: [K], capped, of all eligible stake. bare: [K, M], what of it a vote brings into the
    anchor. factors: name -> [K, M], those that every field shares. age_rounds: [K, M].
    """

    share: Floats
    bare: Floats
    age_rounds: Floats
    factors: Mapping[str, Floats]

    def weights(self) -> Floats:
        """[K, M], the product of the shared factors."""
        return product(self.factors)


def product(factors: Mapping[str, Floats]) -> Floats:
    """The product of named factors, each [K, M] or what broadcasts to it."""
    first, *rest = factors.values()
    weights = first
    for factor in rest:
        weights = weights * factor
    return weights


def voted_at_all(ballot: Ballot) -> Bools:
    """[K, M]: the validator voted on some field of the miner."""
    voted = np.zeros(ballot.shape, dtype=bool)
    for numbers in ballot.numbers.values():
        voted |= ~np.isnan(numbers)
    for labels in ballot.labels.values():
        voted |= labels.votes >= 0
    return voted


def standing(ballot: Ballot, memory: Memory, policy: Robustness) -> VoteStanding:
    """The factors that every field of a vote shares."""
    shape = ballot.shape
    share = capped_share(ballot.stake, policy.anchor_cap, policy)
    power = capped_share(ballot.stake, policy.stake_cap, policy) ** policy.stake_exponent
    free = (memory.of_validators("quarantine/rounds") <= 0).astype(float)
    own = originality(memory, share, voted_at_all(ballot), policy)
    age = np.maximum(np.nan_to_num(ballot.age_rounds), 0.0)
    factors = {
        "stake": np.broadcast_to(power[:, None], shape),
        "confidence": ballot.confidence,
        "freshness": freshness(age, policy),
        "standing": np.broadcast_to(free[:, None], shape),
        "originality": own,
    }
    return VoteStanding(share, share[:, None] * free[:, None] * own, age, factors)
