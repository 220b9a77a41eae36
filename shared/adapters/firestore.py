"""The ports over Firestore. One document path per line of the data model, no transaction."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter

from shared.adapters import documents
from shared.adapters.bodies import as_reports
from shared.adapters.firestore_calls import CALL, commit, translated, write_over
from shared.adapters.operations import count
from shared.domain.registry import Overrides, Registry
from shared.domain.reports import Report
from shared.service.chapters import Chapter, decode_chapter
from shared.service.ports import SignedReport, StoredRegistry, StoredRound, StoredSnapshot

_SCALARS = [
    "validator_uid",
    "hotkey",
    "epoch",
    "nonce",
    "received_at",
    "miner_count",
    "content_type",
    "body_sha256",
    "signature",
    "recent",
    "debt",
    "expire_at",
]

_AT_ONCE = 32
"""Originals that are fetched by one call: at most some 13 MiB. They are parsed between calls, whose
deadline is short."""


def connect(project: str | None = None) -> firestore.Client:
    """A client for the project of the environment, or the emulator that it names."""
    return firestore.Client(project=project)


@dataclass(frozen=True, slots=True)
class FirestoreReportLog:
    """`subnets/{netuid}/validator_reports`."""

    client: firestore.Client

    def create(self, netuid: int, report: SignedReport) -> None:
        """Keep a new report; raises `AlreadyExists` when its id is taken."""
        reference = self._collection(netuid).document(report.report_id)
        with translated():
            count(writes=1)
            reference.create(documents.from_report(report), **CALL)

    def get(self, netuid: int, report_id: str) -> SignedReport | None:
        """The stored report with this id."""
        with translated():
            count(reads=1)
            found = self._collection(netuid).document(report_id).get(**CALL)
        return _signed(found) if found.exists else None

    def latest_of(self, netuid: int, hotkey: str) -> SignedReport | None:
        """The report of this validator that was received last, without its body."""
        query = (
            self._collection(netuid)
            .where(filter=FieldFilter("hotkey", "==", hotkey))
            .order_by("received_at", direction=firestore.Query.DESCENDING)
            .limit(1)
            .select(_SCALARS)
        )
        with translated():
            found = query.get(**CALL)
        count(reads=max(1, len(found)))
        return _signed(found[0]) if found else None

    def load(self, netuid: int, report_ids: Sequence[str]) -> list[Report]:
        """These reports, parsed; ids that are gone are left out."""
        return as_reports(self.originals(netuid, report_ids))

    def originals(self, netuid: int, report_ids: Sequence[str]) -> Iterator[SignedReport]:
        """These reports as they were signed, a few at a time; ids that are gone are left out."""
        collection = self._collection(netuid)
        for start in range(0, len(report_ids), _AT_ONCE):
            some = report_ids[start : start + _AT_ONCE]
            with translated():
                count(reads=len(some))
                found = list(self.client.get_all([collection.document(i) for i in some], **CALL))
            yield from (_signed(document) for document in found if document.exists)

    def count(self, netuid: int, start: float, end: float) -> int:
        """How many reports were received from `start` to before `end`."""
        first, last = documents.timestamp(start), documents.timestamp(end)
        query = (
            self._collection(netuid)
            .where(filter=FieldFilter("received_at", ">=", first))
            .where(filter=FieldFilter("received_at", "<", last))
            .count()
        )
        with translated():
            found = int(query.get(**CALL)[0][0].value)
        count(reads=1 + max(0, found - 1) // 1000)
        return found

    def since(self, netuid: int, received_at: float) -> list[Report]:
        """All reports received at or after this time, parsed."""
        start = documents.timestamp(received_at)
        query = self._collection(netuid).where(filter=FieldFilter("received_at", ">=", start))
        with translated():
            found = deque(query.get(**CALL))
        count(reads=max(1, len(found)))
        return as_reports(_signed(found.popleft()) for _ in range(len(found)))

    def _collection(self, netuid: int) -> Any:
        return self.client.collection("subnets", str(netuid), "validator_reports")


@dataclass(frozen=True, slots=True)
class FirestoreSnapshotStore:
    """`subnets/{netuid}/consensus/current` and `subnets/{netuid}/rounds`."""

    client: firestore.Client

    def load(self, netuid: int) -> StoredSnapshot | None:
        """The current snapshot; its revision is the document's update time."""
        with translated():
            count(reads=1)
            found = self._current(netuid).get(**CALL)
        return documents.to_snapshot(found.to_dict(), found.update_time) if found.exists else None

    def load_round(self, netuid: int, round_number: int) -> StoredRound | None:
        """A closed round."""
        with translated():
            count(reads=1)
            found = self._round(netuid, round_number).get(**CALL)
        return documents.to_round(found.to_dict()) if found.exists else None

    def load_chapter(self, netuid: int, round_number: int) -> Chapter:
        """The chapter in a closed round's document; nothing else of it is sent."""
        with translated():
            count(reads=1)
            found = self._round(netuid, round_number).get(["chapter"], **CALL)
        return decode_chapter((found.to_dict() or {}).get("chapter", b""))

    def save(
        self, netuid: int, snapshot: StoredSnapshot, rounds: Iterable[StoredRound], revision: Any
    ) -> Any:
        """Write all or nothing; raises `Conflict` if somebody else wrote in between.

        A write whose answer was lost and that was sent again also ends as `Conflict`: reading
        again then finds what was written.
        """
        batch = self.client.batch()
        write_over(batch, self._current(netuid), documents.from_snapshot(snapshot), revision)
        for closed in rounds:
            batch.create(self._round(netuid, closed.round), documents.from_round(closed))
        return commit(batch)[0].update_time

    def _current(self, netuid: int) -> Any:
        return self.client.document("subnets", str(netuid), "consensus", "current")

    def _round(self, netuid: int, round_number: int) -> Any:
        return self.client.document("subnets", str(netuid), "rounds", str(round_number))


