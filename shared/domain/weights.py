"""What a vote weighs: a product of named factors, each of which an answer can show.

weight = stake factor × confidence × reputation × freshness
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np

from shared.domain.policy import Policy
from shared.domain.reports import Vote
from shared.domain.robust.stake import freshness

Band = Literal["high", "medium", "low", "very low"]
_BANDS: tuple[tuple[Band, float], ...] = (("high", 0.8), ("medium", 0.6), ("low", 0.4))


def band_of(trust: float) -> Band:
    """A weight without its stake (confidence × reputation × freshness) in a word for people."""
    return next((band for band, floor in _BANDS if trust >= floor), "very low")


@dataclass(frozen=True, slots=True)
class Weight:
    """The factors of one vote's weight, each 0–1 unless said otherwise."""

    stake: float
    """Capped stake share^γ; 1 for everyone when stake weighting is off."""
    confidence: float
    """Confidence of the report about this miner, 0.1–1."""
    freshness: float
    """Half for every half-life since signing."""
    reputation: float = 1.0
    """Earned in closed rounds: 1 for who is new, 0 in quarantine, at most `reputation_cap` times
    the median.
    """

    @property
    def product(self) -> float:
        """The weight itself."""
        return self.stake * self.confidence * self.reputation * self.freshness


@dataclass(frozen=True, slots=True)
class WeighedVote:
    """A vote and what it weighs."""

    vote: Vote
    weight: Weight

    @property
    def counts(self) -> bool:
        """Whether it counts towards a quorum: its validator is not in quarantine."""
        return self.weight.reputation > 0


def stake_factors(stakes: Mapping[str, float], policy: Policy) -> dict[str, float]:
    """Validator hotkey → stake factor, from the stakes (TAO) of the K validators that vote.

    share^γ, the share of their stake clipped to max(`stake_cap`, `stake_cap_heads` / K). Nobody has
    stake: 0 for everyone, and whoever averages falls back to the plain mean.
    """
    if not policy.stake_weighting:
        return dict.fromkeys(stakes, 1.0)
    total = math.fsum(stakes.values()) or 1.0
    cap = policy.greatest_share(policy.stake_cap, len(stakes))
    return {
        hotkey: min(stake / total, cap) ** policy.stake_exponent for hotkey, stake in stakes.items()
    }


def weigh(
    votes: Iterable[Vote],
    factors: Mapping[str, float],
    policy: Policy,
    now: float,
    reputations: Mapping[str, float] = MappingProxyType({}),
) -> list[WeighedVote]:
    """The votes with their weights at `now`; `factors` as `stake_factors` gives them.

    `reputations` is hotkey → reputation; who is not in it has 1.
    """
    held = list(votes)
    ages = np.array([vote.age(now) for vote in held], dtype=np.float64) / policy.round_seconds
    return [
        WeighedVote(
            vote,
            Weight(
                stake=factors[vote.validator],
                reputation=reputations.get(vote.validator, 1.0),
                confidence=vote.confidence,
                freshness=fresh,
            ),
        )
        for vote, fresh in zip(held, freshness(ages, policy).tolist(), strict=True)
    ]
