"""One boolean or string per miner out of conflicting votes (rule 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from shared.domain.robust.attendance import demanded, dissent, usual
from shared.domain.robust.ballot import Bools, Floats, Ints, Labels
from shared.domain.robust.calibration import majority_is_right
from shared.domain.robust.memory import Memory, fade_of
from shared.domain.robust.reliability import (
    Votes,
    by_vote,
    confusions,
    count,
    heard,
    remembered,
    softmax,
    telling,
    told,
    votes_of,
)
from shared.domain.robust.stake import VoteStanding, product
from shared.domain.robustness import Robustness

COHERENCE_PRIOR = 1.0
SETTLED = 1e-4  # no probability moves by more: the turns of `believe` end


@dataclass(frozen=True)
class Label:
    """The consensus on one label field; arrays are [M] unless said otherwise.

    code: the heaviest class, -1 where nobody voted; ties go to the smaller code. share: its share
    of the weight. tally: [M, C], the weight of each class. probability: that the code is right.
    weights: [K, M], 0 without a vote, else the product of `factors` (name -> [K, M]).
    majority: share reaches the policy's majority. contested: somebody differs, and nearly half of
    the bare stake does or is unexpectedly silent. settled: the round may be learnt from. present:
    share of the stake that voted. fact: the chain said so. votes, belief: what `learn_label` needs.
    """

    code: Ints
    share: Floats
    tally: Floats
    probability: Floats
    weights: Floats
    factors: Mapping[str, Floats]
    majority: Bools
    contested: Bools
    settled: Bools
    present: Floats
    fact: Bools
    votes: Votes
    belief: Belief


@dataclass(frozen=True)
class Belief:
    """truth: [M, C] probabilities. scores: [M, C], their logarithms up to a constant. said: C
    arrays [N], what each vote added to them. worth: [N], what the vote's word is worth (log odds).
    """

    truth: Floats
    scores: Floats
    said: list[Floats]
    worth: Floats


def _shares(tally: Floats) -> Floats:
    total = tally.sum(1, keepdims=True)
    return np.asarray(tally / np.where(total > 0, total, 1.0))


def _dense(votes: Votes, values: Floats) -> Floats:
    """[K, M] with the votes' values [N], 0 elsewhere."""
    matrix = np.zeros(votes.shape[:2])
    matrix[votes.validator, votes.miner] = values
    return matrix


def _proven(truth: Floats, fact: Ints | None) -> Floats:
    """Truth [M, C] with certainty where the chain knows."""
    if fact is None:
        return truth
    return np.where((fact >= 0)[:, None], np.eye(truth.shape[1])[np.maximum(fact, 0)], truth)


def believe(
    name: str,
    votes: Votes,
    voice: Floats,
    first: Floats,
    fact: Ints | None,
    memory: Memory,
    policy: Robustness,
) -> Belief:
    """Truth and reliabilities by turns, from the stake's view `first` [M, C] and the memory.

    `voice` [N]: the votes' weights, mean 1, to which their likelihoods are raised.
    """
    classes = votes.shape[2]
    known = remembered(name, classes, memory, policy)
    truth = _proven(first, fact)
    for _ in range(policy.label_rounds):
        confusion = confusions(name, known + count(votes, by_vote(votes, truth)), policy)
        frequency = (truth.sum(0) + 1) / (truth.sum() + classes)
        said = told(votes, confusion, voice)
        scores = heard(votes, said) + np.log(frequency)
        before, truth = truth, _proven(softmax(scores), fact)
        if truth.size == 0 or np.abs(truth - before).max() < SETTLED:
            break
    worth = telling(confusion, frequency)[votes.validator, votes.code]
    return Belief(truth, scores, said, worth)


def _earned(belief: Belief, policy: Robustness) -> dict[str, Floats]:
    """Reputation and precision of each vote [N]: their product is its worth over the median."""
    worth = belief.worth
    median = max(float(np.median(worth)), 0.1) if worth.size else 1.0
    ratio = np.sqrt(worth / median)
    caps = {"reputation": policy.reputation_cap, "precision": policy.precision_cap}
    return {name: np.minimum(ratio, cap) for name, cap in caps.items()}


