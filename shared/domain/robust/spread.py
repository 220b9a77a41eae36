"""How far a validator's numbers usually lie from the others', read from the memory.

All spreads are standard deviations in units of the field's scale.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shared.domain.robust.ballot import Floats
from shared.domain.robust.median import weighted_median
from shared.domain.robust.memory import Memory, fade_of
from shared.domain.robustness import Robustness


@dataclass(frozen=True)
class Spread:
    """variance: [K] of each validator. reference: the typical variance. drift: per round."""

    variance: Floats
    reference: float
    drift: float


def _mean_square(evidence: Floats, prior: float, policy: Robustness) -> Floats:
    """Variance [K] of evidence [K, 2] = (observations, sum of squares), with the prior's."""
    observations, squares = evidence[:, 0], evidence[:, 1]
    pull = policy.prior_observations
    # Squares are corrected for the consensus' own error and may be small or below zero.
    floor = 0.04 * prior
    return np.maximum((squares + pull * prior) / (observations + pull), floor)


def read_spread(memory: Memory, name: str, share: Floats, policy: Robustness) -> Spread:
    """Each validator's variance: the worse of its last rounds and of its long record.

    So trust falls fast and returns slowly. The reference is the lower quartile over the stake
    (`reference_quantile`); who has no record yet is taken for a typical validator.
    """
    record = memory.of_validators(f"{name}/record", 2)
    prior = policy.prior_spread**2
    known = record[:, 0] / (record[:, 0] + policy.prior_observations)
    # The prior takes part in the median like one validator, for what is not known yet.
    votes = np.append(share * known, np.dot(share, 1 - known) + 1e-12)
    typical = np.append(_mean_square(record, prior, policy), prior)
    # Never below the prior: who is merely sharper than the rest must not make the rest outliers.
    quantile = policy.reference_quantile
    common = weighted_median(typical[:, None], votes[:, None], quantile)[0]
    reference = max(prior, float(common))
    drift = memory.of_drift(name)
    return Spread(
        np.maximum(*long_and_recent(memory, name, reference, policy)),
        reference,
        max(0.0, float(drift[1]) / (float(drift[0]) + policy.prior_observations)),
    )


def long_and_recent(
    memory: Memory, name: str, reference: float, policy: Robustness
) -> tuple[Floats, Floats]:
    """Variances [K] from the long record and from the last rounds."""
    record = memory.of_validators(f"{name}/record", 2)
    recent = memory.of_validators(f"{name}/recent", 2)
    return _mean_square(record, reference, policy), _mean_square(recent, reference, policy)


def learn_spread(
    memory: Memory, name: str, residual: Floats, noise: Floats, evidence: Floats, policy: Robustness
) -> dict[str, Floats]:
    """The field's records [K, 2] after residuals [K, M] in units.

    noise: the variance of what each residual was measured by, which is not the validator's.
    """
    squares = (evidence * (residual**2 - noise)).sum(1)
    new = np.stack([evidence.sum(1), squares], axis=1)
    recent = memory.of_validators(f"{name}/recent", 2) + new
    full = policy.recent_miners * residual.shape[1]
    recent *= np.minimum(1.0, full / np.maximum(recent[:, :1], 1e-12))
    return {
        f"{name}/record": memory.of_validators(f"{name}/record", 2) * fade_of(policy) + new,
        f"{name}/recent": recent,
    }


def _sharpness(spread: Spread) -> Floats:
    """Typical spread over own spread [K]."""
    return np.sqrt(spread.reference / spread.variance)


def _median_sharpness(spread: Spread, policy: Robustness) -> float:
    """The median of those who are not grossly off; 1 where all are."""
    sharpness = _sharpness(spread)
    decent = sharpness >= 1 / policy.distrust_spread
    return float(np.median(sharpness[decent])) if decent.any() else 1.0


def reputation(spread: Spread, policy: Robustness) -> Floats:
    """How far a validator is trusted [K]: never above reputation_cap times the median."""
    cap = policy.reputation_cap * _median_sharpness(spread, policy)
    return np.minimum(_sharpness(spread), cap)


def precision(spread: Spread, policy: Robustness) -> Floats:
    """What reputation lacks of 1 / variance [K]: never above precision_cap times the median."""
    cap = policy.precision_cap * _median_sharpness(spread, policy)
    return np.minimum(_sharpness(spread) ** 2 / reputation(spread, policy), cap)


def trust(spread: Spread, policy: Robustness) -> Floats:
    """Part that a validator keeps in the anchor [K]: 1, less only for gross errors."""
    return np.minimum(1.0, policy.distrust_spread**2 * spread.reference / spread.variance)
