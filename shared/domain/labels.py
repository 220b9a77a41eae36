"""Booleans and strings: the weighted majority."""

from __future__ import annotations

from collections.abc import Sequence

from shared.domain.estimate import Estimate
from shared.domain.observations import Observation, conflict_of, reaches, tally
from shared.domain.policy import Policy


def estimate_label(name: str, observations: Sequence[Observation], policy: Policy) -> Estimate:
    """The heaviest value of at least one observation; ties: more recent, then canonical JSON.

    With less than `majority` of the weight it is the conflict `no_majority`.
    """
    tallies = tally(observations)
    winner = tallies[0]
    if reaches(winner.share, policy.majority):
        return Estimate(winner.value, winner.share)
    return Estimate(winner.value, winner.share, conflict_of(name, "no_majority", tallies))
