"""What readers see: the current snapshot, read at most once a second per instance."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.domain.policy import Policy
from shared.domain.ranking import Ranking, rank
from shared.domain.results import Resolution
from shared.domain.standing import Standing
from shared.service.flights import Flights
from shared.service.ports import Clock, SnapshotStore, StoredSnapshot
from shared.service.snapshots import decode_payload

CACHED_SECONDS = 1.0
"""How long an instance answers from the snapshot that it has read."""


@dataclass(frozen=True, slots=True)
class View:
    """A decoded snapshot."""

    stored: StoredSnapshot
    resolution: Resolution
    ranking: Ranking
    policy: Policy
    """The policy that the snapshot was computed with."""
    registry_synced_at: float
    """Seconds since 1970, UTC; 0 where no registry was written yet."""
    standings: tuple[Standing, ...]
    """Everyone who may report, uids ascending."""
    texts: dict[tuple[str, ...], str] = field(default_factory=dict, compare=False, repr=False)
    """Answers that were written from it, by what was asked; they go with it."""


@dataclass(slots=True)
class _Cached:
    read_at: float
    view: View | None


@dataclass(frozen=True, slots=True)
class Views:
    """The use case "look at a subnet". Thread-safe; may raise `Unavailable`."""

    snapshots: SnapshotStore
    clock: Clock
    _cache: dict[int, _Cached] = field(default_factory=dict)
    _flights: Flights[View | None] = field(default_factory=Flights)

    def __call__(self, netuid: int) -> View | None:
        """The view of a subnet, None before its first snapshot. At most 1 read a second."""
        cached = self._fresh(netuid)
        return cached.view if cached else self._flights(netuid, lambda: self._look(netuid))

    def _fresh(self, netuid: int) -> _Cached | None:
        cached = self._cache.get(netuid)
        is_fresh = cached is not None and 0 <= self.clock() - cached.read_at < CACHED_SECONDS
        return cached if is_fresh else None

    def _look(self, netuid: int) -> View | None:
        cached = self._fresh(netuid)  # somebody may have looked just now
        if cached is None:
            known, now = self._cache.get(netuid), self.clock()
            cached = _Cached(now, self._read(netuid, known.view if known else None))
            self._cache[netuid] = cached
        return cached.view

    def _read(self, netuid: int, known: View | None) -> View | None:
        stored = self.snapshots.load(netuid)
        if stored is None:
            return None
        if known is not None and known.stored.revision == stored.revision:
            return known
        payload = decode_payload(stored.payload)
        policy = Policy.from_dict(payload.policy)
        return View(
            stored=stored,
            resolution=payload.resolution,
            ranking=rank(payload.resolution, policy),
            policy=policy,
            registry_synced_at=payload.registry_synced_at,
            standings=payload.standings,
        )
