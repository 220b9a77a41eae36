"""What a vote weighs whatever its field: stake, freshness, quarantine, originality."""

from __future__ import annotations

from dataclasses import dataclass

from shared.domain.robust import Robustness
from tests.unit.robust.reference.ballot import Ballot, Grid
from tests.unit.robust.reference.past import Copying, Past


@dataclass(frozen=True)
class VoteStanding:
    """share: [K], what a validator is of the anchor's stake. power: [K], its stake factor. free:
    [K], not in quarantine. fresh, original: [K][M]. age: [K][M], never negative.
    """

    share: list[float]
    power: list[float]
    free: list[bool]
    fresh: Grid
    original: Grid
    confidence: Grid
    age: Grid

    def bare(self, k: int, m: int) -> float:
        """The stake that a vote brings into the anchor."""
        return self.share[k] * self.free[k] * self.original[k][m]

    def weight(self, k: int, m: int) -> float:
        """The product of the factors that every field shares."""
        quality = self.confidence[k][m] * self.fresh[k][m]
        return self.power[k] * quality * self.free[k] * self.original[k][m]


def shares(stakes: list[float], cap: float, policy: Robustness) -> list[float]:
    """Of the total stake, none above the cap."""
    if not policy.stake_weighting:
        return [1 / len(stakes)] * len(stakes)
    limit = max(cap, policy.stake_cap_heads / len(stakes))
    return [min(stake / sum(stakes), limit) for stake in stakes]


def standing(ballot: Ballot, past: Past, policy: Robustness) -> VoteStanding:
    share = shares(ballot.stake, policy.anchor_cap, policy)
    age = [[max(each, 0.0) for each in row] for row in ballot.age]
    return VoteStanding(
        share=share,
        power=[
            each**policy.stake_exponent for each in shares(ballot.stake, policy.stake_cap, policy)
        ],
        free=[term <= 0 for term in past.term],
        fresh=[[0.5 ** (each / policy.half_life) for each in row] for row in age],
        original=[
            [originality(k, m, ballot, share, past.copying, policy) for m in ballot.miners]
            for k in ballot.validators
        ],
        confidence=ballot.confidence,
        age=age,
    )


def beyond_chance(same: float, met: float, policy: Robustness) -> bool:
    """Enough rows, and kappa high enough."""
    return met >= policy.copy_observations and same >= policy.copy_agreement * met


def group(k: int, copying: Copying, policy: Robustness) -> set[int]:
    """Who shares one vote with k, over however many others; k alone where nobody does."""
    found, new = {k}, {k}
    while new:
        left = set(range(len(copying.same))) - found
        new = {j for j in left if any(linked(i, j, copying, policy) for i in found)}
        found |= new
    return found


def linked(i: int, j: int, copying: Copying, policy: Robustness) -> bool:
    """Either one repeats the other."""
    return any(
        beyond_chance(copying.same[a][b], copying.met[a][b], policy) for a, b in ((i, j), (j, i))
    )


def originality(
    k: int, m: int, ballot: Ballot, share: list[float], copying: Copying, policy: Robustness
) -> float:
    """A group of copies votes on a miner with its largest voter's stake; a parrot hardly at all."""
    own = 1.0
    copies = group(k, copying, policy)
    if len(copies) > 1:
        stakes = [share[j] for j in copies if ballot.voted(j, m)]
        own = max(stakes) / sum(stakes) if stakes else 0.0
    if beyond_chance(copying.parrot_same[k], copying.parrot_met[k], policy):
        own *= policy.parrot_weight
    return own
