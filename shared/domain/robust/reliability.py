"""How often each validator confuses which labels: Dawid and Skene (1979), with shared priors.

Votes are kept as triples (validator, miner, code), so sparse ballots of many workers cost no more
than the votes they hold. A confusion [K, C, C] is P(vote = last axis | truth = middle axis).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shared.domain.robust.ballot import Floats, Ints
from shared.domain.robust.memory import Memory
from shared.domain.robustness import CODED_PER_MINER, Robustness

PRIOR_ACCURACY = 0.8  # hit rate of a validator nothing is known about
POOLED_PRIOR = 20.0  # votes per class that the expected confusion is worth in the pooled one


@dataclass(frozen=True)
class Votes:
    """N votes: who [N], about whom [N], which code [N]; K, M and C as given."""

    validator: Ints
    miner: Ints
    code: Ints
    shape: tuple[int, int, int]

    def tally(self, weights: Floats) -> Floats:
        """Sum of the votes' weights [N] by miner and code: [M, C]."""
        _, miners, classes = self.shape
        at = self.miner * classes + self.code
        sums = np.bincount(at, weights, miners * classes).astype(float)
        return sums.reshape(miners, classes)


def votes_of(codes: Ints, classes: int) -> Votes:
    """The votes in a matrix [K, M] of codes, -1 where there is none."""
    validator, miner = np.nonzero(codes >= 0)
    return Votes(validator, miner, codes[validator, miner], (*codes.shape, classes))


def softmax(scores: Floats) -> Floats:
    """Along the last axis."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def count(votes: Votes, truth: Sequence[Floats]) -> Floats:
    """Expected confusion counts [K, C, C] when vote n's truth is c with probability truth[c][n]."""
    validators, _, classes = votes.shape
    at = votes.validator * classes + votes.code
    size = validators * classes
    columns = [np.bincount(at, column, size) for column in truth]
    counts = np.stack(columns, axis=1).astype(float)
    return counts.reshape(validators, classes, classes).transpose(0, 2, 1)


def by_vote(votes: Votes, truth: Floats) -> list[Floats]:
    """Columns of truth [M, C], each looked up for every vote: C arrays [N]."""
    return [np.ascontiguousarray(column)[votes.miner] for column in truth.T]


def told(votes: Votes, confusion: Floats, voice: Floats) -> list[Floats]:
    """What each vote says for each class: C arrays [N] of voice * log P(its code | class)."""
    classes = votes.shape[2]
    at = votes.validator * classes + votes.code
    log = np.log(confusion)
    return [voice * log[:, c].ravel()[at] for c in range(classes)]


def heard(votes: Votes, said: Sequence[Floats]) -> Floats:
    """Sum of what was said about each miner [M, C]."""
    miners = votes.shape[1]
    return np.stack([np.bincount(votes.miner, column, miners) for column in said], axis=1)


def _odds(rate: Floats) -> Floats:
    return np.log(rate / (1 - rate))


def _expected(accuracy: float, classes: int) -> Floats:
    """[C, C]: right with `accuracy`, else any other class alike."""
    wrong = np.full((classes, classes), (1 - accuracy) / max(classes - 1, 1))
    np.fill_diagonal(wrong, accuracy)
    return wrong


def _scattered(hit: Floats, misses: Floats) -> Floats:
    """Confusions [K, C, C] from hit rates [K, C] and how misses scatter [C, C]."""
    classes = misses.shape[0]
    confusion = misses[None] * (1 - hit)[:, :, None]
    confusion[:, range(classes), range(classes)] = hit
    return confusion


def confusions(name: str, counts: Floats, policy: Robustness) -> Floats:
    """Each validator's confusion [K, C, C] from its counts, drawn to what is usual.

    Three layers, each a prior of the next: the confusion of all votes together; the same with
    this validator's overall hit rate; its own counts. Where codes mean something else for each
    miner, only the hit rate is learnt.
    """
    classes, is_shared = counts.shape[-1], name not in CODED_PER_MINER
    expected = _expected(PRIOR_ACCURACY, classes)
    total = counts.sum(0) if is_shared else np.zeros((classes, classes))
    pooled = (total + POOLED_PRIOR * expected) / (total.sum(1, keepdims=True) + POOLED_PRIOR)
    usual = float((np.diag(pooled) * (total.sum(1) + 1)).sum() / (total.sum() + classes))
    hits, seen = np.einsum("kcc->k", counts), counts.sum((1, 2))
    rate = (hits + policy.prior_votes / 2 * usual) / (seen + policy.prior_votes / 2)
    shifted = _odds(np.diag(pooled))[None] + (_odds(rate) - _odds(np.array(usual)))[:, None]
    off = pooled * (1 - np.eye(classes))
    prior = _scattered(1 / (1 + np.exp(-shifted)), off / off.sum(1, keepdims=True))
    if not is_shared:
        return prior
    pull = policy.prior_votes
    return np.asarray((counts + pull * prior) / (counts.sum(2, keepdims=True) + pull))


def remembered(name: str, classes: int, memory: Memory, policy: Robustness) -> Floats:
    """Confusion counts [K, C, C] by which each validator is judged: of its long and its recent
    record the one in which it was right less often, so that trust falls fast.
    """
    long, recent = (
        memory.of_validators(f"{name}/{record}", classes, classes) for record in ("votes", "recent")
    )
    worse = _hit_rate(recent, policy) < _hit_rate(long, policy)
    return np.where(worse[:, None, None], recent, long)


def _hit_rate(counts: Floats, policy: Robustness) -> Floats:
    """[K], drawn to certainty: where little is known, the other record counts."""
    pull = policy.prior_votes
    return np.asarray((np.einsum("kcc->k", counts) + pull) / (counts.sum((1, 2)) + pull))


def telling(confusion: Floats, frequency: Floats) -> Floats:
    """How much a vote for class c speaks for c [K, C]: log P(c | c) / P(c | another class).

    `frequency` [C] is how common the classes are. Never below 0: a liar's word is worth nothing,
    not its opposite.
    """
    classes = frequency.size
    others = frequency[:, None] * (1 - np.eye(classes))
    others = others / others.sum(0)
    wrong = np.einsum("kcy,cy->ky", confusion, others)
    return np.asarray(np.maximum(np.log(np.einsum("kcc->kc", confusion) / wrong), 0.0))
