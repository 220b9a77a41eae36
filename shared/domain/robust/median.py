"""Weighted medians and quantiles of many rows at once."""

from __future__ import annotations

import numpy as np

from shared.domain.robust.ballot import Floats


def weighted_median(values: Floats, weights: Floats, quantile: float = 0.5) -> Floats:
    """Lower weighted median of each column of [K, M]; NaN where a column has no weight.

    The smallest value at which half (or another quantile) of the column's weight is reached.
    Votes of weight 0 or NaN do not count. A tie takes the lower value.
    """
    weights = np.where(np.isnan(values), 0.0, weights)
    order = np.argsort(values, axis=0)
    reached = np.cumsum(np.take_along_axis(weights, order, axis=0), axis=0)
    half = reached[-1] * quantile
    # A hair below the quantile, so that rounding in the sum does not decide a tie.
    first = np.argmax(reached >= half * (1 - 1e-12), axis=0)
    middle = np.take_along_axis(values, np.take_along_axis(order, first[None], axis=0), axis=0)[0]
    return np.where(half > 0, middle, np.nan)
