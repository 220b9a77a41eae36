"""What a round teaches about numbers, again slow and obvious: one validator and miner at a time.

Written from docs/consensus.md, "What is learnt": given a round's consensus, the records after it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

CLIP, PRIOR, FADE, RECENT, PUSH = 6.0, 6.0, 0.5 ** (1 / 40), 3.0, 0.1


@dataclass(frozen=True)
class Round:
    """votes, weights, ages: [K][M], NaN and 0 where there is none. observed: [K][M], received in
    this round. value, unit: [M]. settled: [M]. variance: [K], before the round; reference: the
    typical one; drift: variance of the truth's movement per round; all in squared units.
    """

    votes: list[list[float]]
    weights: list[list[float]]
    ages: list[list[float]]
    observed: list[list[bool]]
    value: list[float]
    unit: list[float]
    settled: list[bool]
    variance: list[float]
    reference: float
    drift: float


@dataclass(frozen=True)
class Lesson:
    """What one vote teaches: its residual, how far that is the others' error, and its weight."""

    residual: float
    noise: float
    evidence: float


def lesson(seen: Round, k: int, m: int) -> Lesson | None:
    """From a vote of this round on a settled row that others vote on too."""
    vote = seen.votes[k][m]
    others = [j for j in range(len(seen.votes)) if j != k and seen.weights[j][m] > 0]
    held = sum(seen.weights[j][m] for j in others)
    total = held + seen.weights[k][m]
    if math.isnan(vote) or not (seen.observed[k][m] and seen.settled[m]) or held <= 1e-9 * total:
        return None
    consensus = sum(seen.weights[j][m] * seen.votes[j][m] for j in others) / held
    parts = {j: seen.weights[j][m] / held for j in others}
    spread = sum(part**2 * seen.variance[j] for j, part in parts.items())
    lag = sum(part * math.sqrt(seen.ages[j][m]) for j, part in parts.items()) ** 2 * seen.drift
    noise = spread + lag
    clip = CLIP * math.sqrt(seen.reference)
    residual = max(-clip, min(clip, (vote - consensus) / seen.unit[m]))
    return Lesson(residual, noise, held / total * seen.reference / (seen.reference + noise))


def records(
    seen: Round, k: int, long: list[float], recent: list[float]
) -> tuple[list[float], list[float]]:
    """(observations, sum of squares) of a validator's long and recent record after the round."""
    lessons = [found for m in range(len(seen.value)) if (found := lesson(seen, k, m))]
    new = [
        sum(each.evidence for each in lessons),
        sum(each.evidence * (each.residual**2 - each.noise) for each in lessons),
    ]
    fresh = [old + more for old, more in zip(recent, new, strict=True)]
    fits = min(1.0, RECENT * len(seen.value) / fresh[0]) if fresh[0] > 0 else 1.0
    faded = [old * FADE + more for old, more in zip(long, new, strict=True)]
    return faded, [each * fits for each in fresh]


def variance(records: tuple[list[float], list[float]], reference: float) -> float:
    """The worse of both records, each with six typical observations added."""
    return max(
        max((squares + PRIOR * reference) / (count + PRIOR), 0.04 * reference)
        for count, squares in records
    )


def bias(seen: Round, k: int, m: int, old: float) -> float:
    """The mean signed error of a validator on a miner after the round."""
    found = lesson(seen, k, m)
    return old if found is None else old + PUSH * (found.residual - old)
