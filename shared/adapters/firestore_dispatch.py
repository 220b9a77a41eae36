"""The stores of places, assignments and records over Firestore: preconditions, no transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter

from shared.adapters import dispatch_documents as documents
from shared.adapters.documents import Document, timestamp
from shared.adapters.firestore_calls import CALL, commit, translated, write_over
from shared.adapters.operations import count
from shared.domain.dispatch.records import Outcome, Record
from shared.service.dispatch_ports import Assignment, Lease, Place, PlaceName
from shared.service.ports import Conflict

_SETTLED: Document = {"due": firestore.DELETE_FIELD}


@dataclass(frozen=True, slots=True)
class FirestoreLeaseStore:
    """`subnets/{netuid}/slots` and `…/assignments`; the dead are counted in `…/dispatch/counters`.

    All writes of one commit have one time: an assignment's creation time is the revision of the
    places that were taken with it.
    """

    client: firestore.Client

    def look(self, netuid: int, names: Sequence[PlaceName]) -> list[Place]:
        """These places, in this order."""
        if not names:
            return []
        references = [self._slot(netuid, name) for name in names]
        with translated():
            count(reads=len(references))
            found = {each.id: each for each in self.client.get_all(references, **CALL)}
        return [_place(name, found[documents.place_id(name)]) for name in names]

    def take(self, netuid: int, lease: Lease, place: Place) -> None:
        """Put the lease into its place, or raise `Conflict`."""
        batch = self.client.batch()
        self._lease(batch, netuid, lease, place)
        commit(batch)

    def open(self, netuid: int, assignment: Assignment, places: Sequence[Place] | None) -> None:
        """Take the places and create the assignment, or raise `Conflict`."""
        batch = self.client.batch()
        if places is not None:
            for place, lease in zip(places, assignment.leases, strict=True):
                self._lease(batch, netuid, lease, place)
        reference = self._assignment(netuid, assignment.assignment_id)
        batch.create(reference, documents.from_assignment(assignment))
        commit(batch)

    def find(self, netuid: int, assignment_id: str) -> Assignment | None:
        """An assignment with its tokens: the times of its creation and of its last write."""
        with translated():
            count(reads=1)
            found = self._assignment(netuid, assignment_id).get(**CALL)
        return _found(found) if found.exists else None

    def settle(
        self,
        netuid: int,
        assignment: Assignment,
        results: Mapping[int, Outcome],
        freed: Sequence[Place],
        now: float,
    ) -> None:
        """Replace its results and free the places, or raise `Conflict`."""
        batch = self.client.batch()
        document = {"results": documents.from_results(results), **_SETTLED}
        reference = self._assignment(netuid, assignment.assignment_id)
        write_over(batch, reference, document, assignment.revision)
        for place in freed:
            free = {"expires_at": timestamp(now)}
            write_over(batch, self._slot(netuid, place.name), free, place.revision)
        commit(batch)

    def overdue(self, netuid: int, now: float, limit: int) -> list[Assignment]:
        """Assignments that ran out without a result and are not counted."""
        collection = self.client.collection("subnets", str(netuid), "assignments")
        query = collection.where(filter=FieldFilter("due", "<", timestamp(now))).limit(limit)
        with translated():
            found = query.get(**CALL)
        count(reads=max(1, len(found)))
        return [_found(each) for each in found]

    def bury(self, netuid: int, dead: Iterable[Assignment]) -> int:
        """Mark and count those that nobody wrote since: together, or one by one if one changed."""
        assignments = list(dead)
        if not assignments:
            return 0
        try:
            self._bury(netuid, assignments)
        except Conflict:
            halves = [[each] for each in assignments] if len(assignments) > 1 else []
            return sum(self.bury(netuid, half) for half in halves)
        return len(assignments)

    def dead_letters(self, netuid: int) -> int:
        """How many were ever counted."""
        with translated():
            count(reads=1)
            found = self._counters(netuid).get(**CALL)
        return int((found.to_dict() or {}).get("dead_letters", 0))

    def _bury(self, netuid: int, assignments: Sequence[Assignment]) -> None:
        batch = self.client.batch()
        for assignment in assignments:
            reference = self._assignment(netuid, assignment.assignment_id)
            write_over(batch, reference, {"is_dead": True, **_SETTLED}, assignment.revision)
        counted = {"dead_letters": firestore.Increment(len(assignments))}
        batch.set(self._counters(netuid), counted, merge=True)
        commit(batch)

    def _lease(self, batch: Any, netuid: int, lease: Lease, place: Place) -> None:
        document = documents.from_lease(lease)
        write_over(batch, self._slot(netuid, place.name), document, place.revision)

    def _slot(self, netuid: int, name: PlaceName) -> Any:
        return self.client.document("subnets", str(netuid), "slots", documents.place_id(name))

    def _assignment(self, netuid: int, assignment_id: str) -> Any:
        return self.client.document("subnets", str(netuid), "assignments", assignment_id)

    def _counters(self, netuid: int) -> Any:
        return self.client.document("subnets", str(netuid), "dispatch", "counters")


@dataclass(frozen=True, slots=True)
class FirestoreRecordStore:
    """`subnets/{netuid}/outcomes`."""

    client: firestore.Client

    def load(self, netuid: int, miners: Sequence[tuple[int, str]]) -> list[tuple[Record, Any]]:
        """Record and token of each miner."""
        references = [self._reference(netuid, *miner) for miner in miners]
        with translated():
            count(reads=len(references))
            found = {each.id: each for each in self.client.get_all(references, **CALL)}
        return [_loaded(miner, found[documents.miner_id(*miner)]) for miner in miners]

    def save(self, netuid: int, records: Sequence[tuple[Record, Any]]) -> None:
        """Write all or raise `Conflict`."""
        batch = self.client.batch()
        for record, revision in records:
            reference = self._reference(netuid, record.uid, record.hotkey)
            document = documents.from_record(record)
            write_over(batch, reference, document, revision)
        commit(batch)

    def since(self, netuid: int, updated_at: float) -> list[Record]:
        """All records updated at or after this time."""
        start = timestamp(updated_at)
        collection = self.client.collection("subnets", str(netuid), "outcomes")
        query = collection.where(filter=FieldFilter("updated_at", ">=", start))
        with translated():
            found = query.get(**CALL)
        count(reads=max(1, len(found)))
        return [documents.to_record(each.to_dict() or {}) for each in found]

    def _reference(self, netuid: int, uid: int, hotkey: str) -> Any:
        name = documents.miner_id(uid, hotkey)
        return self.client.document("subnets", str(netuid), "outcomes", name)


def _place(name: PlaceName, found: Any) -> Place:
    document = found.to_dict()
    return documents.to_place(name, document, found.update_time) if document else Place(name)


def _found(found: Any) -> Assignment:
    return documents.to_assignment(found.id, found.to_dict(), found.create_time, found.update_time)


def _loaded(miner: tuple[int, str], found: Any) -> tuple[Record, Any]:
    if not found.exists:
        return Record(*miner), None
    return documents.to_record(found.to_dict()), found.update_time
