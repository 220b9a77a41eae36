"""One label per miner out of conflicting votes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import median

from shared.domain.robust import Robustness
from shared.domain.robustness import CODED_PER_MINER
from tests.unit.robust.reference import weighted
from tests.unit.robust.reference.ballot import Ballot, LabelVotes
from tests.unit.robust.reference.belief import (
    Scene,
    Vote,
    believe,
    coherence,
    trusted_stake,
)
from tests.unit.robust.reference.certainty import demanded, dissent, majority_is_right, usual
from tests.unit.robust.reference.confusion import judged_by
from tests.unit.robust.reference.past import LabelPast
from tests.unit.robust.reference.standing import VoteStanding

Cell = tuple[int, int]  # (validator, miner)


@dataclass(frozen=True)
class Label:
    """The consensus on one miner; code is -1 where nobody voted and nothing is known."""

    code: int
    share: float
    tally: list[float]
    probability: float
    majority: bool
    contested: bool
    settled: bool
    present: float
    fact: bool


@dataclass(frozen=True)
class Labelled:
    """weights, reputation: of each vote. without: the truth's probabilities without it."""

    miners: list[Label]
    weights: Mapping[Cell, float]
    reputation: Mapping[Cell, float]
    without: Mapping[Cell, list[float]]


@dataclass(frozen=True)
class Tallies:
    """[miner][class]: by weight, by trusted stake, by all stake; truth: probabilities."""

    weight: list[list[float]]
    trusted: list[list[float]]
    stake: list[list[float]]
    truth: list[list[float]]


def votes_of(labels: LabelVotes, standing: VoteStanding) -> list[Vote]:
    return [
        Vote(k, m, code, standing.weight(k, m), standing.bare(k, m), standing.share[k])
        for m, row in enumerate(labels.votes)
        for k, code in row.items()
    ]


def voices(heard: list[float]) -> list[float]:
    """Weights of mean 1; all alike where nobody has any."""
    total = sum(heard)
    return [each * len(heard) / total if total > 0 else 1.0 for each in heard]


def earned(worths: list[float], policy: Robustness) -> list[tuple[float, float]]:
    """Reputation and precision of each vote: both the root of its worth over the median."""
    typical = max(median(worths), 0.1) if worths else 1.0
    roots = [math.sqrt(each / typical) for each in worths]
    return [(min(r, policy.reputation_cap), min(r, policy.precision_cap)) for r in roots]


def resolve_label(
    name: str, ballot: Ballot, standing: VoteStanding, past: LabelPast, policy: Robustness
) -> Labelled:
    """The consensus on every miner."""
    labels = ballot.labels[name]
    scene = Scene(
        votes=(votes := votes_of(labels, standing)),
        counts=[judged_by(past, k, policy) for k in ballot.validators],
        miners=len(ballot.miners),
        classes=labels.classes,
        facts=labels.facts,
        shared=name not in CODED_PER_MINER,
        policy=policy,
    )
    trusted = trusted_stake(scene)
    coherent = [coherence(scene, trusted, k) for k in ballot.validators]
    heard = [vote.base * coherent[vote.validator] for vote in votes]
    belief = believe(scene, voices(heard), [weighted.parts(row) for row in trusted])
    earns = earned(belief.worth, policy)
    weights = [loud * a * b for loud, (a, b) in zip(heard, earns, strict=True)]
    stake = scene.tally([vote.share for vote in votes])
    tallies = Tallies(scene.tally(weights), trusted, stake, belief.truth)
    cells = [(vote.validator, vote.miner) for vote in votes]
    found = [judged(m, scene, tallies, standing, past) for m in ballot.miners]
    return Labelled(
        settled(found, sum(map(bool, labels.votes))),
        dict(zip(cells, weights, strict=True)),
        {cell: reputation for cell, (reputation, _) in zip(cells, earns, strict=True)},
        dict(zip(cells, belief.without, strict=True)),
    )


def judged(
    m: int, scene: Scene, tallies: Tallies, standing: VoteStanding, past: LabelPast
) -> Label:
    """Winner and doubts of one miner; `settled` as if this were the only one."""
    votes = [vote for vote in scene.votes if vote.miner == m]
    policy, fact, row = scene.policy, scene.facts.get(m), tallies.weight[m]
    if sum(row) <= 0:  # where nobody has weight, heads count
        row = [float(sum(vote.code == c for vote in votes)) for c in range(scene.classes)]
    code = row.index(max(row)) if fact is None else fact
    present = sum(vote.share for vote in votes) / sum(standing.share)
    differing = 1 - weighted.parts(tallies.stake[m])[code]
    against = dissent(differing, present, demanded(past.attendance, m))
    distrusting = 1 - weighted.parts(tallies.trusted[m])[code]
    doubt = dissent(distrusting, present, usual(past.attendance, m, present))
    share, known = weighted.parts(row)[code], fact is not None
    probable = tallies.truth[m][code] * majority_is_right(doubt) if votes else 0.0
    disputed = bool(votes) and differing > 0 and against > policy.contested_share
    return Label(
        code=code if votes or known else -1,
        share=share,
        tally=row,
        probability=1.0 if known else probable,
        majority=known or share >= policy.majority,
        contested=not known and disputed,
        settled=bool(votes) and against <= policy.settled_labels,
        present=present,
        fact=known,
    )


def settled(found: list[Label], voted: int) -> list[Label]:
    """Rows teach that are calm, if most rows with votes are, and those that the chain proves."""
    most = 2 * sum(label.settled for label in found) >= voted
    return [replace(label, settled=label.fact or (most and label.settled)) for label in found]
