"""Closing rounds and resolving the present: one pure step of the recompute.

Round r = ⌊received_at / round_seconds⌋. It may be closed once its end + grace has passed; closing
scores the reports received in it against the resolution as of its end and makes the next memory.
Empty rounds leave no document and decay in closed form. A report that is found after its round was
closed still votes, and is not learnt from.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.holders import holders
from shared.domain.learn import decay, learn
from shared.domain.memory import EMPTY, Memory
from shared.domain.policy import Policy
from shared.domain.registry import Registry
from shared.domain.reports import Report
from shared.domain.resolve import resolve
from shared.domain.results import Resolution
from shared.domain.thresholds import in_force
from shared.domain.votes import Votes, votes_at


@dataclass(frozen=True, slots=True)
class Known:
    """What a recompute works on besides the chain of rounds."""

    reports: Sequence[Report]
    """Every report that the last step's `inputs` named, and all received since."""
    registry: Registry
    policy: Policy


@dataclass(frozen=True, slots=True)
class Chain:
    """How far the rounds of a subnet are closed."""

    memory: Memory = EMPTY
    """What the last round that had reports left behind."""
    closed_through: int = -1
    """All rounds up to this one are closed; −1 before the first."""


@dataclass(frozen=True, slots=True)
class ClosedRound:
    """A round with reports, closed."""

    number: int
    received: tuple[str, ...]
    """Ids of the reports received in it, ascending: what was learnt from."""
    voting: tuple[str, ...]
    """Ids of the reports that held a vote as of its end, ascending."""
    resolution: Resolution
    """As of the round's end."""
    votes: Votes
    """What it rests on."""
    policy: Policy
    """With the quorum and timeout that held."""
    memory: Memory


@dataclass(frozen=True, slots=True)
class Step:
    """What one recompute finds."""

    resolution: Resolution
    """As of now."""
    votes: Votes
    """What it rests on."""
    policy: Policy
    """With the quorum and timeout that hold now."""
    rounds: tuple[ClosedRound, ...]
    chain: Chain
    inputs: tuple[str, ...]
    """Ids of the reports that hold a vote or belong to a round still open, ascending."""
    behind: bool
    """Whether more rounds could be closed at once: step again."""


def round_of(received_at: float, policy: Policy) -> int:
    """The round in which a report was received."""
    return math.floor(received_at / policy.round_seconds)


def step(chain: Chain, known: Known, now: float, most_rounds: int) -> Step:
    """Close what can be closed, at most `most_rounds` rounds with reports, and resolve `now`."""
    following, closed = _close(chain, known, now, most_rounds)
    registry = known.registry
    memory = decay(following.memory, following.closed_through, known.policy)
    policy = in_force(known.policy, memory, registry)
    votes = votes_at(known.reports, registry, policy, now)
    return Step(
        resolution=resolve(votes, registry, memory, policy, now),
        votes=votes,
        policy=policy,
        rounds=tuple(closed),
        chain=following,
        inputs=_inputs(following, known, now),
        behind=following.closed_through < _closable(policy, now),
    )


def _close(
    chain: Chain, known: Known, now: float, most_rounds: int
) -> tuple[Chain, list[ClosedRound]]:
    last = _closable(known.policy, now)
    numbers = {round_of(report.received_at, known.policy) for report in known.reports}
    waiting = sorted(number for number in numbers if chain.closed_through < number <= last)
    closed: list[ClosedRound] = []
    memory = chain.memory
    for number in waiting[:most_rounds]:
        closed.append(_close_one(number, memory, known))
        memory = closed[-1].memory
    through = last if len(waiting) <= most_rounds else waiting[most_rounds] - 1
    return Chain(memory, max(chain.closed_through, through)), closed


def _close_one(number: int, memory: Memory, known: Known) -> ClosedRound:
    registry, end = known.registry, known.policy.round_end(number)
    before = decay(memory, number - 1, known.policy)
    policy = in_force(known.policy, before, registry)
    reports = [report for report in known.reports if round_of(report.received_at, policy) <= number]
    received = [report for report in reports if round_of(report.received_at, policy) == number]
    votes = votes_at(reports, registry, policy, end)
    resolution = resolve(votes, registry, before, policy, end)
    return ClosedRound(
        number=number,
        received=tuple(sorted(report.report_id for report in received)),
        voting=votes.held,
        resolution=resolution,
        votes=votes,
        policy=policy,
        memory=learn(memory, number, received, resolution, votes, policy),
    )


def _closable(policy: Policy, now: float) -> int:
    """The last round whose end + grace has passed."""
    return round_of(now - policy.round_grace, policy) - 1


def _inputs(chain: Chain, known: Known, now: float) -> tuple[str, ...]:
    reports, policy = known.reports, known.policy
    after = max(chain.closed_through, round_of(now - policy.reporting_window, policy) - 1)
    # Just before the end: what is received at the end itself belongs to the next round.
    rounds = range(after + 1, round_of(now, policy))
    ends = [math.nextafter(policy.round_end(number), 0.0) for number in rounds]
    held = holders(reports, policy, [*ends, now])
    waiting = {  # for their round to close, or, where a clock runs behind, for their time
        r.report_id
        for r in reports
        if round_of(r.received_at, policy) > chain.closed_through or r.received_at > now
    }
    return tuple(sorted(held | waiting))
