"""How often each validator confuses which labels (Dawid and Skene), with shared priors."""

from __future__ import annotations

import math

from shared.domain.robust import Robustness
from tests.unit.robust.reference.past import LabelPast, Table

PRIOR_ACCURACY, POOLED_PRIOR = 0.8, 20.0


def logit(rate: float) -> float:
    return math.log(rate / (1 - rate))


def trace(table: Table) -> float:
    return sum(row[c] for c, row in enumerate(table))


def whole(table: Table) -> float:
    return sum(map(sum, table))


def judged_by(past: LabelPast, k: int, policy: Robustness) -> Table:
    """The record in which the validator was right less often, both drawn to certainty."""
    long, recent = past.long[k], past.recent[k]

    def rate(table: Table) -> float:
        return (trace(table) + policy.prior_votes) / (whole(table) + policy.prior_votes)

    return recent if rate(recent) < rate(long) else long


def confusions(counts: list[Table], shared: bool, policy: Robustness) -> list[Table]:
    """P(vote | truth) of each validator: everybody's, shifted to its hit rate, and its counts.

    Not `shared`: codes mean something else for each miner, so only the hit rate is learnt.
    """
    classes = len(counts[0])
    everybody = [
        [sum(table[c][y] for table in counts) if shared else 0.0 for y in range(classes)]
        for c in range(classes)
    ]
    usual_table = [pooled(row, c) for c, row in enumerate(everybody)]
    weights = [sum(row) + 1 for row in everybody]
    hits = sum(usual_table[c][c] * weight for c, weight in enumerate(weights))
    usual = hits / sum(weights)
    found = []
    for table in counts:
        prior = shifted(usual_table, usual, hit_rate(table, usual, policy))
        found.append(own(table, prior, policy) if shared else prior)
    return found


def pooled(row: list[float], c: int) -> list[float]:
    """Everybody's votes where the truth is c, and twenty of who is right in 0.8."""
    wrong = (1 - PRIOR_ACCURACY) / (len(row) - 1)
    prior = [PRIOR_ACCURACY if y == c else wrong for y in range(len(row))]
    pulled = [n + POOLED_PRIOR * p for n, p in zip(row, prior, strict=True)]
    return [each / (sum(row) + POOLED_PRIOR) for each in pulled]


def hit_rate(table: Table, usual: float, policy: Robustness) -> float:
    half = policy.prior_votes / 2
    return (trace(table) + half * usual) / (whole(table) + half)


def shifted(table: Table, usual: float, rate: float) -> Table:
    """The usual confusions at another hit rate; misses keep their proportions."""
    found = []
    for c, row in enumerate(table):
        hit = 1 / (1 + math.exp(-(logit(row[c]) + logit(rate) - logit(usual))))
        misses = sum(p for y, p in enumerate(row) if y != c)
        found.append([hit if y == c else (1 - hit) * p / misses for y, p in enumerate(row)])
    return found


def own(table: Table, prior: Table, policy: Robustness) -> Table:
    """The validator's counts, drawn to a prior."""
    return [
        [
            (n + policy.prior_votes * p) / (sum(row) + policy.prior_votes)
            for n, p in zip(row, usual, strict=True)
        ]
        for row, usual in zip(table, prior, strict=True)
    ]


def worth(confusion: Table, code: int, frequency: list[float]) -> float:
    """log P(c | c) / P(c | another class), never below 0."""
    others = [c for c in range(len(frequency)) if c != code]
    mass = sum(frequency[c] for c in others)
    wrong = sum(frequency[c] / mass * confusion[c][code] for c in others)
    return max(0.0, math.log(confusion[code][code] / wrong))
