"""How sure the consensus is: intervals, probabilities of being right, and one confidence."""

from __future__ import annotations

import numpy as np

from shared.domain.robust.ballot import Floats

NINETY = 1.645  # standard normal quantile of a two-sided 90 % interval


def normal_cdf(z: Floats) -> Floats:
    """Standard normal distribution function, within 2e-4 (Page, 1977)."""
    return np.asarray(0.5 * (1 + np.tanh(0.7988 * z * (1 + 0.04417 * z * z))))


def interval(value: Floats, error: Floats) -> Floats:
    """90 % interval [M, 2] around values [M] with standard errors [M]."""
    return np.stack([value - NINETY * error, value + NINETY * error], axis=1)


def probability_within(tolerance: float, error: Floats, doubt: Floats) -> Floats:
    """That a value is within the tolerance of the truth [M]; 0 where there is no value.

    `doubt` [M] is the share of trusted stake that is far away: were it right, the value would be
    wrong. Its odds fall steeply below one half.
    """
    within = 2 * normal_cdf(tolerance / np.maximum(error, 1e-9)) - 1
    side = normal_cdf((0.5 - doubt) / 0.05)
    return np.where(np.isnan(error), 0.0, within * side)
