"""What others do: each takes the latest votes [K, M] and gives numbers [M] and labels [M].

A method is called once per round, in order; the online ones keep their weights between calls.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.scenarios import Floats, Ints, View
from shared.domain.robust.median import weighted_median

Method = Callable[[View, Floats], tuple[Floats, Ints]]


def majority(labels: Ints, weights: Floats) -> Ints:
    """Weighted majority of 0 and 1 in each column; ties give 0."""
    balance = np.where(labels >= 0, weights * (2 * labels - 1), 0.0).sum(0)
    return np.asarray(balance > 0, dtype=np.int64)


def mean(numbers: Floats, weights: Floats) -> Floats:
    """Weighted mean of each column, NaN without votes."""
    held = np.where(np.isnan(numbers), 0.0, weights)
    total = held.sum(0)
    safe = np.where(total > 0, total, 1.0)
    return np.where(total > 0, (held * np.nan_to_num(numbers)).sum(0) / safe, np.nan)


def _column(stake: Floats, seen: View) -> Floats:
    return np.broadcast_to(stake[:, None], seen.numbers.shape)


def plain_weighted_mean(seen: View, stake: Floats) -> tuple[Floats, Ints]:
    """What the existing implementation does: root of the capped stake share, times freshness."""
    share = np.minimum(stake / stake.sum(), max(0.25, 3 / stake.size)) ** 0.5
    weights = share[:, None] * np.exp2(-seen.age / 2)
    return mean(seen.numbers, weights), majority(seen.labels, weights)


def unweighted_median(seen: View, stake: Floats) -> tuple[Floats, Ints]:
    """Every validator counts the same."""
    ones = np.ones(seen.numbers.shape)
    return weighted_median(seen.numbers, ones), majority(seen.labels, ones)


def stake_weighted_median(seen: View, stake: Floats) -> tuple[Floats, Ints]:
    """The smallest value that half of the stake reaches."""
    weights = _column(stake, seen)
    return weighted_median(seen.numbers, weights), majority(seen.labels, weights)


def trimmed_mean(seen: View, stake: Floats) -> tuple[Floats, Ints]:
    """The stake-weighted mean of what lies between the weighted quartiles."""
    weights = _column(stake, seen)
    low = weighted_median(seen.numbers, weights, 0.25)
    high = weighted_median(seen.numbers, weights, 0.75)
    kept = np.where((seen.numbers >= low) & (seen.numbers <= high), weights, 0.0)
    return mean(seen.numbers, kept), majority(seen.labels, weights)


def yuma_clipped_median(seen: View, stake: Floats) -> tuple[Floats, Ints]:
    """Votes above the stake-weighted median are clipped to it, then averaged by stake."""
    weights = _column(stake, seen)
    median = weighted_median(seen.numbers, weights)
    return mean(np.minimum(seen.numbers, median), weights), majority(seen.labels, weights)


def _loss(seen: View, numbers: Floats, labels: Ints) -> tuple[Floats, Floats]:
    """Sum of squared and 0/1 losses and count of votes, per validator [K]."""
    voted = ~np.isnan(seen.numbers)
    scale = np.nanstd(np.where(voted, seen.numbers, np.nan), axis=0) + 1e-6
    squares = np.where(voted, ((seen.numbers - numbers) / scale) ** 2, 0.0)
    wrong = np.where(voted, seen.labels != labels, 0.0)
    return (squares + wrong).sum(1), voted.sum(1).astype(float)


def crh_each_round(seen: View, stake: Floats) -> tuple[Floats, Ints]:
    """CRH (Li et al., SIGMOD 2014) from scratch in each round: weights -log(share of the loss)."""
    weights = np.ones(stake.size)
    for _ in range(10):
        spread = np.broadcast_to(weights[:, None], seen.numbers.shape)
        numbers, labels = mean(seen.numbers, spread), majority(seen.labels, spread)
        loss, count = _loss(seen, numbers, labels)
        rate = loss / np.maximum(count, 1) + 1e-9
        weights = -np.log(rate / rate.sum())
    return numbers, labels


class DynaTD:
    """DynaTD (Li et al., KDD 2015): weights from the losses of all rounds before, decayed."""

    def __init__(self, decay: float = 0.98) -> None:
        self._decay, self._loss, self._count = decay, np.zeros(0), np.zeros(0)

    def __call__(self, seen: View, stake: Floats) -> tuple[Floats, Ints]:
        """Estimate with the weights so far, then learn the new losses."""
        if not self._loss.size:
            self._loss, self._count = np.ones(stake.size), np.ones(stake.size)
        weights = np.broadcast_to((self._count / self._loss)[:, None], seen.numbers.shape)
        numbers, labels = mean(seen.numbers, weights), majority(seen.labels, weights)
        loss, count = _loss(seen, numbers, labels)
        self._loss = self._decay * self._loss + loss
        self._count = self._decay * self._count + count
        return numbers, labels


def baselines() -> dict[str, Method]:
    """Fresh methods by name."""
    return {
        "weighted mean": plain_weighted_mean,
        "median": unweighted_median,
        "stake median": stake_weighted_median,
        "trimmed": trimmed_mean,
        "CRH": crh_each_round,
        "DynaTD": DynaTD(),
        "Yuma": yuma_clipped_median,
    }
