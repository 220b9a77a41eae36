"""How far a validator's numbers usually lie from the others', in units of the field's scale."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median

from shared.domain.robust import Robustness
from tests.unit.robust.reference import weighted
from tests.unit.robust.reference.past import NumberPast


@dataclass(frozen=True)
class Spread:
    """long, recent: [K], the variances by both records. reference: the typical variance. drift:
    the variance of the truth's movement per round.
    """

    long: list[float]
    recent: list[float]
    reference: float
    drift: float

    def variance(self, k: int) -> float:
        """The worse of the two."""
        return max(self.long[k], self.recent[k])

    def sharpness(self, k: int) -> float:
        """Typical over own spread."""
        return math.sqrt(self.reference / self.variance(k))


def mean_square(record: list[float], prior: float, policy: Robustness) -> float:
    """Of a record with six typical observations added; a spread is at least a fifth of typical."""
    observations, squares = record
    pull = policy.prior_observations
    return max((squares + pull * prior) / (observations + pull), 0.04 * prior)


def typical(past: NumberPast, share: list[float], policy: Robustness) -> float:
    """The lower quartile over the stake; what is not known yet of a validator is the prior."""
    prior, pull = policy.prior_spread**2, policy.prior_observations
    pairs, unknown = [], 0.0
    for record, stake in zip(past.long, share, strict=True):
        known = record[0] / (record[0] + pull)
        pairs.append((mean_square(record, prior, policy), stake * known))
        unknown += stake * (1 - known)
    pairs.append((prior, unknown + 1e-12))
    return max(prior, weighted.median(pairs, policy.reference_quantile))


def read(past: NumberPast, share: list[float], policy: Robustness) -> Spread:
    reference = typical(past, share, policy)
    observations, squares = past.drift
    return Spread(
        [mean_square(record, reference, policy) for record in past.long],
        [mean_square(record, reference, policy) for record in past.recent],
        reference,
        max(0.0, squares / (observations + policy.prior_observations)),
    )


def usual_sharpness(spread: Spread, policy: Robustness) -> float:
    """The median of those who are not grossly off; 1 where all are."""
    found = [spread.sharpness(k) for k in range(len(spread.long))]
    decent = [each for each in found if each >= 1 / policy.distrust_spread]
    return median(decent) if decent else 1.0


def reputation(spread: Spread, k: int, policy: Robustness) -> float:
    return min(spread.sharpness(k), policy.reputation_cap * usual_sharpness(spread, policy))


def precision(spread: Spread, k: int, policy: Robustness) -> float:
    """What reputation lacks of typical variance / own variance."""
    lacking = spread.sharpness(k) ** 2 / reputation(spread, k, policy)
    return min(lacking, policy.precision_cap * usual_sharpness(spread, policy))


def trust(spread: Spread, k: int, policy: Robustness) -> float:
    """What a validator keeps of its stake in the anchor."""
    return min(1.0, policy.distrust_spread**2 * spread.reference / spread.variance(k))


def impartiality(bias: float, spread: Spread, policy: Robustness) -> float:
    """1 for who has not been pushing the miner."""
    excess = max(abs(bias) - policy.pushing_spread * math.sqrt(spread.reference), 0.0)
    return spread.reference / (spread.reference + excess**2)
