"""The label aggregation again, slow and obvious: loops over one vote at a time, no numpy.

Written from docs/consensus.md, "Labels". `resolve_label` and `learn_label` must agree with it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median

Table = list[list[float]]  # [truth][vote] counts or probabilities, or [miner][class] weights

PRIOR_ACCURACY, PRIOR_VOTES, POOLED_PRIOR = 0.8, 8.0, 20.0
REPUTATION_CAP, PRECISION_CAP, DISTRUST = 1.5, 4.0, 2.5
TURNS, UNMOVED, DECIDED = 8, 1e-4, 0.53


@dataclass(frozen=True)
class Vote:
    """What a validator says about a miner; `base`: stake, confidence, freshness, standing and
    originality multiplied; `bare`: its capped share of the stake.
    """

    validator: int
    miner: int
    code: int
    base: float
    bare: float


@dataclass(frozen=True)
class Found:
    """code, share: [M]. truth: [M][C]. weights: by (validator, miner). without: [N][C], the
    truth by all votes but this one."""

    code: list[int]
    share: list[float]
    truth: Table
    weights: dict[tuple[int, int], float]
    without: Table


def logit(rate: float) -> float:
    return math.log(rate / (1 - rate))


def trace(table: Table) -> float:
    return sum(row[c] for c, row in enumerate(table))


def whole(table: Table) -> float:
    return sum(map(sum, table))


def normalised(row: list[float]) -> list[float]:
    total = sum(row)
    return [each / total if total > 0 else 0.0 for each in row]


def nothing(rows: int, columns: int) -> Table:
    return [[0.0] * columns for _ in range(rows)]


def judged_by(long: Table, recent: Table) -> Table:
    """The record in which the validator was right less often, both drawn to certainty."""

    def rate(table: Table) -> float:
        return (trace(table) + PRIOR_VOTES) / (whole(table) + PRIOR_VOTES)

    return recent if rate(recent) < rate(long) else long


def confusions(counts: list[Table], classes: int) -> list[Table]:
    """P(vote | truth) of each validator: everybody's, shifted to its hit rate, and its counts."""
    wrong = (1 - PRIOR_ACCURACY) / (classes - 1)
    pooled = []
    for c in range(classes):
        total = [sum(table[c][y] for table in counts) for y in range(classes)]
        prior = [PRIOR_ACCURACY if y == c else wrong for y in range(classes)]
        pulled = [n + POOLED_PRIOR * p for n, p in zip(total, prior, strict=True)]
        pooled.append([each / (sum(total) + POOLED_PRIOR) for each in pulled])
    seen = [sum(sum(table[c]) for table in counts) for c in range(classes)]
    usual = sum(pooled[c][c] * (seen[c] + 1) for c in range(classes)) / (sum(seen) + classes)
    return [own_confusion(table, pooled, usual) for table in counts]


def own_confusion(counts: Table, pooled: Table, usual: float) -> Table:
    """One validator's."""
    half = PRIOR_VOTES / 2
    rate = (trace(counts) + half * usual) / (whole(counts) + half)
    found = []
    for c, row in enumerate(counts):
        hit = 1 / (1 + math.exp(-(logit(pooled[c][c]) + logit(rate) - logit(usual))))
        misses = 1 - pooled[c][c]
        prior = [hit if y == c else (1 - hit) * p / misses for y, p in enumerate(pooled[c])]
        pulled = [n + PRIOR_VOTES * p for n, p in zip(row, prior, strict=True)]
        found.append([each / (sum(row) + PRIOR_VOTES) for each in pulled])
    return found


def worth(confusion: Table, code: int, frequency: list[float]) -> float:
    """log P(c | c) / P(c | another class), never below 0."""
    others = [c for c in range(len(frequency)) if c != code]
    mass = sum(frequency[c] for c in others)
    wrong = sum(frequency[c] / mass * confusion[c][code] for c in others)
    return max(0.0, math.log(confusion[code][code] / wrong))


def tally(votes: list[Vote], weights: list[float], miners: int, classes: int) -> Table:
    found = nothing(miners, classes)
    for vote, weight in zip(votes, weights, strict=True):
        found[vote.miner][vote.code] += weight
    return found


