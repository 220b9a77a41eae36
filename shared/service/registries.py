"""Registries, read at most once a minute and instance; that there is none is remembered too."""

from __future__ import annotations

import threading

from shared.domain.registry import Registry
from shared.service.ports import Clock, RegistryStore

CACHE_SECONDS = 60.0


class Registries:
    """The registry of each subnet as of at most 60 s ago."""

    def __init__(self, store: RegistryStore, clock: Clock) -> None:
        """Nothing is read before it is asked for."""
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[int, tuple[float, Registry | None]] = {}

    def of(self, netuid: int) -> Registry | None:
        """The registry, None if the subnet has none; raises `Unavailable`.

        Callers that ask at once wait for one read.
        """
        with self._lock:
            read_at, registry = self._known.get(netuid, (float("-inf"), None))
            if not 0 <= self._clock() - read_at < CACHE_SECONDS:
                registry = self._store.load(netuid)
                self._known[netuid] = (self._clock(), registry)
            return registry