def resolve_label(
    name: str, labels: Labels, standing: VoteStanding, memory: Memory, policy: Robustness
) -> Label:
    """The consensus on one field; reliabilities come from the memory and from this ballot."""
    votes = votes_of(labels.votes, max(labels.classes, 2))
    at = votes.validator, votes.miner
    base, whole = standing.weights()[at], standing.share.sum()
    trusted = votes.tally(standing.bare[at] * trust(name, votes, memory, policy)) / whole
    coherent = coherence(votes, trusted, policy)[votes.validator]
    voice = base * coherent
    voice = voice / voice.mean() if voice.any() else np.ones(voice.size)
    belief = believe(name, votes, voice, _shares(trusted), labels.fact, memory, policy)
    earned = {**_earned(belief, policy), "coherence": coherent}
    weights = base * product(earned)
    tally, heads = votes.tally(weights), votes.tally(np.ones(base.size))
    tally = np.where(tally.sum(1, keepdims=True) > 0, tally, heads)
    fact = np.full(len(tally), -1) if labels.fact is None else labels.fact
    code = np.where(fact >= 0, fact, tally.argmax(1))
    share = _backing(code, tally)
    proven, voted = fact >= 0, heads.sum(1) > 0
    ground = votes.tally(standing.share[votes.validator]) / whole
    present, differing = ground.sum(1), 1 - _backing(code, ground)
    against = dissent(differing, present, demanded(memory, name))
    doubt = dissent(1 - _backing(code, trusted), present, usual(memory, name, present))
    probable = voted * _backing(code, belief.truth) * majority_is_right(doubt)
    return Label(
        code=np.where(voted | proven, code, -1),
        share=share,
        tally=tally,
        probability=np.where(proven, 1.0, probable),
        weights=_dense(votes, weights),
        factors={**standing.factors, **{n: _dense(votes, each) for n, each in earned.items()}},
        majority=proven | (share >= policy.majority),
        contested=~proven & voted & (differing > 0) & (against > policy.contested_share),
        settled=proven | _settled(against, voted, policy),
        present=present,
        fact=proven,
        votes=votes,
        belief=belief,
    )


def trust(name: str, votes: Votes, memory: Memory, policy: Robustness) -> Floats:
    """Part of its stake that each vote [N] brings into the majority: less only for who was
    grossly unreliable up to the last round.
    """
    classes = votes.shape[2]
    known = remembered(name, classes, memory, policy)
    confusion = confusions(name, known, policy)
    worth = telling(confusion, np.full(classes, 1 / classes))[votes.validator, votes.code]
    median = float(np.median(worth)) if worth.size else 0.0
    return np.minimum(1.0, policy.distrust_spread * worth / max(median, 0.1))


def coherence(votes: Votes, trusted: Floats, policy: Robustness) -> Floats:
    """[K]: 1 for who agrees with the trusted stake [M, C] on at least half of this ballot's
    miners, then falling with the square of the agreement: a sudden liar is not believed.

    Only miners count on which three or more vote and the trusted stake is not nearly split: two
    who contradict each other prove nothing. `COHERENCE_PRIOR` agreements are given to everyone.
    """
    validators = votes.shape[0]
    many = votes.tally(np.ones(votes.miner.size)).sum(1) > 2
    decided = many & (_shares(trusted).max(1) > 1 - policy.settled_share)
    telling_votes = decided[votes.miner].astype(float)
    agrees = telling_votes * (trusted.argmax(1)[votes.miner] == votes.code)
    cast = np.bincount(votes.validator, telling_votes, validators) + COHERENCE_PRIOR
    agreed = np.bincount(votes.validator, agrees, validators) + COHERENCE_PRIOR
    return np.minimum(1.0, 2 * agreed / cast) ** 2


def _backing(code: Ints, tally: Floats) -> Floats:
    """The code's share [M] of what is tallied [M, C]; 0 where nothing is."""
    return np.asarray(_shares(tally)[np.arange(code.size), code])


def _settled(against: Floats, voted: Bools, policy: Robustness) -> Bools:
    """Rows [M] to learn from.

    None where most are contested: the few that are not are those where honest validators err.
    """
    settled = voted & (against <= policy.settled_labels)
    return np.asarray(settled & (2 * settled.sum() >= voted.sum()))


def _others(label: Label) -> Floats:
    """The truth's probabilities without each vote: [C, N]; a fact is one without any."""
    votes, belief = label.votes, label.belief
    without = belief.scores[votes.miner].T - np.stack(belief.said)
    powers = np.exp(without - without.max(0)) if votes.miner.size else without
    proven = label.fact[votes.miner]
    return np.where(proven, belief.truth[votes.miner].T, powers / powers.sum(0))


def learn_label(
    name: str, label: Label, observed: Bools, memory: Memory, policy: Robustness
) -> dict[str, Floats]:
    """The field's confusion counts [K, C, C], long and recent, after this round."""
    votes, (_, miners, classes) = label.votes, label.votes.shape
    usable = (observed & label.settled)[votes.validator, votes.miner]
    new = count(votes, [usable * column for column in _others(label)])
    long, recent = (
        memory.of_validators(f"{name}/{record}", classes, classes) for record in ("votes", "recent")
    )
    recent = recent + new
    seen = recent.sum((1, 2), keepdims=True)
    full = policy.recent_miners * miners
    return {
        f"{name}/votes": long * fade_of(policy) + new,
        f"{name}/recent": recent * np.minimum(1.0, full / np.maximum(seen, 1e-12)),
    }
