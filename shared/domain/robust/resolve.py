"""The consensus on every field of every miner: pure, never learns, may run any number of times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from shared.domain.robust.ballot import Ballot, Bools, Floats, Ints
from shared.domain.robust.labels import Label, resolve_label
from shared.domain.robust.memory import Memory
from shared.domain.robust.numbers import Number, resolve_number
from shared.domain.robust.stake import VoteStanding, standing, voted_at_all
from shared.domain.robustness import CODED_PER_MINER, Robustness

COMPLETE = 0.9  # confidence of a report (rule 2) from which it counts as complete


@dataclass(frozen=True)
class Resolution:
    """numbers, labels: the consensus by field. confidence: [M], 0 to 1, calibrated (rule 8).

    reputation: [K], the lowest of the validator's reputations over the fields it voted on; 0 in
    quarantine. reason: [K], a code of quarantine.REASONS. standing: the factors fields share.
    """

    numbers: Mapping[str, Number]
    labels: Mapping[str, Label]
    confidence: Floats
    reputation: Floats
    reason: Ints
    standing: VoteStanding


@np.errstate(over="ignore")  # what lies near the limits of a float is infinitely far apart
def resolve(ballot: Ballot, memory: Memory, policy: Robustness) -> Resolution:
    """The consensus of a ballot, given what was learnt up to the last closed round.

    Raises ValueError where the memory is of other validators or miners than the ballot.
    """
    if memory.size != ballot.shape:
        raise ValueError(f"memory of {memory.size} for a ballot of {ballot.shape}")
    common = standing(ballot, memory, policy)
    numbers = {
        name: resolve_number(name, votes, ballot.facts.get(name), common, memory, policy)
        for name, votes in ballot.numbers.items()
    }
    labels = {
        name: resolve_label(name, votes, common, memory, policy)
        for name, votes in ballot.labels.items()
    }
    free = memory.of_validators("quarantine/rounds") <= 0
    return Resolution(
        numbers=numbers,
        labels=labels,
        confidence=consensus_confidence(ballot, numbers, labels, common, policy),
        reputation=free * _lowest_reputation(ballot, numbers, labels),
        reason=memory.of_validators("quarantine/reason").astype(np.int64),
        standing=common,
    )


def _lowest_reputation(
    ballot: Ballot, numbers: Mapping[str, Number], labels: Mapping[str, Label]
) -> Floats:
    """[K]: over fields, of the mean over the validator's votes; 1 for who has not voted."""
    lowest = np.full(ballot.shape[0], np.inf)
    fields: list[tuple[Bools, Floats]] = [
        (~np.isnan(ballot.numbers[name]), number.factors["reputation"])
        for name, number in numbers.items()
    ]
    fields += [
        (ballot.labels[name].votes >= 0, label.factors["reputation"])
        for name, label in labels.items()
    ]
    for voted, reputation in fields:
        many = voted.sum(1)
        mean = (reputation * voted).sum(1) / np.maximum(many, 1)
        lowest = np.where(many > 0, np.minimum(lowest, mean), lowest)
    return np.where(np.isfinite(lowest), lowest, 1.0)


def consensus_confidence(
    ballot: Ballot,
    numbers: Mapping[str, Number],
    labels: Mapping[str, Label],
    common: VoteStanding,
    policy: Robustness,
) -> Floats:
    """Probability that every field of the miner is right [M], times how well it is supported.

    support = s / (s + support_scale), s = sum over validators of confidence * freshness *
    standing * originality, so two fresh complete reports give 0.98; times
    min(1, present share of stake / min_stake_share). Never below unanimous_confidence where two
    complete original reports agree on everything, nobody differs and that stake is present.
    """
    miners = ballot.shape[1]
    right = _right(ballot, numbers, labels)
    voted = voted_at_all(ballot)
    factors = common.factors
    quality = voted * factors["confidence"] * factors["freshness"]
    support = (quality * factors["standing"] * factors["originality"]).sum(0)
    present = (voted * ballot.stake[:, None]).sum(0) / max(float(ballot.stake.sum()), 1e-300)
    stake = np.minimum(1.0, present / max(policy.min_stake_share, 1e-9))
    confidence = right * stake * support / (support + policy.support_scale)
    able = voted * (factors["standing"] > 0) * (factors["originality"] > 0.999)
    complete = (able * (factors["confidence"] >= COMPLETE)).sum(0)
    sure = (complete >= 2) & (stake >= 1) & _unanimous(miners, numbers, labels)
    floor = np.maximum(confidence, policy.unanimous_confidence)
    return np.asarray(np.where(sure, floor, confidence))


def _right(ballot: Ballot, numbers: Mapping[str, Number], labels: Mapping[str, Label]) -> Floats:
    """Probability that every field of the miner is right [M].

    A field may be wrong as far as it is voted on, by the stake, compared with the miner's most
    voted field: who votes alone where all others abstain makes nobody doubt the miner.
    """
    right = np.ones(ballot.shape[1])
    most = _turnout(ballot.shape[1], numbers, labels)
    for name, number in numbers.items():
        voted = number.fact | ~np.isnan(ballot.numbers[name]).all(0)
        right *= 1 - voted * (1 - number.probability) * _heard(number.present, most)
    for label in labels.values():
        voted = label.code >= 0
        right *= 1 - voted * (1 - label.probability) * _heard(label.present, most)
    return right


def _turnout(miners: int, numbers: Mapping[str, Number], labels: Mapping[str, Label]) -> Floats:
    """Share of the stake that votes on the miner's most voted field [M].

    Votes on who it is do not count: they may be about another miner at the same place.
    """
    present = [number.present for number in numbers.values()]
    present += [each.present for name, each in labels.items() if name not in CODED_PER_MINER]
    return np.max(present, axis=0, initial=0.0) if present else np.zeros(miners)


def _heard(present: Floats, most: Floats) -> Floats:
    """`present` over `most` [M], 0 to 1; 1 where nothing but who it is was voted on."""
    return np.where(most > 0, np.minimum(1.0, present / np.where(most > 0, most, 1.0)), 1.0)


def _unanimous(miners: int, numbers: Mapping[str, Number], labels: Mapping[str, Label]) -> Bools:
    """Miners [M] on which no weight differs from the consensus."""
    same = np.ones(miners, dtype=bool)
    for number in numbers.values():
        same &= number.outside <= 0
    for label in labels.values():
        same &= (label.code < 0) | (label.share > 1 - 1e-9)
    return same
