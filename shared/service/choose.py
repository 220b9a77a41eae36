"""Choose: which miners' places to lease for a task, by snapshot, records and live leases.

Reads the places of the miners that come first in the draw, and of nobody else.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from shared.domain.dispatch.candidates import Candidate, Subnet, candidates
from shared.domain.dispatch.records import Record
from shared.domain.dispatch.selection import Draw, Mode
from shared.domain.ranking import ProcessingMode
from shared.service.dispatch_ports import Lease, LeaseStore, Place, PlaceName
from shared.service.ports import Clock
from shared.service.records import Records
from shared.service.registries import Registries
from shared.service.views import Views

CROWDED_SECONDS = 0.5
"""How long a miner that was seen full comes last on this instance."""

Places = dict[tuple[int, int], Place]
"""(uid, number) → place as it was seen."""


def most_probed(count: int) -> int:
    """At how many miners an instance looks, at most, to find `count` of them a free place."""
    return 24 + 8 * count


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked for."""

    task_type: str | None = None
    count: int = 3
    """Miners wanted, 1–100."""
    exclude: frozenset[int] = frozenset()
    """uids."""
    mode: Mode = "weighted"
    lease_seconds: float = 60.0
    seed: int | None = None
    """Makes the choice repeatable, given the same subnet, leases and records."""

    @property
    def sha256(self) -> str:
        """Hex digest of what is asked for."""
        plain = (self.task_type, self.count, sorted(self.exclude), self.mode)
        return hashlib.sha256(repr((*plain, self.lease_seconds, self.seed)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Choice:
    """Leases that may be taken, each with its place as it was seen, the first choice first."""

    mode: ProcessingMode
    pairs: tuple[tuple[Lease, Place], ...] = ()
    owners: frozenset[str] = frozenset()
    """Coldkeys of the chosen."""

    @property
    def leases(self) -> tuple[Lease, ...]:
        """The leases alone."""
        return tuple(lease for lease, _ in self.pairs)


@dataclass(slots=True)
class _Crowded:
    """When each (netuid, uid) was last seen full."""

    seen: dict[tuple[int, int], float] = field(default_factory=dict)

    def at(self, netuid: int, now: float) -> set[int]:
        recent = {at: t for at, t in self.seen.items() if 0 <= now - t < CROWDED_SECONDS}
        self.seen = recent
        return {uid for subnet, uid in recent if subnet == netuid}

    def note(self, netuid: int, uids: AbstractSet[int], now: float) -> None:
        self.seen = {**self.seen, **{(netuid, uid): now for uid in uids}}


@dataclass(frozen=True, slots=True)
class Choose:
    """Draws miners and looks at their places. Thread-safe; may raise `Unavailable`."""

    views: Views
    registries: Registries
    records: Records
    leases: LeaseStore
    clock: Clock
    allow_private: bool = False
    """Whether addresses of local networks are handed out."""
    _crowded: _Crowded = field(default_factory=_Crowded)

    def __call__(
        self, netuid: int, task: Task, assignment_id: str, owners: Collection[str] = ()
    ) -> Choice:
        """Up to `task.count` leases under this assignment; `owners` count as chosen already."""
        subnet = self._subnet(netuid)
        if subnet is None:
            return Choice("empty")
        draw = self._draw(netuid, task, subnet, owners)
        places = self._look(netuid, draw, task.count)
        expires_at = self.clock() + task.lease_seconds
        chosen = draw.chosen(task.count)
        pairs = [
            (_lease(candidate, number, draw.live(candidate), assignment_id, expires_at), place)
            for candidate, number in chosen
            for place in [places[candidate.uid, number]]
        ]
        coldkeys = {candidate.coldkey for candidate, _ in chosen} - {None}
        return Choice(subnet.ranking.mode, tuple(pairs), frozenset(map(str, coldkeys)))

    def _subnet(self, netuid: int) -> Subnet | None:
        view = self.views(netuid)
        if view is None:
            return None
        known = self.records.of(netuid)
        return Subnet(
            ranking=view.ranking,
            policy=view.policy,
            registry=self.registries.of(netuid),
            record_of=lambda uid, hotkey: known.get((uid, hotkey)) or Record(uid, hotkey),
            now=self.clock(),
            allow_private=self.allow_private,
        )

    def _draw(self, netuid: int, task: Task, subnet: Subnet, owners: Collection[str]) -> Draw:
        return Draw(
            candidates=candidates(subnet, task.task_type, task.exclude),
            mode=task.mode,
            rng=random.Random(task.seed),  # noqa: S311 - a fair draw, no secret
            crowded=self._crowded.at(netuid, subnet.now),
            owners=owners,
        )

    def _look(self, netuid: int, draw: Draw, count: int) -> Places:
        """Look at places until the choice is known, at twice as many miners each time."""
        places: Places = {}
        probed, ahead = 0, count
        hotkeys = {candidate.uid: candidate.hotkey for candidate in draw.candidates}
        wanted = draw.wanted(count)
        while wanted and probed < most_probed(count):
            names = [
                PlaceName(uid, hotkeys[uid], number)
                for uid, numbers in wanted.items()
                for number in numbers
            ]
            found = self.leases.look(netuid, names)
            places |= {(place.name.uid, place.name.number): place for place in found}
            _tell(draw, found, self.clock())
            probed, ahead = probed + len(wanted), ahead * 2
            wanted = draw.wanted(count) and draw.wanted(ahead)
        self._crowded.note(netuid, draw.full(), self.clock())
        return places


def _tell(draw: Draw, found: Iterable[Place], now: float) -> None:
    by_miner: dict[int, dict[int, bool]] = {}
    for place in found:
        by_miner.setdefault(place.name.uid, {})[place.name.number] = place.is_free(now)
    for uid, places in by_miner.items():
        draw.see(uid, places)


def _lease(
    candidate: Candidate, number: int, live: float, assignment_id: str, expires_at: float
) -> Lease:
    return Lease(
        uid=candidate.uid,
        hotkey=candidate.hotkey,
        ip=candidate.ip,
        port=candidate.port,
        availability_score=candidate.score(live),
        consensus_confidence=candidate.confidence,
        lease_id=f"{assignment_id}-{candidate.uid}",
        expires_at=expires_at,
        place=number,
        concurrent=round(live) + 1,
        declared=candidate.declared,
    )
