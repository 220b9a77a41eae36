"""Who repeats whom: agreement beyond chance where a value is a minority's."""

from __future__ import annotations

import math
import struct

from shared.domain.robust import Robustness
from shared.domain.robustness import PUBLIC_FIELDS
from tests.unit.robust.reference import weighted
from tests.unit.robust.reference.ballot import Ballot, Grid
from tests.unit.robust.reference.numbers import By, Number
from tests.unit.robust.reference.past import Copying, Past, fade, faded
from tests.unit.robust.reference.resolution import Resolution
from tests.unit.robust.reference.standing import VoteStanding

EXACT = 1e-4  # of a unit
Seen = list[list[bool]]  # [K][M]: the vote came in this round


def half_precision(value: float) -> float:
    """What is left of a number that is stored in two bytes."""
    return float(struct.unpack("<e", struct.pack("<e", value))[0])


def stored(table: Grid) -> Grid:
    return [[half_precision(each) for each in row] for row in table]


def same(one: float, other: float, unit: float) -> bool:
    return abs(one - other) <= EXACT * unit


def blended(votes: By, found: Number) -> bool:
    """The consensus is nobody's vote."""
    if math.isnan(found.value):
        return False
    return not any(same(vote, found.value, found.unit) for vote in votes.values())


def minority(value: float, votes: By, unit: float, common: VoteStanding) -> bool:
    """Less than half of the stake that votes on the miner holds the value."""
    stake = {j: common.share[j] for j in votes}
    return weighted.share([j for j in votes if same(votes[j], value, unit)], stake) < 0.5


def evidence(equal: bool, value: float, rest: By, unit: float) -> tuple[float, float]:
    """(agreement beyond chance, room for it); chance is how many of the rest say the same."""
    chance = sum(same(vote, value, unit) for vote in rest.values()) / len(rest)
    return equal - chance, 1 - chance


def between(k: int, j: int, votes: By, unit: float, common: VoteStanding) -> tuple[float, float]:
    """What one miner says about k repeating j."""
    rest = {i: vote for i, vote in votes.items() if i not in (k, j)}
    if k not in votes or j not in votes or not rest or not minority(votes[k], votes, unit, common):
        return 0.0, 0.0
    return evidence(same(votes[k], votes[j], unit), votes[k], rest, unit)


def with_consensus(
    k: int, previous: float, votes: By, unit: float, common: VoteStanding
) -> tuple[float, float]:
    """What one miner says about k repeating the last consensus."""
    rest = {i: vote for i, vote in votes.items() if i != k}
    if not rest:
        return 0.0, 0.0
    if not same(votes[k], previous, unit):
        return 0.0, 1.0
    if not minority(votes[k], votes, unit, common):
        return 0.0, 0.0
    return evidence(True, votes[k], rest, unit)


def learn_copies(
    ballot: Ballot, seen: Resolution, observed: Seen, past: Past, policy: Robustness
) -> Copying:
    """From all numbers that are not on the chain."""
    left, old, common = fade(policy), past.copying, seen.standing
    peers_same, peers_met = faded(old.same, left), faded(old.met, left)
    parrot_same, parrot_met = faded([old.parrot_same, old.parrot_met], left)
    for name, found in seen.numbers.items():
        if name in PUBLIC_FIELDS:
            continue
        before = past.number(name, len(ballot.miners))
        for m, votes in enumerate(ballot.numbers[name]):
            unit = found[m].unit
            for k in (k for k in votes if observed[k][m]):
                for j in (j for j in votes if j != k):
                    agreed, room = between(k, j, votes, unit, common)
                    peers_same[k][j] += agreed
                    peers_met[k][j] += room
                if before.blended[m] > 0:
                    agreed, room = with_consensus(k, before.value[m], votes, unit, common)
                    parrot_same[k] += agreed
                    parrot_met[k] += room
    return Copying(stored(peers_same), stored(peers_met), parrot_same, parrot_met)
