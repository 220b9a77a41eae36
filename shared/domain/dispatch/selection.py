"""Choosing miners by scores that depend on live leases, knowing the leases of the chosen only.

Weighted sampling without replacement by exponential keys (Efraimidis & Spirakis 2006, algorithm
A-ES): each candidate draws e ~ Exp(1), and the smallest e / weight are chosen. Leases only lower a
weight, so the key of a candidate whose leases are unknown is a lower bound of its real one: when
all that come first are known, nobody else's leases can change the choice.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from statistics import fmean
from typing import Literal

from shared.domain.dispatch.candidates import Candidate

Mode = Literal["weighted", "best", "fair"]

FLOOR = 0.25
"""Least weight of a newcomer, in mean weights."""
GLANCE = 8
"""Places of one miner that are looked at in one go."""

Key = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a miner's places."""

    free: tuple[int, ...] = ()
    """Places known to be free, ascending."""
    busy: int = 0
    """How many are known to be leased."""

    @property
    def looked_at(self) -> int:
        """Places whose state is known."""
        return len(self.free) + self.busy

    def live(self, places: int) -> float:
        """Live leases of `places`: exact when all are known, else in proportion."""
        return self.busy * places / self.looked_at if self.looked_at else 0.0


@dataclass(slots=True)
class Draw:
    """One choice under way: ask `wanted`, tell `see`, until nothing is wanted; then `chosen`.

    Ties, and what chance decides, follow `rng` alone.
    """

    candidates: Sequence[Candidate]
    mode: Mode
    rng: random.Random
    crowded: Collection[int] = ()
    """uids that were full a moment ago: they come last."""
    owners: Collection[str] = ()
    """Coldkeys of miners that were chosen before."""
    _seen: dict[int, Seen] = field(default_factory=dict)
    _luck: dict[int, float] = field(default_factory=dict)
    _starts: dict[int, int] = field(default_factory=dict)
    _floor: float = 0.0

    def __post_init__(self) -> None:
        """Draw for everyone, in ascending order of uid, so that a seed gives one choice."""
        for candidate in sorted(self.candidates, key=lambda candidate: candidate.uid):
            self._luck[candidate.uid] = self.rng.expovariate(1.0)
            self._starts[candidate.uid] = self.rng.randrange(candidate.places)
        if self.candidates:
            self._floor = FLOOR * fmean(candidate.score(0) for candidate in self.candidates)

    def wanted(self, count: int) -> dict[int, list[int]]:
        """uid → places to look at next, before `count` miners can be chosen; empty when known."""
        first = self._first(count, self.candidates)
        return {c.uid: self._next_places(c) for c in first if not self._seen_of(c).free}

    def see(self, uid: int, places: Mapping[int, bool]) -> None:
        """Take in what was found: place → whether it is free."""
        before = self._seen.get(uid, Seen())
        free = sorted([*before.free, *(place for place, is_free in places.items() if is_free)])
        busy = before.busy + sum(not is_free for is_free in places.values())
        self._seen[uid] = Seen(tuple(free), busy)

    def chosen(self, count: int) -> list[tuple[Candidate, int]]:
        """Up to `count` miners in the order drawn, each with one of its places known to be free."""
        known = [candidate for candidate in self.candidates if self._seen_of(candidate).free]
        return [(candidate, self._place(candidate)) for candidate in self._first(count, known)]

    def full(self) -> set[int]:
        """uids of the miners all of whose places are leased."""
        return {c.uid for c in self.candidates if self._is_full(c)}

    def live(self, candidate: Candidate) -> float:
        """Its live leases, as far as they are known."""
        return self._seen_of(candidate).live(candidate.places)

    def _first(self, count: int, among: Iterable[Candidate]) -> list[Candidate]:
        """Those that come first by what is known, the full ones left out."""
        order = sorted((c for c in among if not self._is_full(c)), key=self._rank)
        fitting = [candidate for candidate in order if candidate.fits]
        others = [candidate for candidate in order if not candidate.fits]
        return spread_owners(fitting, others, count, self.owners)

    def _rank(self, candidate: Candidate) -> tuple[bool, Key]:
        is_crowded = candidate.uid in self.crowded and candidate.uid not in self._seen
        return is_crowded, self._key(candidate)

    def _key(self, candidate: Candidate) -> Key:
        """Smaller comes first."""
        luck, live = self._luck[candidate.uid], self.live(candidate)
        if self.mode == "best":
            return -candidate.score(live), candidate.uid
        if self.mode == "fair":
            return candidate.served + live, luck
        return luck / self._weight(candidate, live), candidate.uid

    def _weight(self, candidate: Candidate, live: float) -> float:
        score = candidate.score(live)
        return max(score, self._floor) if candidate.needs_floor else score

    def _next_places(self, candidate: Candidate) -> list[int]:
        start, known = self._starts[candidate.uid], self._seen_of(candidate).looked_at
        some = range(known, min(known + GLANCE, candidate.places))
        return [(start + step) % candidate.places for step in some]

    def _place(self, candidate: Candidate) -> int:
        return self.rng.choice(self._seen_of(candidate).free)

    def _is_full(self, candidate: Candidate) -> bool:
        seen = self._seen_of(candidate)
        return not seen.free and seen.looked_at >= candidate.places

    def _seen_of(self, candidate: Candidate) -> Seen:
        return self._seen.get(candidate.uid, Seen())


def spread_owners(
    fitting: Iterable[Candidate],
    others: Iterable[Candidate],
    count: int,
    known: Collection[str] = (),
) -> list[Candidate]:
    """The first `count`: fitting before others, and in each a coldkey's second miner last.

    `known` owners have a miner already. A miner without a known coldkey is its own owner.
    """
    chosen: list[Candidate] = []
    owners: set[str | None] = set(known)
    for group in (fitting, others):
        again: list[Candidate] = []
        for candidate in group:
            if len(chosen) == count:
                return chosen
            (again if candidate.coldkey in owners else chosen).append(candidate)
            owners |= {candidate.coldkey} - {None}
        chosen += islice(again, count - len(chosen))
    return chosen
