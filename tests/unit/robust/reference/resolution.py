"""The consensus on every field, how sure it is, and what validators are worth."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from shared.domain.robust import Robustness
from shared.domain.robustness import CODED_PER_MINER
from tests.unit.robust.reference import spread as spreads
from tests.unit.robust.reference.ballot import Ballot
from tests.unit.robust.reference.labels import Labelled, resolve_label
from tests.unit.robust.reference.numbers import Number, resolve_number
from tests.unit.robust.reference.past import Past
from tests.unit.robust.reference.standing import VoteStanding, standing

COMPLETE = 0.9


@dataclass(frozen=True)
class Resolution:
    """confidence: [M]. reputation, reason: [K]."""

    numbers: Mapping[str, list[Number]]
    labels: Mapping[str, Labelled]
    confidence: list[float]
    reputation: list[float]
    reason: list[int]
    standing: VoteStanding


def resolve(ballot: Ballot, past: Past, policy: Robustness) -> Resolution:
    """The consensus of a ballot, given what was learnt up to the last round."""
    common, miners = standing(ballot, past, policy), len(ballot.miners)
    numbers = {
        name: resolve_number(name, ballot, common, past.number(name, miners), policy)
        for name in ballot.numbers
    }
    labels = {
        name: resolve_label(name, ballot, common, past.label(name, miners, votes.classes), policy)
        for name, votes in ballot.labels.items()
    }
    return Resolution(
        numbers=numbers,
        labels=labels,
        confidence=[confidence(m, ballot, numbers, labels, common, policy) for m in ballot.miners],
        reputation=[reputation(k, ballot, labels, common, past, policy) for k in ballot.validators],
        reason=past.reason,
        standing=common,
    )


def reputation(
    k: int,
    ballot: Ballot,
    labels: Mapping[str, Labelled],
    common: VoteStanding,
    past: Past,
    policy: Robustness,
) -> float:
    """The lowest over the fields voted on; 0 in quarantine, 1 for who says nothing."""
    found = []
    for name, votes in ballot.numbers.items():
        if any(k in row for row in votes):
            spread = spreads.read(past.number(name, len(ballot.miners)), common.share, policy)
            found.append(spreads.reputation(spread, k, policy))
    for label in labels.values():
        own = [each for (j, _), each in label.reputation.items() if j == k]
        if own:
            found.append(sum(own) / len(own))
    return min(found, default=1.0) if common.free[k] else 0.0


def confidence(
    m: int,
    ballot: Ballot,
    numbers: Mapping[str, list[Number]],
    labels: Mapping[str, Labelled],
    common: VoteStanding,
    policy: Robustness,
) -> float:
    """That every field of the miner is right, and how well it is supported."""
    voters = [k for k in ballot.validators if ballot.voted(k, m)]
    support = sum(
        ballot.confidence[k][m] * common.fresh[k][m] * common.free[k] * common.original[k][m]
        for k in voters
    )
    present = sum(ballot.stake[k] for k in voters) / sum(ballot.stake)
    stake = min(1.0, present / max(policy.min_stake_share, 1e-9))
    supported = stake * support / (support + policy.support_scale)
    found = right(m, ballot, numbers, labels) * supported
    full = sum(ballot.confidence[k][m] >= COMPLETE and original(k, m, common) for k in voters)
    if full >= 2 and stake >= 1 and unanimous(m, numbers, labels):
        return max(found, policy.unanimous_confidence)
    return found


def original(k: int, m: int, common: VoteStanding) -> bool:
    """Neither in quarantine nor a copy."""
    return common.free[k] and common.original[k][m] > 0.999


def right(
    m: int, ballot: Ballot, numbers: Mapping[str, list[Number]], labels: Mapping[str, Labelled]
) -> float:
    """The product over the fields, each as much as it is voted on beside the most voted one."""
    fields, most = [], []
    for name, number in numbers.items():
        found = number[m]
        fields += [(found.probability, found.present)] if said(m, name, ballot, found) else []
        most.append(found.present)
    for name, labelled in labels.items():
        label = labelled.miners[m]
        fields += [(label.probability, label.present)] if label.code >= 0 else []
        most += [label.present] if name not in CODED_PER_MINER else []
    return math.prod(1 - (1 - each) * heard(present, max(most)) for each, present in fields)


def said(m: int, name: str, ballot: Ballot, found: Number) -> bool:
    """By a validator or by the chain."""
    return found.fact or bool(ballot.numbers[name][m])


def heard(present: float, most: float) -> float:
    """Who votes alone on a field makes nobody doubt the miner."""
    return min(1.0, present / most) if most > 0 else 1.0


def unanimous(m: int, numbers: Mapping[str, list[Number]], labels: Mapping[str, Labelled]) -> bool:
    """No weight differs from the consensus on any field."""
    agreed = all(found[m].outside <= 0 for found in numbers.values())
    return agreed and all(
        label.miners[m].code < 0 or label.miners[m].share > 1 - 1e-9 for label in labels.values()
    )
