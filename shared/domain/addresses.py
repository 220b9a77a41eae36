"""Addresses: IP and port are one value, and one validator alone cannot set it.

Whoever posts last must not be able to redirect work.
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.domain.estimate import Estimate
from shared.domain.observations import Observation, Tally, conflict_of, reaches, tally

BACKERS = 2
"""Validators that make an address trustworthy, if together they weigh enough."""
BACKING_VOTES = 1.0
"""What they have to weigh together, in average votes on the miner: two of the least stake do not
speak for a silent subnet."""
BACKING_SHARE = 0.5
"""Share of the weight of all votes on the miner that makes it trustworthy, however few."""


def estimate_address(name: str, observations: Sequence[Observation]) -> Estimate:
    """The heaviest backed address; ties: more recent, then smaller canonical JSON.

    `observations` has every vote on the miner, with None for a vote that gives no address and at
    least one that does: silence is weight that backs nothing. None of them backed: conflict
    `address`, and the heaviest is shown.
    """
    tallies = [counted for counted in tally(observations) if counted.value is not None]
    for counted in tallies:
        if _is_backed(counted, len(observations)):
            return Estimate(counted.value)
    return Estimate(tallies[0].value, conflict=conflict_of(name, "address", tallies))


def _is_backed(counted: Tally, votes: int) -> bool:
    if counted.votes >= BACKERS and reaches(counted.share * votes, BACKING_VOTES):
        return True
    return reaches(counted.share, BACKING_SHARE)
