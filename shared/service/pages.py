"""A closed round as a page of history."""

from __future__ import annotations

from shared.domain.registry import Registry
from shared.domain.rounds import ClosedRound
from shared.domain.standings import Scene, own_standings
from shared.service.chapters import Page, miner_figures, validator_figures


def page_of(closed: ClosedRound, registry: Registry) -> Page:
    """What history keeps of a round."""
    end = closed.policy.round_end(closed.number)
    scene = Scene(closed.resolution, closed.votes, (), registry, closed.memory, closed.policy, end)
    return Page(
        round=closed.number,
        ended_at=end,
        miners={uid: miner_figures(miner) for uid, miner in closed.resolution.miners.items()},
        validators={each.uid: validator_figures(each) for each in own_standings(scene)},
    )
