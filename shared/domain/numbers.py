"""Numbers: the weighted mean, and how much of the weight is near it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from shared.domain.estimate import Estimate
from shared.domain.observations import SLACK, Observation, conflict_of, shares, tally
from shared.domain.policy import Policy


def estimate_number(name: str, observations: Sequence[Observation], policy: Policy) -> Estimate:
    """The weighted mean of finite numbers, at least one.

    Agreement is the share of the weight within the field's tolerance of the mean; over
    `dispersion_threshold` outside it is the conflict `dispersed`.
    """
    value = weighted_mean(observations)
    agreement = _share_near(value, policy.tolerance(name, value), observations)
    if 1 - agreement <= policy.dispersion_threshold * (1 + SLACK):
        return Estimate(value, agreement)
    return Estimate(value, agreement, conflict_of(name, "dispersed", tally(observations)))


def weighted_mean(observations: Sequence[Observation]) -> float:
    """Σ weight × value / Σ weight, within the range of the values; no weight: the plain mean."""
    values = [float(observed.value) for observed in observations]
    parts = shares([observed.weight for observed in observations])
    # Halved, so that no sum of finite numbers overflows on its way.
    half = math.fsum(0.5 * part * value for part, value in zip(parts, values, strict=True))
    return max(min(values), min(max(values), 2 * half))


def _share_near(value: float, tolerance: float, observations: Sequence[Observation]) -> float:
    parts = shares([observed.weight for observed in observations])
    return math.fsum(
        part
        for part, observed in zip(parts, observations, strict=True)
        if abs(observed.value - value) <= tolerance * (1 + SLACK)
    )
