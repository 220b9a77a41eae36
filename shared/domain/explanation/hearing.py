"""A resolution with everything that led to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared.domain.cases import Case
from shared.domain.electorate import Electorate
from shared.domain.estimation import Estimates
from shared.domain.learn import decay
from shared.domain.memory import Memory
from shared.domain.policy import Policy
from shared.domain.registry import Registry
from shared.domain.reports import Report
from shared.domain.resolve import resolve
from shared.domain.results import Resolution
from shared.domain.robustly import robustly
from shared.domain.votes import votes_at


@dataclass(frozen=True, slots=True)
class Premises:
    """All that a resolution depends on."""

    reports: Sequence[Report]
    registry: Registry
    policy: Policy
    memory: Memory
    """As the last closed round with reports left it."""
    closed_through: int
    """Rounds up to this one are closed; the memory is faded to its end."""
    now: float
    """Seconds since 1970, UTC."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What was found, and from what."""

    premises: Premises
    resolution: Resolution
    memory: Memory
    """As the votes were weighed with it."""
    electorate: Electorate
    cases: Mapping[int, Case]
    """uid → who it is and which votes its values rest on."""
    estimates: Estimates


@dataclass(slots=True)
class _Listener:
    """The robust estimator, remembering what it was asked and what it said."""

    heard: list[tuple[Sequence[Case], Electorate, Memory, Estimates]] = field(default_factory=list)

    def __call__(self, cases: Sequence[Case], electorate: Electorate, memory: Memory) -> Estimates:
        estimates = robustly(cases, electorate, memory)
        self.heard.append((cases, electorate, memory, estimates))
        return estimates


def hear(premises: Premises) -> Hearing:
    """Resolve, and keep what a resolution otherwise forgets."""
    registry, policy, now = premises.registry, premises.policy, premises.now
    listener = _Listener()
    votes = votes_at(premises.reports, registry, policy, now)
    faded = decay(premises.memory, premises.closed_through, policy)
    resolution = resolve(votes, registry, faded, policy, now, listener)
    cases, electorate, memory, estimates = listener.heard[0]
    by_uid = {case.uid: case for case in cases}
    return Hearing(premises, resolution, memory, electorate, by_uid, estimates)
