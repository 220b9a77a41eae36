"""What readers see: the current snapshot, read at most once a second per instance."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from shared.domain.policy import Policy
from shared.domain.ranking import Ranking, rank
from shared.domain.results import Resolution
from shared.domain.standing import Standing
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
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, netuid: int) -> View | None:
        """The view of a subnet, None before its first snapshot. At most 1 read a second."""
        with self._lock:
            cached = self._cache.get(netuid)
            now = self.clock()
            if cached is None or not 0 <= now - cached.read_at < CACHED_SECONDS:
                view = self._read(netuid, cached.view if cached else None)
                cached = self._cache[netuid] = _Cached(now, view)
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