def trusted_stake(votes: list[Vote], counts: list[Table], miners: int, classes: int) -> Table:
    """What stake says about each miner, less for who was grossly unreliable."""
    even = [1 / classes] * classes
    found = confusions(counts, classes)
    worths = [worth(found[vote.validator], vote.code, even) for vote in votes]
    typical = max(median(worths), 0.1)
    parts = [min(1.0, DISTRUST * each / typical) for each in worths]
    held = [vote.bare * part for vote, part in zip(votes, parts, strict=True)]
    return tally(votes, held, miners, classes)


def coherence(votes: list[Vote], trusted: Table, validator: int) -> float:
    """1 for who agrees with the trusted stake on half of the decided miners, then falling."""
    cast = agreed = 1.0
    for vote in votes:
        row = trusted[vote.miner]
        voters = sum(other.miner == vote.miner for other in votes)
        if vote.validator == validator and voters > 2 and max(normalised(row)) > DECIDED:
            cast += 1
            agreed += row.index(max(row)) == vote.code
    return min(1.0, 2 * agreed / cast) ** 2


def taught(votes: list[Vote], truths: list[list[float]], validators: int) -> list[Table]:
    """Expected confusion counts, vote n's truth being c with probability truths[n][c]."""
    classes = len(truths[0])
    found = [nothing(classes, classes) for _ in range(validators)]
    for vote, truth in zip(votes, truths, strict=True):
        for c in range(classes):
            found[vote.validator][c][vote.code] += truth[c]
    return found


def added(one: list[Table], other: list[Table]) -> list[Table]:
    return [
        [[a + b for a, b in zip(x, y, strict=True)] for x, y in zip(left, right, strict=True)]
        for left, right in zip(one, other, strict=True)
    ]


def posterior(scores: list[float]) -> list[float]:
    top = max(scores)
    return normalised([math.exp(score - top) for score in scores])


def resolve(votes: list[Vote], counts: list[Table], miners: int, classes: int) -> Found:
    """The consensus from at least one vote; `counts` [K][C][C] is what each is judged by."""
    validators = len(counts)
    trusted = trusted_stake(votes, counts, miners, classes)
    coherent = [coherence(votes, trusted, k) for k in range(validators)]
    heard = [vote.base * coherent[vote.validator] for vote in votes]
    voice = [each * len(heard) / sum(heard) for each in heard]
    truth = [normalised(row) for row in trusted]
    for _ in range(TURNS):
        expected = taught(votes, [truth[vote.miner] for vote in votes], validators)
        confusion = confusions(added(counts, expected), classes)
        mass = [sum(row[c] for row in truth) for c in range(classes)]
        frequency = [(each + 1) / (sum(mass) + classes) for each in mass]
        scores = [[math.log(each) for each in frequency] for _ in range(miners)]
        said = []
        for vote, loud in zip(votes, voice, strict=True):
            table = confusion[vote.validator]
            said.append([loud * math.log(table[c][vote.code]) for c in range(classes)])
            for c in range(classes):
                scores[vote.miner][c] += said[-1][c]
        before, truth = truth, [posterior(row) for row in scores]
        moved = (
            abs(a - b)
            for x, y in zip(before, truth, strict=True)
            for a, b in zip(x, y, strict=True)
        )
        if max(moved) < UNMOVED:
            break
    worths = [worth(confusion[vote.validator], vote.code, frequency) for vote in votes]
    typical = max(median(worths), 0.1)
    ratios = [math.sqrt(each / typical) for each in worths]
    earned = [min(each, REPUTATION_CAP) * min(each, PRECISION_CAP) for each in ratios]
    weights = [loud * each for loud, each in zip(heard, earned, strict=True)]
    final = tally(votes, weights, miners, classes)
    code = [row.index(max(row)) for row in final]
    without = [
        posterior([all_said - own for all_said, own in zip(scores[vote.miner], mine, strict=True)])
        for vote, mine in zip(votes, said, strict=True)
    ]
    return Found(
        code=code,
        share=[normalised(row)[c] for row, c in zip(final, code, strict=True)],
        truth=truth,
        weights={(v.validator, v.miner): w for v, w in zip(votes, weights, strict=True)},
        without=without,
    )
