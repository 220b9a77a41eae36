"""Validators whose votes are set aside, each with a reason that an operator can read and lift."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from shared.domain.robust.ballot import Ballot, Bools, Floats, Ints
from shared.domain.robust.memory import Memory
from shared.domain.robust.spread import long_and_recent, read_spread
from shared.domain.robustness import PUBLIC_FIELDS, Robustness

NONE, GROSS_ERROR, WRONG_LABELS, NO_SIGNAL, PUSHING, CHAIN_CONTRADICTION = range(6)
REASONS: Mapping[int, str] = {
    NONE: "",
    GROSS_ERROR: "gross_error",
    WRONG_LABELS: "wrong_labels",
    NO_SIGNAL: "no_signal",
    PUSHING: "pushing",
    CHAIN_CONTRADICTION: "chain_contradiction",
}


def _gross(name: str, memory: Memory, share: Floats, policy: Robustness) -> Bools:
    """Both the long and the recent record are gross, with enough of both."""
    spread = read_spread(memory, name, share, policy)
    long, recent = long_and_recent(memory, name, spread.reference, policy)
    seen = memory.of_validators(f"{name}/record", 2)[:, 0]
    limit = policy.quarantine_spread**2 * spread.reference
    return (np.minimum(long, recent) > limit) & (seen >= policy.quarantine_observations)


def _wrong(name: str, classes: int, memory: Memory, policy: Robustness) -> Bools:
    counts = memory.of_validators(f"{name}/votes", classes, classes)
    seen, hits = counts.sum((1, 2)), np.einsum("kcc->k", counts)
    wrong = hits < policy.quarantine_accuracy * seen
    return np.asarray((seen >= policy.quarantine_observations) & wrong)


def _pushing(name: str, memory: Memory, reference: float, policy: Robustness) -> Bools:
    far = np.abs(memory.of_pairs(f"{name}/bias")) > policy.quarantine_spread * np.sqrt(reference)
    return np.asarray(far.sum(1) >= policy.pushing_miners)


def _silent(names: list[str], memory: Memory, policy: Robustness) -> Bools:
    """No signal in any field in which the consensus varies."""
    judged = np.zeros(memory.size[0], dtype=bool)
    silent = np.ones(memory.size[0], dtype=bool)
    for name in names:
        own, common, seen = memory.of_validators(f"{name}/signal/record", 3).T
        varied = (seen >= policy.quarantine_observations) & (common > seen)
        judged |= varied
        silent &= ~varied | (own < policy.signal_floor * common)
    return judged & silent


def causes(ballot: Ballot, memory: Memory, share: Floats, policy: Robustness) -> Ints:
    """The reason [K] for which a validator belongs in quarantine now, 0 where there is none."""
    found = np.zeros(share.size, dtype=np.int64)
    own = [name for name in ballot.numbers if name not in PUBLIC_FIELDS]
    for name in ballot.numbers:
        spread = read_spread(memory, name, share, policy)
        reason = CHAIN_CONTRADICTION if name in PUBLIC_FIELDS else GROSS_ERROR
        found = np.where(_gross(name, memory, share, policy), reason, found)
        pushing = _pushing(name, memory, spread.reference, policy) & (found == NONE)
        found = np.where(pushing, PUSHING, found)
    for name, labels in ballot.labels.items():
        reason = CHAIN_CONTRADICTION if name in PUBLIC_FIELDS else WRONG_LABELS
        wrong = _wrong(name, max(labels.classes, 2), memory, policy) & (found == NONE)
        found = np.where(wrong, reason, found)
    return np.where(_silent(own, memory, policy), NO_SIGNAL, found)


def quarantine(
    reason: Ints, memory: Memory, share: Floats, policy: Robustness
) -> dict[str, Floats]:
    """quarantine/rounds and quarantine/reason [K] after this round.

    A cause renews the full term. Those in quarantine already stay before newcomers, then the
    smaller stake goes first, until quarantined stake reaches quarantine_stake.
    """
    left = np.maximum(memory.of_validators("quarantine/rounds") - 1, 0)
    rounds = np.where(reason != NONE, policy.quarantine_rounds, left)
    kept = np.where(reason != NONE, reason, memory.of_validators("quarantine/reason"))
    order = np.lexsort((share, left <= 0, rounds <= 0))
    held = np.cumsum((share * (rounds > 0))[order]) / max(float(share.sum()), 1e-300)
    fits = np.zeros(share.size, dtype=bool)
    fits[order] = held <= policy.quarantine_stake
    rounds = np.where(fits, rounds, 0.0)
    return {"quarantine/rounds": rounds, "quarantine/reason": np.where(rounds > 0, kept, NONE)}
