"""Records of all miners, followed: a new instance reads them once, then only what changed."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.domain.dispatch.records import Record
from shared.service.dispatch_ports import RecordStore
from shared.service.flights import Flights
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
    _flights: Flights[None] = field(default_factory=Flights)

    def of(self, netuid: int) -> dict[tuple[int, str], Record]:
        """(uid, hotkey) → record, of every miner that was ever given work."""
        known = self._subnets.setdefault(netuid, _Known())
        if not self._is_fresh(known):
            self._flights(netuid, lambda: self._follow(netuid, known))
        return dict(known.records)

    def _is_fresh(self, known: _Known) -> bool:
        return 0 <= self.clock() - known.read_at < FOLLOWED_EVERY

    def _follow(self, netuid: int, known: _Known) -> None:
        if self._is_fresh(known):  # somebody may have looked just now
            return
        now = self.clock()  # as before the query: what comes during it is read again
        changed = self.store.since(netuid, max(0.0, known.read_at - OVERLAP))
        known.records = {**known.records, **{(each.uid, each.hotkey): each for each in changed}}
        known.read_at = now
