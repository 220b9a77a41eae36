"""One number per miner out of conflicting votes (rule 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from shared.domain.robust.attendance import demanded, dissent, usual
from shared.domain.robust.ballot import Bools, Floats
from shared.domain.robust.calibration import interval, probability_within_unit
from shared.domain.robust.median import weighted_median
from shared.domain.robust.memory import Memory
from shared.domain.robust.pushing import impartiality
from shared.domain.robust.spread import Spread, precision, read_spread, reputation, trust
from shared.domain.robust.stake import VoteStanding, product
from shared.domain.robustness import Robustness

MORE_THAN_HALF = 0.5 + 1e-6
ESTIMATED = 1.2  # who happens to look sharp weighs most: a mean's variance is so much greater


@dataclass(frozen=True)
class Number:
    """The consensus on one numeric field; all arrays are [M] unless said otherwise.

    value: NaN where nobody voted. error: its standard error. interval: [M, 2], 90 %.
    weights: [K, M], 0 without a vote, else the product of `factors` (name -> [K, M]).
    outside: share of the weight, before outliers are dropped, beyond one unit of the value.
    dispersed: `outside` is over the policy's dispersion_threshold. contested: nearly half of the
    bare stake is outside, which no reputation settles. settled: the round may be learnt from.
    present: share of the stake that voted. probability: that the value is within one unit of the
    truth. anchor: the weighted median it was found from. unit: of the field's scale, in which
    distances are measured. fact: the chain said so.
    """

    value: Floats
    error: Floats
    interval: Floats
    weights: Floats
    factors: Mapping[str, Floats]
    outside: Floats
    dispersed: Bools
    contested: Bools
    settled: Bools
    present: Floats
    probability: Floats
    anchor: Floats
    unit: Floats
    fact: Bools


def unit_of(name: str, anchor: Floats, policy: Robustness) -> Floats:
    """One unit of the field's scale at each row [M]; all distances are counted in it."""
    absolute, relative = policy.scale(name)
    return np.maximum(absolute, relative * np.abs(np.nan_to_num(anchor)))


def mean_of(votes: Floats, weights: Floats) -> Floats:
    """Weighted mean of each column; the plain mean where no weight is left; NaN without votes."""
    voted = ~np.isnan(votes)
    weights = np.where(voted, weights, 0.0)
    weights = np.where(weights.sum(0) > 0, weights, voted)
    total = weights.sum(0)
    # Around the first vote, so that equal votes give exactly themselves.
    first = np.take_along_axis(votes, np.argmax(voted, axis=0)[None], axis=0)[0]
    moved = (weights * np.where(voted, votes - first, 0.0)).sum(0)
    return np.where(total > 0, first + moved / np.where(total > 0, total, 1.0), np.nan)


def share_of(which: Bools, weights: Floats) -> Floats:
    """Share of each column's weight on `which`; 0 where there is no weight."""
    total = weights.sum(0)
    return np.asarray((weights * which).sum(0) / np.where(total > 0, total, 1.0))


def robustness(distance: Floats, weights: Floats, policy: Robustness) -> Floats:
    """1 on the plateau, then falling to 0 (Hampel); `distance` [K, M] is in typical spreads.

    Where no more than half of a row's stake would stay on the plateau, the plateau widens until
    more does: nothing is rejected for disagreeing with a minority.
    """
    near = np.where(distance <= policy.plateau, weights, 0.0).sum(0)
    # Exactly half is too little: of two who contradict each other, neither is the outlier.
    thin = near <= MORE_THAN_HALF * np.where(np.isnan(distance), 0.0, weights).sum(0)
    scale = np.ones(distance.shape[1])
    if thin.any():
        half = weighted_median(distance[:, thin], weights[:, thin], MORE_THAN_HALF)
        scale[thin] = np.maximum(1.0, np.nan_to_num(half) / policy.plateau)
    scaled = np.nan_to_num(distance / scale)
    slope = policy.rejection - policy.plateau
    return np.clip((policy.rejection - scaled) / slope, 0.0, 1.0)


def coherence(near: Floats, voted: Bools) -> Floats:
    """[K, 1]: squared mean robustness of a validator's votes in this ballot.

    Who is far off on most miners is not believed on the few where it happens to be near.
    """
    count = np.maximum(voted.sum(1, keepdims=True), 1)
    return np.asarray(((near * voted).sum(1, keepdims=True) / count) ** 2)


