"""Whose votes are set aside, why, and for how long."""

from __future__ import annotations

import math

from shared.domain.robust import Robustness
from shared.domain.robustness import PUBLIC_FIELDS
from tests.unit.robust.reference import spread as spreads
from tests.unit.robust.reference.ballot import Ballot
from tests.unit.robust.reference.confusion import trace, whole
from tests.unit.robust.reference.past import LabelPast, NumberPast, Past

NONE, GROSS_ERROR, WRONG_LABELS, NO_SIGNAL, PUSHING, CHAIN_CONTRADICTION = range(6)


def causes(k: int, ballot: Ballot, past: Past, share: list[float], policy: Robustness) -> int:
    """No signal, else the last grossly wrong number, else the first other cause by field."""
    numbers = {name: past.numbers[name] for name in ballot.numbers}
    if silent(k, numbers, policy):
        return NO_SIGNAL
    for name, one in reversed(numbers.items()):
        if gross(k, one, share, policy):
            return CHAIN_CONTRADICTION if name in PUBLIC_FIELDS else GROSS_ERROR
    if any(pushes(k, one, share, policy) for one in numbers.values()):
        return PUSHING
    for name in ballot.labels:
        if wrong(k, past.labels[name], policy):
            return CHAIN_CONTRADICTION if name in PUBLIC_FIELDS else WRONG_LABELS
    return NONE


def gross(k: int, past: NumberPast, share: list[float], policy: Robustness) -> bool:
    """Both records, and enough of the long one."""
    spread = spreads.read(past, share, policy)
    limit = policy.quarantine_spread**2 * spread.reference
    enough = past.long[k][0] >= policy.quarantine_observations
    return enough and spread.long[k] > limit and spread.recent[k] > limit


def pushes(k: int, past: NumberPast, share: list[float], policy: Robustness) -> bool:
    """Grossly, and enough miners."""
    spread = spreads.read(past, share, policy)
    limit = policy.quarantine_spread * math.sqrt(spread.reference)
    return sum(abs(bias) > limit for bias in past.bias[k]) >= policy.pushing_miners


def wrong(k: int, past: LabelPast, policy: Robustness) -> bool:
    """By the long record."""
    seen, hits = whole(past.long[k]), trace(past.long[k])
    return seen >= policy.quarantine_observations and hits < policy.quarantine_accuracy * seen


def silent(k: int, numbers: dict[str, NumberPast], policy: Robustness) -> bool:
    """The same of every miner, in every field of its own in which the consensus varies."""
    varied = [
        (own, common)
        for name, past in numbers.items()
        for own, common, seen in [past.signal[k]]
        if name not in PUBLIC_FIELDS and seen >= policy.quarantine_observations and common > seen
    ]
    return bool(varied) and all(own < policy.signal_floor * common for own, common in varied)


def quarantine(
    why: list[int], past: Past, share: list[float], policy: Robustness
) -> tuple[list[float], list[int]]:
    """Rounds left and reasons: a cause renews the full term. Who was in already stays before
    newcomers, then the smaller stake goes first, while their stake does not exceed its limit.
    """
    left = [max(term - 1, 0.0) for term in past.term]
    rounds = [policy.quarantine_rounds if new else old for new, old in zip(why, left, strict=True)]
    candidates = [k for k in range(len(share)) if rounds[k] > 0]
    held, inside = 0.0, set()
    for k in sorted(candidates, key=lambda k: (left[k] <= 0, share[k])):
        held += share[k]
        if held / sum(share) <= policy.quarantine_stake:
            inside.add(k)
    return (
        [rounds[k] if k in inside else 0.0 for k in range(len(share))],
        [(why[k] or past.reason[k]) if k in inside else NONE for k in range(len(share))],
    )
