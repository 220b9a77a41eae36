"""The truth about labels and the reliability of validators, by turns."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from shared.domain.robust import Robustness
from tests.unit.robust.reference import weighted
from tests.unit.robust.reference.confusion import confusions, worth
from tests.unit.robust.reference.past import Table, zeros

UNMOVED = 1e-4


@dataclass(frozen=True)
class Vote:
    """`base`: the factors that every field shares, multiplied. `bare`, `share`: stake."""

    validator: int
    miner: int
    code: int
    base: float
    bare: float
    share: float


@dataclass(frozen=True)
class Scene:
    """All votes on one label. counts: what each validator is judged by, before this ballot.
    facts: miner -> code. shared: codes mean the same for every miner.
    """

    votes: list[Vote]
    counts: list[Table]
    miners: int
    classes: int
    facts: Mapping[int, int]
    shared: bool
    policy: Robustness

    def tally(self, weights: list[float]) -> Table:
        """[miner][class]."""
        found = zeros(self.miners, self.classes)
        for vote, weight in zip(self.votes, weights, strict=True):
            found[vote.miner][vote.code] += weight
        return found


@dataclass(frozen=True)
class Belief:
    """truth: [miner][class]. without: [vote][class], the truth by all votes but this one. worth:
    [vote].
    """

    truth: Table
    without: Table
    worth: list[float]


def trusted_stake(scene: Scene) -> Table:
    """What stake says about each miner, less for who was grossly unreliable."""
    even = [1 / scene.classes] * scene.classes
    found = confusions(scene.counts, scene.shared, scene.policy)
    worths = [worth(found[vote.validator], vote.code, even) for vote in scene.votes]
    typical = max(median(worths), 0.1) if worths else 1.0
    parts = [min(1.0, scene.policy.distrust_spread * each / typical) for each in worths]
    return scene.tally([vote.bare * part for vote, part in zip(scene.votes, parts, strict=True)])


def coherence(scene: Scene, trusted: Table, validator: int) -> float:
    """1 for who agrees with the trusted stake on half of the decided miners, then falling."""
    cast = agreed = 1.0
    for vote in scene.votes:
        row = trusted[vote.miner]
        voters = sum(other.miner == vote.miner for other in scene.votes)
        decided = max(weighted.parts(row)) > 1 - scene.policy.settled_share
        if vote.validator == validator and voters > 2 and decided:
            cast += 1
            agreed += row.index(max(row)) == vote.code
    return min(1.0, 2 * agreed / cast) ** 2


def proven(truth: Table, facts: Mapping[int, int]) -> Table:
    """With certainty where the chain knows."""
    return [
        [float(c == facts[m]) for c in range(len(row))] if m in facts else row
        for m, row in enumerate(truth)
    ]


def taught(votes: list[Vote], truths: Table, counts: list[Table]) -> list[Table]:
    """Counts and expected counts, vote n's truth being c with probability truths[n][c]."""
    found = [[list(row) for row in table] for table in counts]
    for vote, truth in zip(votes, truths, strict=True):
        for c, probability in enumerate(truth):
            found[vote.validator][c][vote.code] += probability
    return found


def posterior(scores: list[float]) -> list[float]:
    top = max(scores)
    return weighted.parts([math.exp(score - top) for score in scores])


def frequencies(truth: Table) -> list[float]:
    """How common each class is, one more of each added."""
    mass = [sum(column) for column in zip(*truth, strict=True)]
    return [(each + 1) / (sum(mass) + len(mass)) for each in mass]


def moved(before: Table, after: Table) -> float:
    """The furthest that any probability went."""
    rows = zip(before, after, strict=True)
    return max(abs(a - b) for x, y in rows for a, b in zip(x, y, strict=True))


def said(scene: Scene, confusion: list[Table], voice: list[float]) -> Table:
    """[vote][class]: what each vote adds to the logarithms."""
    return [
        [loud * math.log(confusion[vote.validator][c][vote.code]) for c in range(scene.classes)]
        for vote, loud in zip(scene.votes, voice, strict=True)
    ]


def heard(scene: Scene, words: Table, frequency: list[float]) -> Table:
    """[miner][class]: the logarithms of the truth's probabilities, up to a constant."""
    scores = [[math.log(each) for each in frequency] for _ in range(scene.miners)]
    for vote, word in zip(scene.votes, words, strict=True):
        for c, each in enumerate(word):
            scores[vote.miner][c] += each
    return scores


def believe(scene: Scene, voice: list[float], first: Table) -> Belief:
    """From the trusted stake's view, until nothing moves any more; at least one turn."""
    truth = proven(first, scene.facts)
    for _ in range(scene.policy.label_rounds):
        expected = [truth[vote.miner] for vote in scene.votes]
        counts = taught(scene.votes, expected, scene.counts)
        confusion, frequency = confusions(counts, scene.shared, scene.policy), frequencies(truth)
        words = said(scene, confusion, voice)
        scores = heard(scene, words, frequency)
        before, truth = truth, proven([posterior(row) for row in scores], scene.facts)
        if moved(before, truth) < UNMOVED:
            break
    return Belief(
        truth,
        [without(scene, n, scores, words, truth) for n in range(len(scene.votes))],
        [worth(confusion[vote.validator], vote.code, frequency) for vote in scene.votes],
    )


def without(scene: Scene, n: int, scores: Table, words: Table, truth: Table) -> list[float]:
    """The truth by all votes but the n-th; a fact stays one."""
    m = scene.votes[n].miner
    if m in scene.facts:
        return truth[m]
    return posterior([total - own for total, own in zip(scores[m], words[n], strict=True)])
