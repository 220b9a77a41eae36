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


def majority_is_right(doubt: Floats) -> Floats:
    """Probability that the truth is on the majority's side, `doubt` being the share of trusted
    stake on the other: nearly certain below 0.4, then falling steeply, one half at one half.
    """
    return normal_cdf((0.5 - doubt) / 0.05)


def probability_within_unit(error: Floats, doubt: Floats) -> Floats:
    """That a value with standard error [M], in units of the scale, is within one unit of the truth.

    0 where there is no value.
    """
    within = 2 * normal_cdf(1 / np.maximum(error, 1e-9)) - 1
    return np.where(np.isnan(error), 0.0, within * majority_is_right(doubt))