def anchor_of(
    name: str, votes: Floats, ground: Floats, memory: Memory, policy: Robustness
) -> Floats:
    """Weighted median of the votes and of the previous consensus [M]."""
    previous, certainty = memory.of_miners(f"{name}/value"), memory.of_miners(f"{name}/certainty")
    pull = policy.anchor_memory * certainty * ground.sum(0)
    return weighted_median(np.vstack([votes, previous]), np.vstack([ground, pull]))


def near_anchor(
    anchor: Floats, votes: Floats, ground: Floats, scale: Floats, policy: Robustness
) -> tuple[Floats, Floats]:
    """Robustness [K, M] and coherence [K, 1], in two steps from the anchor.

    Reputation has no part in where the centre lies, only in how the votes near it are averaged.
    """
    voted = ~np.isnan(votes)
    near = robustness(np.abs(votes - anchor) / scale, ground, policy)
    centre = mean_of(votes, ground * near * coherence(near, voted))
    near = robustness(np.abs(votes - centre) / scale, ground, policy)
    return near, coherence(near, voted)


def earned_factors(
    name: str, spread: Spread, standing: VoteStanding, memory: Memory, policy: Robustness
) -> dict[str, Floats]:
    """The factors that a validator's record in this field adds, each [K, M]."""
    shape = standing.bare.shape
    variance = spread.variance[:, None]
    return {
        "reputation": np.broadcast_to(reputation(spread, policy)[:, None], shape),
        "precision": np.broadcast_to(precision(spread, policy)[:, None], shape),
        "timeliness": variance / (variance + standing.age_rounds * spread.drift),
        "impartiality": impartiality(memory, name, spread, policy),
    }


def resolve_number(
    name: str,
    votes: Floats,
    fact: Floats | None,
    standing: VoteStanding,
    memory: Memory,
    policy: Robustness,
) -> Number:
    """The consensus on one field from votes [K, M]; `fact` [M] decides where it is not NaN."""
    voted = ~np.isnan(votes)
    spread = read_spread(memory, name, standing.share, policy)
    factors = {**standing.factors, **earned_factors(name, spread, standing, memory, policy)}
    bare = np.where(voted, standing.bare, 0.0)
    # Contested and settled rows are judged by all stake, be it in quarantine or copied.
    whole = np.where(voted, standing.share[:, None], 0.0)
    ground = bare * trust(spread, policy)[:, None] * factors["impartiality"]
    anchor = anchor_of(name, votes, ground, memory, policy)
    unit = unit_of(name, anchor, policy)
    scale = unit * np.sqrt(spread.reference)
    weights = np.where(voted, product(factors), 0.0)
    near, coherent = near_anchor(anchor, votes, ground, scale, policy)
    factors |= {"robustness": near, "coherence": np.broadcast_to(coherent, votes.shape)}
    final = weights * near * coherent
    value = mean_of(votes, final)
    proven = np.zeros(value.shape, dtype=bool) if fact is None else ~np.isnan(fact)
    if fact is not None:
        value = np.where(proven, fact, value)
        unit = np.where(proven, unit_of(name, fact, policy), unit)
    distance = np.abs(votes - value)
    outside = share_of(distance > unit, weights)
    far = distance > policy.plateau * scale
    error = np.where(proven, 0.0, standard_error(final, spread, standing.age_rounds))
    present = whole.sum(0) / standing.share.sum()
    doubt = dissent(share_of(far, ground), present, usual(memory, name, present))
    against = dissent(share_of(far, whole), present, demanded(memory, name))
    return Number(
        value=value,
        error=error * unit,
        interval=interval(value, error * unit),
        weights=final,
        factors=factors,
        outside=outside,
        dispersed=~proven & (outside > policy.dispersion_threshold),
        contested=~proven & (share_of(distance > unit, whole) > policy.contested_share),
        settled=proven | (against <= policy.settled_share),
        probability=probability_within_unit(error, np.where(proven, 0.0, doubt)),
        present=present,
        anchor=anchor,
        unit=unit,
        fact=proven,
    )


def standard_error(weights: Floats, spread: Spread, age: Floats) -> Floats:
    """Of a weighted mean of independent votes [M], in units; NaN without votes."""
    total = weights.sum(0)
    part = weights / np.where(total > 0, total, 1.0)
    error = (part**2 * spread.variance[:, None]).sum(0) * ESTIMATED
    # What the truth moved since is the same for all old votes; sqrt(a b) bounds the common age.
    lag = (part * np.sqrt(age)).sum(0) ** 2 * spread.drift
    return np.where(total > 0, np.sqrt(error + lag), np.nan)
