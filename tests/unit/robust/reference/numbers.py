"""One number per miner out of conflicting votes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from shared.domain.robust import Robustness
from tests.unit.robust.reference import spread as spreads
from tests.unit.robust.reference import weighted
from tests.unit.robust.reference.ballot import Ballot, Votes
from tests.unit.robust.reference.certainty import NINETY, demanded, dissent, usual, within_unit
from tests.unit.robust.reference.past import NumberPast
from tests.unit.robust.reference.spread import Spread
from tests.unit.robust.reference.standing import VoteStanding

By = dict[int, float]  # validator -> something of its vote on one miner
MORE_THAN_HALF = 0.5 + 1e-6


@dataclass(frozen=True)
class Number:
    """The consensus on one miner. Errors: NaN where no vote has weight. weights: by validator."""

    value: float
    error: float
    interval: tuple[float, float]
    weights: By
    outside: float
    dispersed: bool
    contested: bool
    settled: bool
    present: float
    probability: float
    anchor: float
    unit: float
    fact: bool


@dataclass(frozen=True)
class Field:
    """What all miners of a field share."""

    scale: tuple[float, float]
    past: NumberPast
    spread: Spread
    standing: VoteStanding
    policy: Robustness

    def ground(self, k: int, m: int) -> float:
        """The stake of a vote in the anchor, less for gross errors and for pushing this miner."""
        trusted = spreads.trust(self.spread, k, self.policy)
        return self.standing.bare(k, m) * trusted * self.impartial(k, m)

    def impartial(self, k: int, m: int) -> float:
        return spreads.impartiality(self.past.bias[k][m], self.spread, self.policy)

    def weight(self, k: int, m: int) -> float:
        """Before robustness and coherence."""
        earned = spreads.reputation(self.spread, k, self.policy)
        earned *= spreads.precision(self.spread, k, self.policy)
        variance = self.spread.variance(k)
        timely = variance / (variance + self.standing.age[k][m] * self.spread.drift)
        return self.standing.weight(k, m) * earned * timely * self.impartial(k, m)

    def unit(self, value: float) -> float:
        absolute, relative = self.scale
        return max(absolute, 0.0 if math.isnan(value) else relative * abs(value))


def anchor(field: Field, m: int, votes: By, ground: By) -> float:
    """Weighted median of the votes and of the previous consensus."""
    pull = field.policy.anchor_memory * field.past.certainty[m] * sum(ground.values())
    previous = (field.past.value[m], pull)
    return weighted.median([*((votes[k], ground[k]) for k in votes), previous])


def nearness(votes: By, ground: By, centre: float, scale: float, policy: Robustness) -> By:
    """Hampel's weights, the plateau widened until more than half of the stake is on it."""
    if math.isnan(centre):  # no vote has any stake: all are alike
        return dict.fromkeys(votes, 1.0)
    distance = {k: abs(vote - centre) / scale for k, vote in votes.items()}
    widened = 1.0
    on = sum(ground[k] for k in votes if distance[k] <= policy.plateau)
    if 0 < sum(ground.values()) * MORE_THAN_HALF >= on:
        half = weighted.median([(distance[k], ground[k]) for k in votes], MORE_THAN_HALF)
        widened = max(1.0, half / policy.plateau)
    slope = policy.rejection - policy.plateau
    return {
        k: min(1.0, max(0.0, (policy.rejection - d / widened) / slope)) for k, d in distance.items()
    }


def coherence(near: list[By], k: int) -> float:
    """Squared mean over the validator's votes of this ballot; 0 where it has none."""
    own = [row[k] for row in near if k in row]
    return (sum(own) / len(own)) ** 2 if own else 0.0


def accepted(field: Field, votes: Votes, anchors: list[float], grounds: list[By]) -> list[By]:
    """Robustness * coherence of every vote, in two steps from the anchor."""
    deviation = math.sqrt(field.spread.reference)
    scales = [field.unit(each) * deviation for each in anchors]
    centres = anchors
    for _ in range(2):
        near = [
            nearness(votes[m], grounds[m], centres[m], scales[m], field.policy)
            for m in range(len(votes))
        ]
        agreed = [{k: near[m][k] * coherence(near, k) for k in row} for m, row in enumerate(votes)]
        centres = [
            weighted.mean([(row[k], grounds[m][k] * agreed[m][k]) for k in row])
            for m, row in enumerate(votes)
        ]
    return agreed


def resolve_number(
    name: str, ballot: Ballot, standing: VoteStanding, past: NumberPast, policy: Robustness
) -> list[Number]:
    """The consensus on every miner."""
    votes, facts = ballot.numbers[name], ballot.facts.get(name, {})
    spread = spreads.read(past, standing.share, policy)
    field = Field(policy.scale(name), past, spread, standing, policy)
    grounds = [{k: field.ground(k, m) for k in row} for m, row in enumerate(votes)]
    anchors = [anchor(field, m, votes[m], grounds[m]) for m in ballot.miners]
    agreed = accepted(field, votes, anchors, grounds)
    return [
        judged(field, m, votes[m], grounds[m], anchors[m], agreed[m], facts.get(m))
        for m in ballot.miners
    ]


def judged(
    field: Field,
    m: int,
    votes: By,
    ground: By,
    anchored: float,
    agreed: By,
    fact: float | None,
) -> Number:
    """Value, error and doubts of one miner."""
    before = {k: field.weight(k, m) for k in votes}
    weights = {k: before[k] * agreed[k] for k in votes}
    value = weighted.mean([(votes[k], weights[k]) for k in votes]) if fact is None else fact
    unit = field.unit(anchored if fact is None else fact)
    error = standard_error(field, m, weights) if fact is None else 0.0
    plateau = field.policy.plateau * field.unit(anchored) * math.sqrt(field.spread.reference)
    off = [k for k in votes if abs(votes[k] - value) > unit]
    far = [k for k in votes if abs(votes[k] - value) > plateau]
    whole = {k: field.standing.share[k] for k in votes}
    present = sum(whole.values()) / sum(field.standing.share)
    seen, outside = field.past.attendance, weighted.share(off, before)
    doubt = dissent(weighted.share(far, ground), present, usual(seen, m, present))
    against = dissent(weighted.share(far, whole), present, demanded(seen, m))
    policy, known = field.policy, fact is not None
    return Number(
        value=value,
        error=error * unit,
        interval=(value - NINETY * error * unit, value + NINETY * error * unit),
        weights=weights,
        outside=outside,
        dispersed=not known and outside > policy.dispersion_threshold,
        contested=not known and weighted.share(off, whole) > policy.contested_share,
        settled=known or against <= policy.settled_share,
        present=present,
        probability=within_unit(error, 0.0 if known else doubt),
        anchor=anchored,
        unit=unit,
        fact=known,
    )


def standard_error(field: Field, m: int, weights: Mapping[int, float]) -> float:
    """Of the weighted mean, in units: what each vote errs by, and what the truth moved since."""
    total = sum(weights.values())
    if total <= 0:
        return math.nan
    parts = {k: weight / total for k, weight in weights.items()}
    own = sum(part**2 * field.spread.variance(k) for k, part in parts.items())
    lag = sum(part * math.sqrt(field.standing.age[k][m]) for k, part in parts.items())
    return math.sqrt(1.2 * own + lag**2 * field.spread.drift)