@dataclass(frozen=True, slots=True)
class FirestoreRegistryStore:
    """`subnets/{netuid}/registry/current` and `…/overrides`."""

    client: firestore.Client

    def load(self, netuid: int) -> Registry | None:
        """The registry with its overrides; None where no registry was written yet."""
        return self.read(netuid).registry

    def read(self, netuid: int) -> StoredRegistry:
        """The same; a revision is a document's update time."""
        names = ("current", "overrides")
        with translated():
            count(reads=2)
            pair = self.client.get_all([self._document(netuid, name) for name in names], **CALL)
            found = {document.id: document for document in pair if document.exists}
        current, overrides = (found.get(name) for name in names)
        facts, decided = ((it.to_dict() or {}) if it else {} for it in (current, overrides))
        return StoredRegistry(
            registry=documents.to_registry(netuid, facts, decided) if current else None,
            overrides=documents.to_overrides(decided),
            revision=current and current.update_time,
            overrides_revision=overrides and overrides.update_time,
        )

    def save(self, registry: Registry) -> None:
        """Replace `registry/current`, whatever it is; the overrides stay."""
        with translated():
            count(writes=1)
            self._document(registry.netuid, "current").set(
                documents.from_registry(registry), **CALL
            )

    def replace(self, registry: Registry, revision: Any) -> None:
        """Replace `registry/current`; raises `Conflict` if somebody else wrote in between."""
        document = documents.from_registry(registry)
        self._swap(self._document(registry.netuid, "current"), document, revision)

    def save_overrides(self, netuid: int, overrides: Overrides, revision: Any = None) -> None:
        """Replace `registry/overrides`; raises `Conflict` if somebody else wrote in between."""
        document = documents.from_overrides(overrides)
        self._swap(self._document(netuid, "overrides"), document, revision)

    def _swap(self, reference: Any, document: documents.Document, revision: Any) -> None:
        batch = self.client.batch()
        write_over(batch, reference, document, revision)
        commit(batch)

    def _document(self, netuid: int, name: str) -> Any:
        return self.client.document("subnets", str(netuid), "registry", name)


def _signed(found: Any) -> SignedReport:
    return documents.to_report(found.id, found.to_dict(), found.create_time)
