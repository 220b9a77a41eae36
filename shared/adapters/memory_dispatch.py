"""In-memory twins of the stores of places, assignments and records: one process, nothing kept."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from shared.domain.dispatch.records import Outcome, Record
from shared.service.dispatch_ports import Assignment, Lease, Place, PlaceName
from shared.service.ports import Conflict


@dataclass(slots=True)
class MemoryLeaseStore:
    """Slots and assignments in dictionaries; revisions are numbers of writes."""

    _places: dict[tuple[int, PlaceName], Place] = field(default_factory=dict)
    _assignments: dict[tuple[int, str], Assignment] = field(default_factory=dict)
    _dead: dict[int, int] = field(default_factory=dict)
    _writes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self, netuid: int, names: Sequence[PlaceName]) -> list[Place]:
        """These places, in this order."""
        with self._lock:
            return [self._place(netuid, name) for name in names]

    def take(self, netuid: int, lease: Lease, place: Place) -> None:
        """Put the lease into its place, or raise `Conflict`."""
        with self._lock:
            self._require(netuid, [place])
            self._lease(netuid, place, lease, self._next())

    def open(self, netuid: int, assignment: Assignment, places: Sequence[Place] | None) -> None:
        """Take the places and create the assignment, or raise `Conflict`."""
        at = (netuid, assignment.assignment_id)
        with self._lock:
            self._require(netuid, places or ())
            if at in self._assignments:
                raise Conflict(f"assignment {assignment.assignment_id} is there already")
            write = self._next()
            for place, lease in _pairs(assignment, places):
                self._lease(netuid, place, lease, write)
            self._assignments[at] = replace(assignment, opened=write, revision=write)

    def find(self, netuid: int, assignment_id: str) -> Assignment | None:
        """An assignment with its tokens."""
        return self._assignments.get((netuid, assignment_id))

    def settle(
        self,
        netuid: int,
        assignment: Assignment,
        results: Mapping[int, Outcome],
        freed: Sequence[Place],
        now: float,
    ) -> None:
        """Replace its results and free the places, or raise `Conflict`."""
        with self._lock:
            current = self._unchanged(netuid, assignment)
            self._require(netuid, freed)
            write = self._next()
            for place in freed:
                free = replace(place, expires_at=now, revision=write)
                self._places[netuid, place.name] = free
            settled = replace(current, results=dict(results), revision=write)
            self._assignments[netuid, assignment.assignment_id] = settled

    def overdue(self, netuid: int, now: float, limit: int) -> list[Assignment]:
        """Assignments that ran out without a result and are not counted."""
        with self._lock:
            own = [entry for (subnet, _), entry in self._assignments.items() if subnet == netuid]
        late = [a for a in own if not a.results and not a.is_dead and a.expires_at < now]
        return late[:limit]

    def bury(self, netuid: int, dead: Iterable[Assignment]) -> int:
        """Mark and count those that nobody wrote since."""
        buried = 0
        for assignment in dead:
            with self._lock:
                at = (netuid, assignment.assignment_id)
                if self._assignments[at].revision == assignment.revision:
                    marked = replace(assignment, is_dead=True, revision=self._next())
                    self._assignments[at] = marked
                    buried += 1
        self._dead[netuid] = self._dead.get(netuid, 0) + buried
        return buried

    def dead_letters(self, netuid: int) -> int:
        """How many were ever counted."""
        return self._dead.get(netuid, 0)

    def _place(self, netuid: int, name: PlaceName) -> Place:
        return self._places.get((netuid, name)) or Place(name)

    def _lease(self, netuid: int, place: Place, lease: Lease, write: int) -> None:
        taken = Place(place.name, lease.lease_id, lease.expires_at, write)
        self._places[netuid, place.name] = taken

    def _require(self, netuid: int, places: Sequence[Place]) -> None:
        changed = [p for p in places if self._place(netuid, p.name).revision != p.revision]
        if changed:
            raise Conflict(f"{changed[0].name} changed since it was seen")

    def _unchanged(self, netuid: int, assignment: Assignment) -> Assignment:
        current = self._assignments.get((netuid, assignment.assignment_id))
        if current is None or current.revision != assignment.revision:
            raise Conflict(f"assignment {assignment.assignment_id} changed since it was read")
        return current

    def _next(self) -> int:
        self._writes += 1
        return self._writes


@dataclass(slots=True)
class MemoryRecordStore:
    """Records in a dictionary; the token is a number of writes."""

    _records: dict[tuple[int, int, str], tuple[Record, int]] = field(default_factory=dict)
    _writes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def load(self, netuid: int, miners: Sequence[tuple[int, str]]) -> list[tuple[Record, Any]]:
        """Record and token of each miner."""
        with self._lock:
            known = [self._records.get((netuid, *miner)) for miner in miners]
        pairs = zip(known, miners, strict=True)
        return [entry or (Record(uid, hotkey), None) for entry, (uid, hotkey) in pairs]

    def save(self, netuid: int, records: Sequence[tuple[Record, Any]]) -> None:
        """Write all or raise `Conflict`."""
        with self._lock:
            for record, token in records:
                _, current = self._records.get(_at(netuid, record), (None, None))
                if current != token:
                    raise Conflict(f"the record of uid {record.uid} changed since it was read")
            self._writes += 1
            for record, _ in records:
                self._records[_at(netuid, record)] = (record, self._writes)

    def since(self, netuid: int, updated_at: float) -> list[Record]:
        """All records updated at or after this time."""
        with self._lock:
            own = [
                record for (subnet, *_), (record, _) in self._records.items() if subnet == netuid
            ]
        return [record for record in own if record.updated_at >= updated_at]


def _pairs(assignment: Assignment, places: Sequence[Place] | None) -> Iterable[tuple[Place, Lease]]:
    return () if places is None else zip(places, assignment.leases, strict=True)


def _at(netuid: int, record: Record) -> tuple[int, int, str]:
    return netuid, record.uid, record.hotkey
