"""What handing out work needs from the world: places, assignments, and records of outcomes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from shared.domain.dispatch.records import Outcome, Record
from shared.domain.ranking import ProcessingMode


class PlaceName(NamedTuple):
    """One place of one miner's capacity."""

    uid: int
    hotkey: str
    number: int
    """0 … capacity − 1."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place and the lease in it, if there ever was one. Times are seconds since 1970, UTC."""

    name: PlaceName
    lease_id: str | None = None
    expires_at: float = 0.0
    """When the lease ends, or was given back."""
    revision: Any = None
    """The store's token; None where the place was never leased."""

    def is_free(self, now: float) -> bool:
        """Whether it may be taken: nobody has to clean up after a lease that has run out."""
        return self.expires_at <= now


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to send one task to one miner until `expires_at`."""

    uid: int
    hotkey: str
    ip: str
    port: int
    availability_score: float
    """0.1–1, this lease not counted."""
    consensus_confidence: float
    lease_id: str
    expires_at: float
    place: int
    concurrent: int
    """Live leases of the miner when this one was taken, itself included."""
    declared: int
    """The miner's capacity by the consensus."""

    @property
    def place_name(self) -> PlaceName:
        """Where the lease lies."""
        return PlaceName(self.uid, self.hotkey, self.place)


@dataclass(frozen=True, slots=True)
class Assignment:
    """Leases that were handed out together. Times are seconds since 1970, UTC."""

    assignment_id: str
    request_sha256: str
    """Of the request, so that a repeated key with another request is noticed."""
    mode: ProcessingMode
    requested: int
    created_at: float
    expires_at: float
    """When the last lease ends."""
    expire_at: float
    """When the store may forget it."""
    leases: tuple[Lease, ...]
    results: Mapping[int, Outcome] = field(default_factory=dict)
    """uid → how its lease ended, as far as it is known."""
    is_dead: bool = False
    """All leases ran out without a result, and it was counted."""
    at_once: bool = True
    """Whether the places were taken by the very write that created this."""
    opened: Any = None
    """The store's token of the write that created this."""
    revision: Any = None
    """The store's token of the last write."""


class LeaseStore(Protocol):
    """`slots` and `assignments`. Every method may raise `Unavailable`."""

    def look(self, netuid: int, names: Sequence[PlaceName]) -> list[Place]:
        """These places, in this order (1 read each)."""

    def take(self, netuid: int, lease: Lease, place: Place) -> None:
        """Put the lease into its place as it was seen (1 write).

        Raises `Conflict` if the place was taken since.
        """

    def open(self, netuid: int, assignment: Assignment, places: Sequence[Place] | None) -> None:
        """Take the places as they were seen, for the leases in the same order, and create the
        assignment: all or nothing (1 write each). None: its leases are taken already.

        Raises `Conflict` if a place was taken since, or the id exists.
        """

    def find(self, netuid: int, assignment_id: str) -> Assignment | None:
        """An assignment with its tokens (1 read)."""

    def settle(
        self,
        netuid: int,
        assignment: Assignment,
        results: Mapping[int, Outcome],
        freed: Sequence[Place],
        now: float,
    ) -> None:
        """Replace its results and free the places as they were seen: all or nothing (1 write each).

        Raises `Conflict` if the assignment or a place was written since.
        """

    def overdue(self, netuid: int, now: float, limit: int) -> list[Assignment]:
        """Assignments whose last lease ended before `now` without a result, and that are not
        counted yet (1 read each, at least 1).
        """

    def bury(self, netuid: int, dead: Iterable[Assignment]) -> int:
        """Mark these as dead and count them, unless a result came in between (2 writes each).

        Gives how many were counted.
        """

    def dead_letters(self, netuid: int) -> int:
        """How many assignments were ever counted as dead (1 read)."""


class RecordStore(Protocol):
    """`outcomes`. Every method may raise `Unavailable`."""

    def load(self, netuid: int, miners: Sequence[tuple[int, str]]) -> list[tuple[Record, Any]]:
        """Record and token of each (uid, hotkey), empty where there is none (1 read each)."""

    def save(self, netuid: int, records: Sequence[tuple[Record, Any]]) -> None:
        """Write records over the tokens that they were loaded with: all or nothing (1 write each).

        Raises `Conflict` if one was written since.
        """

    def since(self, netuid: int, updated_at: float) -> list[Record]:
        """All records updated at or after this time (1 read each, at least 1)."""
