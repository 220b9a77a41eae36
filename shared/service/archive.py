"""What a closed round, or the current snapshot, was computed from: enough to compute it again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from shared.domain.explanation import Premises
from shared.domain.memory import EMPTY, Memory
from shared.domain.policy import Policy
from shared.domain.registry import Registry
from shared.domain.reports import Report
from shared.service.answers import UnknownRound
from shared.service.chapters import decode_chapter
from shared.service.encoding import unpack
from shared.service.ports import RegistryStore, SnapshotStore, StoredRound, StoredSnapshot
from shared.service.round_documents import decode_registry, memory_of
from shared.service.snapshots import Payload, decode_payload


@dataclass(frozen=True)
class PastRecord:
    """A closed round and the one before it, which left the memory that it began with."""

    closed: StoredRound
    before: StoredRound | None
    """None: it is the first."""

    @cached_property
    def document(self) -> Mapping[str, Any]:
        """The stored payload, decoded."""
        plain: Mapping[str, Any] = unpack(self.closed.payload)
        return plain

    @property
    def inputs(self) -> tuple[str, ...]:
        """Ids of the reports that it was learnt from or that voted, ascending."""
        return tuple(sorted({*self.document["received"], *self.document["voting"]}))

    @property
    def policy(self) -> Policy:
        """As echoed."""
        return Policy.from_dict(self.document["policy"])

    @property
    def now(self) -> float:
        """The round's end, as of which it was resolved."""
        return self.policy.round_end(self.closed.round)

    def premises(self, reports: Iterable[Report]) -> Premises:
        """What its resolution follows from; `reports` are its inputs."""
        return Premises(
            reports=tuple(reports),
            registry=decode_registry(self.document["netuid"], self.document["registry"]),
            policy=self.policy,
            memory=memory_of(self.before) if self.before else EMPTY,
            closed_through=self.closed.round - 1,
            now=self.now,
        )


@dataclass(frozen=True)
class PresentRecord:
    """The current snapshot, the last closed round, and the registry as it is now."""

    stored: StoredSnapshot
    last: StoredRound | None
    """None: no round was closed yet, or its document has expired."""
    registry: Registry

    @cached_property
    def payload(self) -> Payload:
        """The stored payload, decoded."""
        return decode_payload(self.stored.payload)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Ids of the reports that hold a vote or belong to a round still open, ascending."""
        return self.stored.inputs

    def premises(self, reports: Iterable[Report]) -> Premises:
        """What its resolution follows from; `reports` are its inputs."""
        stored = self.stored
        return Premises(
            reports=tuple(reports),
            registry=self.registry,
            policy=Policy.from_dict(self.payload.policy),
            memory=memory_of(self.last) if self.last else Memory(round=stored.last_round),
            closed_through=stored.closed_through,
            now=stored.computed_at,
        )


@dataclass(frozen=True, slots=True)
class Archive:
    """Where records are found. Every method may raise `Unavailable`."""

    snapshots: SnapshotStore
    registries: RegistryStore

    def past(self, netuid: int, number: int) -> PastRecord:
        """A closed round (2 reads); raises `UnknownRound`."""
        closed = self.snapshots.load_round(netuid, number)
        if closed is None:
            raise UnknownRound(f"round {number} is not closed, had no reports or is gone")
        if not closed.previous_hash:
            return PastRecord(closed, None)
        before = self._before(netuid, closed)
        if before is None:
            raise UnknownRound(f"the round before {number} is no longer kept")
        return PastRecord(closed, before)

    def _before(self, netuid: int, closed: StoredRound) -> StoredRound | None:
        number = decode_chapter(closed.chapter).previous
        found = self.snapshots.load_round(netuid, number) if number >= 0 else None
        return found if found and found.payload_sha256 == closed.previous_hash else None

    def present(self, netuid: int, stored: StoredSnapshot) -> PresentRecord:
        """What a snapshot rests on (3 reads)."""
        has_rounds = bool(stored.last_round_hash)
        last = self.snapshots.load_round(netuid, stored.last_round) if has_rounds else None
        registry = self.registries.load(netuid) or Registry(netuid, 0.0, ())
        return PresentRecord(stored, last, registry)


def require_all(inputs: Iterable[str], found: Iterable[str], what: str) -> None:
    """Raise `UnknownRound` where inputs have expired; `what` rests on them."""
    if set(inputs) - set(found):
        raise UnknownRound(f"reports that {what} rests on are no longer kept")
