"""Votes that are copies: of another validator, or of the last public consensus.

Equal numbers prove nothing where most of the stake says the same, so only rows are counted where
a value is held by less than half of it, and only agreement beyond chance (kappa): the chance is
how often the rest agrees with that value. Delayed copies of single validators are not seen.
"""

from __future__ import annotations

import numpy as np

from shared.domain.robust.ballot import Ballot, Bools, Floats
from shared.domain.robust.memory import Memory, fade_of
from shared.domain.robustness import PUBLIC_FIELDS, Robustness

EXACT = 1e-4  # of a unit: nearer than this is the same number
MOST_MET = 30_000.0
"""Evidence on a pair of validators beyond which its age tells nothing more."""


def agree_beyond_chance(same: Floats, met: Floats, policy: Robustness) -> Bools:
    """Where enough of the observations that could have differed were the same (kappa)."""
    return (met >= policy.copy_observations) & (same >= policy.copy_agreement * met)


def groups_of(copies: Bools) -> list[Bools]:
    """Connected groups [K] of at least two validators."""
    linked = copies | copies.T
    left = linked.any(1)
    groups = []
    while left.any():
        group = np.zeros(left.size, dtype=bool)
        group[np.argmax(left)] = True
        while (grown := group | linked[group].any(0)).sum() > group.sum():
            group = grown
        groups.append(group)
        left = left & ~group
    return groups


def originality(memory: Memory, share: Floats, voted: Bools, policy: Robustness) -> Floats:
    """What is a validator's own in its votes [K, M].

    A group of copies votes with the stake of its largest member; a parrot of the consensus keeps
    `parrot_weight`.
    """
    own = np.ones(voted.shape)
    same, met = memory.of_peers("copies/same"), memory.of_peers("copies/met")
    for group in groups_of(agree_beyond_chance(same, met, policy)):
        stake = share[group, None] * voted[group]
        total = stake.sum(0)
        own[group] = stake.max(0) / np.where(total > 0, total, 1.0)
    own[parrots(memory, policy)] *= policy.parrot_weight
    return own


def parrots(memory: Memory, policy: Robustness) -> Bools:
    """Validators [K] that repeat the last public consensus."""
    same, met = memory.of_validators("parrot/same"), memory.of_validators("parrot/met")
    return agree_beyond_chance(same, met, policy)


def _evidence(equal: Bools, held: Floats, heads: Floats, others: Floats) -> tuple[Floats, Floats]:
    """(agreement beyond chance, room for it), from rows where the value is a minority's."""
    chance = np.clip(heads / np.maximum(others, 1.0), 0.0, 1.0)
    counts = (held < 0.5) & (others > 0)
    room = np.where(counts, 1 - chance, 0.0)
    return np.where(counts, equal - chance, 0.0), room


def learn_copies(
    ballot: Ballot,
    units: dict[str, Floats],
    observed: Bools,
    share: Floats,
    memory: Memory,
    policy: Robustness,
) -> dict[str, Floats]:
    """copies/same, copies/met [K, K] and parrot/same, parrot/met [K] after this round."""
    fade = fade_of(policy)
    found = {name: memory.of_peers(name) * fade for name in ("copies/same", "copies/met")}
    found |= {n: memory.of_validators(n) * fade for n in ("parrot/same", "parrot/met")}
    for name, unit in units.items():
        if name in PUBLIC_FIELDS:
            continue
        votes = ballot.numbers[name]
        # Who repeats itself is no parrot: only a consensus that was nobody's vote can be copied.
        blended = memory.of_miners(f"{name}/blended") > 0
        previous = np.where(blended, memory.of_miners(f"{name}/value"), np.nan)
        for k in range(votes.shape[0]):
            _learn_row(k, votes, previous, unit, observed[k], share, found)
    # What is stored in half precision ends at 65,504; kappa is the same of a part of both.
    part = MOST_MET / np.maximum(found["copies/met"], MOST_MET)
    for name in ("copies/same", "copies/met"):
        found[name] = (found[name] * part).astype(np.float16).astype(np.float64)
    return found


def blended(votes: Floats, value: Floats, unit: Floats) -> Floats:
    """1 for each miner [M] whose consensus equals no vote, else 0."""
    return np.asarray(~(np.abs(votes - value) <= EXACT * unit).any(0) & ~np.isnan(value), float)


def _learn_row(
    k: int,
    votes: Floats,
    previous: Floats,
    unit: Floats,
    observed: Bools,
    share: Floats,
    found: dict[str, Floats],
) -> None:
    """Add to `found` what validator k's new votes say about its copying."""
    mine = np.where(observed, votes[k], np.nan)
    rows = ~np.isnan(mine)
    if not rows.any():
        return
    mine, theirs = mine[rows], votes[:, rows]
    voted = ~np.isnan(theirs)
    equal = np.abs(theirs - mine) <= EXACT * unit[rows]
    held = share @ equal / (share @ voted)
    heads, others = equal.sum(0) - 1.0, voted.sum(0) - 1.0
    same, room = _evidence(equal, held, heads - equal, others - voted)
    same, room = same * voted, room * voted
    found["copies/same"][k] += same.sum(1)
    found["copies/met"][k] += room.sum(1)
    found["copies/same"][k, k] = found["copies/met"][k, k] = 0.0
    parrot = np.abs(previous[rows] - mine) <= EXACT * unit[rows]
    known = ~np.isnan(previous[rows])
    same, room = _evidence(parrot, np.where(parrot, held, 0.0), heads * parrot, others)
    found["parrot/same"][k] += same[known].sum()
    found["parrot/met"][k] += room[known].sum()
