"""Addresses: IP and port are one value, and one validator alone cannot set it.

Whoever posts last must not be able to redirect work.
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.domain.estimate import Estimate
from shared.domain.observations import Observation, conflict_of, reaches, tally

BACKERS = 2
"""Validators that make an address trustworthy, whatever they weigh."""
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
        if counted.votes >= BACKERS or reaches(counted.share, BACKING_SHARE):
            return Estimate(counted.value)
    return Estimate(tallies[0].value, conflict=conflict_of(name, "address", tallies))
