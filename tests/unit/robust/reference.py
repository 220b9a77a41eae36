"""The number aggregation again, slow and obvious: loops over one miner's votes, no numpy.

Only what a ballot without memory needs. `resolve_number` must agree with it.
"""

from __future__ import annotations

import math

Vote = tuple[float, float, float, float]  # value, stake share, stake factor, quality


def median(pairs: list[tuple[float, float]], quantile: float = 0.5) -> float:
    """Lower weighted median, or another quantile, of (value, weight)."""
    pairs = sorted(pair for pair in pairs if pair[1] > 0)
    total, reached = sum(weight for _, weight in pairs), 0.0
    for value, weight in pairs:
        reached += weight
        if reached >= total * quantile * (1 - 1e-12):
            return value
    return math.nan


def mean(pairs: list[tuple[float, float]]) -> float:
    """Weighted mean, plain where there is no weight."""
    total = sum(weight for _, weight in pairs)
    if total <= 0:
        return sum(value for value, _ in pairs) / len(pairs)
    return sum(value * weight for value, weight in pairs) / total


def near(
    values: list[float],
    grounds: list[float],
    centre: float,
    scale: float,
    plateau: float,
    rejection: float,
) -> list[float]:
    """Hampel weights, the plateau widened until more than half of the stake is on it."""
    distances = [abs(value - centre) / scale for value in values]
    on = sum(g for d, g in zip(distances, grounds, strict=True) if d <= plateau)
    widened = 1.0
    more_than_half = 0.5 + 1e-6
    if on <= more_than_half * sum(grounds):
        pairs = list(zip(distances, grounds, strict=True))
        widened = max(1.0, median(pairs, more_than_half) / plateau)
    slope = rejection - plateau
    return [min(1.0, max(0.0, (rejection - d / widened) / slope)) for d in distances]


def capped(stakes: list[float], cap: float, heads: float) -> list[float]:
    """Shares of the stake, none above the cap."""
    limit = max(cap, heads / len(stakes))
    return [min(stake / sum(stakes), limit) for stake in stakes]


def consensus(
    stakes: list[float],
    qualities: list[list[float]],
    votes: list[list[float]],
    tolerance: float,
    spread: float,
    plateau: float = 3.0,
    rejection: float = 6.0,
) -> list[float]:
    """The value of each miner; votes[k][m] is NaN for none, qualities: confidence * freshness."""
    grounds = capped(stakes, 1 / 3, 3.0)
    powers = [share**0.5 for share in capped(stakes, 0.25, 3.0)]
    scale = tolerance * spread
    validators, miners = len(stakes), len(votes[0])

    def votes_on(m: int) -> list[int]:
        return [k for k in range(validators) if not math.isnan(votes[k][m])]

    def nearness(centres: list[float]) -> list[dict[int, float]]:
        found = []
        for m in range(miners):
            who = votes_on(m)
            held = [grounds[k] for k in who]
            marks = near([votes[k][m] for k in who], held, centres[m], scale, plateau, rejection)
            found.append(dict(zip(who, marks, strict=True)))
        return found

    def coherence(marks: list[dict[int, float]]) -> list[float]:
        found = []
        for k in range(validators):
            own = [row[k] for row in marks if k in row]
            found.append((sum(own) / len(own)) ** 2 if own else 0.0)
        return found

    anchors = [median([(votes[k][m], grounds[k]) for k in votes_on(m)]) for m in range(miners)]
    marks = nearness(anchors)
    agreed = coherence(marks)
    centres = [
        mean([(votes[k][m], grounds[k] * marks[m][k] * agreed[k]) for k in votes_on(m)])
        if votes_on(m)
        else math.nan
        for m in range(miners)
    ]
    marks = nearness(centres)
    agreed = coherence(marks)
    return [
        mean(
            [
                (votes[k][m], powers[k] * qualities[k][m] * marks[m][k] * agreed[k])
                for k in votes_on(m)
            ]
        )
        if votes_on(m)
        else math.nan
        for m in range(miners)
    ]
