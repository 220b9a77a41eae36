"""The numbers of the robust aggregation, named, each with its default and what it does.

Durations are in rounds; spreads are in units of the field's scale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

DEFAULT_TOLERANCES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "stake": (0.0, 0.05),
        "performance_score": (0.1, 0.0),
        "current_load": (1.0, 0.2),
        "max_capacity": (0.5, 0.1),
    }
)
"""Field → (absolute, relative) tolerance within which two numbers agree."""

UNKNOWN_FIELD_TOLERANCE = (0.0, 0.1)
"""Tolerance of a number that the policy does not know (`quorate replay` of foreign data)."""

DEFAULT_SCALES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "stake": (1e-9, 0.05),
        "performance_score": (0.05, 0.0),
        "current_load": (1.0, 0.1),
        "max_capacity": (0.5, 0.05),
    }
)
"""Field → (absolute, relative) unit in which the engine measures how far a report lies off."""

UNKNOWN_FIELD_SCALE = (0.05, 0.05)
"""Unit of a number that the policy does not know."""

PUBLIC_FIELDS = frozenset({"stake", "hotkey"})
"""Fields that anyone can read from the chain: equal votes on them say nothing about copying."""

CODED_PER_MINER = frozenset({"hotkey"})
"""Labels whose classes mean something else for each miner."""


@dataclass(frozen=True, slots=True)
class Robustness:
    """How robustly, and how trustingly, votes are aggregated."""

    tolerances: Mapping[str, tuple[float, float]] = field(
        default_factory=lambda: DEFAULT_TOLERANCES
    )
    """Numeric field → (absolute, relative) distance that still agrees; not used by the engine."""
    scales: Mapping[str, tuple[float, float]] = field(default_factory=lambda: DEFAULT_SCALES)
    """Numeric field → (absolute, relative) unit of the engine; spreads are in such units."""
    stake_weighting: bool = True
    """False: every validator counts the same."""
    stake_exponent: float = 0.5
    """Gamma: a vote's weight grows with capped stake share to this power."""
    stake_cap: float = 0.25
    """No validator counts for more than max(stake_cap, stake_cap_heads / K) of the stake."""
    stake_cap_heads: float = 3.0
    """See `stake_cap`."""
    anchor_cap: float = 1.0 / 3.0
    """As `stake_cap`, for the anchor, which a lying third of the stake cannot move anyway."""
    half_life: float = 2.0
    """Rounds after which a report's freshness has halved."""

    prior_spread: float = 0.6
    """Standard deviation expected of a validator nothing is known about, in units of the scale."""
    prior_observations: float = 6.0
    """How many observations the prior spread is worth."""
    reference_quantile: float = 0.25
    """The typical spread is this quantile over the stake, so that liars cannot widen it."""
    record_half_life: float = 40.0
    """Rounds after which the long record of a validator has lost half of its weight."""
    recent_miners: float = 3.0
    """The recent record, of numbers and of labels, holds this many observations per miner."""
    residual_clip: float = 6.0
    """Residuals count as at most this many reference spreads when reputation is learnt."""
    reputation_cap: float = 1.5
    """No reputation exceeds this multiple of the median."""
    precision_cap: float = 4.0
    """No precision, what reputation lacks of 1 / variance, exceeds this multiple of the median."""
    distrust_spread: float = 2.5
    """A validator this many reference spreads wide starts to lose its part in the anchor."""

    plateau: float = 3.0
    """Votes within this many spreads of the anchor keep their full weight."""
    rejection: float = 6.0
    """Votes beyond this many spreads of the anchor have none."""
    anchor_memory: float = 0.05
    """Weight of the previous consensus in the anchor, as a share of the votes'."""

    pushing_rate: float = 0.1
    """Step at which the memory of a validator's mean error on one miner follows new errors."""
    pushing_spread: float = 1.5
    """Mean errors on one miner up to this many reference spreads are not held against anyone."""

    settled_share: float = 0.47
    """Nothing is learnt from rows where more than this share of the bare stake is far away."""
    settled_labels: float = 0.5
    """As settled_share, for labels, where honest mistakes add to a liar's share."""
    majority: float = 0.6
    """Share of the weight that decides a boolean or a string."""
    dispersion_threshold: float = 0.4
    """Share of the weight over one unit of the scale away above which a number is `dispersed`."""
    contested_share: float = 0.46
    """Share of the bare stake that no reputation can outvote unnoticed."""
    prior_votes: float = 8.0
    """How many votes a validator's prior confusion of labels is worth, per true class."""
    label_rounds: int = 8
    """Passes of expectation and maximisation within one resolve."""

    copy_agreement: float = 0.8
    """Exact agreement beyond chance (kappa) from which two validators share one vote."""
    copy_observations: float = 20.0
    """Observations that could have differed before two validators can be called copies."""
    parrot_weight: float = 0.05
    """What remains of a vote that repeats the last public consensus."""
    signal_floor: float = 1e-3
    """Variance across miners relative to the consensus below which votes carry no signal."""
    pushing_miners: int = 3
    """A validator that grossly pushes this many miners is quarantined."""
    min_stake_share: float = 0.0
    """Quorum: share of the eligible validators' stake that must have voted; 0 switches it off."""
    unanimous_confidence: float = 0.7
    """Least consensus confidence where two complete reports agree and nobody differs."""
    support_scale: float = 0.05
    """How many full reports it takes to halve the confidence's distance from certainty."""
    quarantine_spread: float = 5.0
    """Recent and long spread, in reference spreads, from which a validator is quarantined."""
    quarantine_accuracy: float = 0.4
    """Hit rate of labels below which a validator is quarantined."""
    quarantine_observations: float = 60.0
    """Observations needed before a quarantine."""
    quarantine_rounds: float = 40.0
    """How long a quarantine lasts after its last cause."""
    quarantine_stake: float = 1.0 / 3.0
    """Quarantined validators never hold more than this share of the stake."""

    def scale(self, field_name: str) -> tuple[float, float]:
        """(absolute, relative) unit of a numeric field."""
        return self.scales.get(field_name, UNKNOWN_FIELD_SCALE)

    def greatest_share(self, cap: float, validators: int) -> float:
        """Share 0–1 of the stake for which one of so many validators counts at most.

        `cap` is `stake_cap` or `anchor_cap`. With few validators it must not forbid the honest
        majority to hold a majority.
        """
        return min(1.0, max(cap, self.stake_cap_heads / max(1, validators)))

    def tolerance(self, field_name: str, value: float) -> float:
        """How far from `value` a report of `field_name` may lie and still agree."""
        absolute, relative = self.tolerances.get(field_name, UNKNOWN_FIELD_TOLERANCE)
        return max(absolute, relative * abs(value))
