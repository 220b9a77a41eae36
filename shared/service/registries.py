"""Registries, read at most once a minute and instance; that there is none is remembered too."""

from __future__ import annotations

from shared.domain.registry import Registry
from shared.service.ports import Clock, RegistryStore

CACHE_SECONDS = 60.0


class Registries:
    """The registry of each subnet as of at most 60 s ago."""

    def __init__(self, store: RegistryStore, clock: Clock) -> None:
        """Nothing is read before it is asked for."""
        self._store = store
        self._clock = clock
        self._known: dict[int, tuple[float, Registry | None]] = {}

    def of(self, netuid: int) -> Registry | None:
        """The registry, None if the subnet has none; raises `Unavailable`.

        Callers that find it stale at once read it once each: a lock would line them up behind a
        store that does not answer.
        """
        read_at, registry = self._known.get(netuid, (float("-inf"), None))
        if 0 <= self._clock() - read_at < CACHE_SECONDS:
            return registry
        registry = self._store.load(netuid)
        self._known[netuid] = (self._clock(), registry)
        return registry
