"""Weighted medians, means and shares of a few numbers; a pair is (value, weight)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

Pair = tuple[float, float]


def median(pairs: Iterable[Pair], quantile: float = 0.5) -> float:
    """Lower weighted median, or another quantile; NaN without weight."""
    pairs = sorted(pair for pair in pairs if pair[1] > 0)
    total, reached = sum(weight for _, weight in pairs), 0.0
    for value, weight in pairs:
        reached += weight
        if reached >= total * quantile * (1 - 1e-12):
            return value
    return math.nan


def mean(pairs: list[Pair]) -> float:
    """Weighted mean, plain where there is no weight; NaN of nothing."""
    total = sum(weight for _, weight in pairs)
    if total <= 0:
        return sum(value for value, _ in pairs) / len(pairs) if pairs else math.nan
    return sum(value * weight for value, weight in pairs) / total


def share(which: Iterable[int], weights: Mapping[int, float]) -> float:
    """What part of all weight those in `which` hold; 0 where there is none."""
    total = sum(weights.values())
    return sum(weights[k] for k in which) / total if total > 0 else 0.0


def parts(row: list[float]) -> list[float]:
    """Each one's share of the row's sum; zeros where that is 0."""
    total = sum(row)
    return [each / total if total > 0 else 0.0 for each in row]
