"""Records of all miners, followed: a new instance reads them once, then only what changed."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from shared.domain.dispatch.records import Record
from shared.service.dispatch_ports import RecordStore
from shared.service.ports import Clock

FOLLOWED_EVERY = 2.0
"""Seconds for which an instance decides by what it knows."""
OVERLAP = 2.0
"""Seconds that are read again: clocks of instances differ, and commits take time."""


@dataclass(slots=True)
class _Known:
    read_at: float = float("-inf")
    records: dict[tuple[int, str], Record] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Records:
    """The records of each subnet as of at most 2 s ago. Thread-safe; may raise `Unavailable`."""

    store: RecordStore
    clock: Clock
    _subnets: dict[int, _Known] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, netuid: int) -> dict[tuple[int, str], Record]:
        """(uid, hotkey) → record, of every miner that was ever given work."""
        with self._lock:
            known = self._subnets.setdefault(netuid, _Known())
            now = self.clock()
            if not 0 <= now - known.read_at < FOLLOWED_EVERY:
                self._follow(netuid, known)
                known.read_at = now  # as before the query: what comes during it is read again
            return dict(known.records)

    def _follow(self, netuid: int, known: _Known) -> None:
        for record in self.store.since(netuid, max(0.0, known.read_at - OVERLAP)):
            known.records[record.uid, record.hotkey] = record
