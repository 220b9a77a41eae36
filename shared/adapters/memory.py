"""In-memory twins of the Firestore adapters: same contract, one process, nothing kept."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from shared.adapters.bodies import as_reports
from shared.domain.registry import Overrides, Registry
from shared.domain.reports import Report
from shared.service.chapters import Chapter, decode_chapter
from shared.service.ports import (
    AlreadyExists,
    Clock,
    Conflict,
    SignedReport,
    StoredRegistry,
    StoredRound,
    StoredSnapshot,
)
from shared.service.updates import Update


@dataclass(slots=True)
class MemoryReportLog:
    """`validator_reports` in a dictionary.

    `on_create` holds what is called with (netuid, report id) after a report was kept: the place
    where Firestore would send its event.
    """

    clock: Clock
    on_create: list[Callable[[int, str], None]] = field(default_factory=list)
    _reports: dict[tuple[int, str], SignedReport] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def create(self, netuid: int, report: SignedReport) -> None:
        """Keep a new report; raises `AlreadyExists` when its id is taken."""
        with self._lock:
            if (netuid, report.report_id) in self._reports:
                raise AlreadyExists(report.report_id)
            self._reports[netuid, report.report_id] = replace(report, stored_at=self.clock())
        for listener in self.on_create:
            listener(netuid, report.report_id)

    def get(self, netuid: int, report_id: str) -> SignedReport | None:
        """The stored report with this id."""
        return self._reports.get((netuid, report_id))

    def latest_of(self, netuid: int, hotkey: str) -> SignedReport | None:
        """The report of this validator that was received last, without its body."""
        own = [r for r in self._of(netuid) if r.hotkey == hotkey]
        newest = max(own, key=lambda r: (r.received_at, r.report_id), default=None)
        return newest and replace(newest, body=b"")

    def load(self, netuid: int, report_ids: Sequence[str]) -> list[Report]:
        """These reports, parsed; ids that are gone are left out."""
        found = (self._reports.get((netuid, report_id)) for report_id in report_ids)
        return as_reports(report for report in found if report is not None)

    def originals(self, netuid: int, report_ids: Sequence[str]) -> Iterator[SignedReport]:
        """These reports as they were signed; ids that are gone are left out."""
        found = (self._reports.get((netuid, report_id)) for report_id in report_ids)
        return (report for report in found if report is not None)

    def count(self, netuid: int, start: float, end: float) -> int:
        """How many reports were received from `start` to before `end`."""
        return sum(start <= report.received_at < end for report in self._of(netuid))

    def since(self, netuid: int, received_at: float) -> list[Report]:
        """All reports received at or after this time, parsed."""
        return as_reports(r for r in self._of(netuid) if r.received_at >= received_at)

    def _of(self, netuid: int) -> list[SignedReport]:
        with self._lock:
            return [report for (owner, _), report in self._reports.items() if owner == netuid]


@dataclass(slots=True)
class MemorySnapshotStore:
    """`consensus/current` and the rounds in dictionaries; the revision is a counter."""

    _current: dict[int, StoredSnapshot] = field(default_factory=dict)
    _rounds: dict[tuple[int, int], StoredRound] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def load(self, netuid: int) -> StoredSnapshot | None:
        """The current snapshot with its revision."""
        return self._current.get(netuid)

    def load_round(self, netuid: int, round_number: int) -> StoredRound | None:
        """A closed round."""
        return self._rounds.get((netuid, round_number))

    def load_chapter(self, netuid: int, round_number: int) -> Chapter:
        """The chapter in a closed round's document."""
        found = self._rounds.get((netuid, round_number))
        return decode_chapter(found.chapter if found else b"")

    def save(
        self, netuid: int, snapshot: StoredSnapshot, rounds: Iterable[StoredRound], revision: Any
    ) -> Any:
        """Write all or nothing; raises `Conflict` if somebody else wrote in between."""
        closed = list(rounds)
        with self._lock:
            current = self._current.get(netuid)
            if (current and current.revision) != revision:
                raise Conflict(f"subnet {netuid}: the snapshot changed since it was read")
            if any((netuid, r.round) in self._rounds for r in closed):
                raise Conflict(f"subnet {netuid}: the round is closed already")
            following = (revision or 0) + 1
            self._current[netuid] = replace(snapshot, revision=following)
            self._rounds.update({(netuid, r.round): r for r in closed})
        return following


@dataclass(slots=True)
class MemoryUpdates:
    """The topic `consensus-updates` as a list; the latest ones only, so that it does not grow."""

    published: deque[Update] = field(default_factory=lambda: deque(maxlen=100))

    def publish(self, update: Update) -> None:
        """Keep the update."""
        self.published.append(update)


@dataclass(slots=True)
class MemoryRegistryStore:
    """The registry documents in dictionaries; each revision is a counter of its document."""

    _current: dict[int, tuple[int, Registry]] = field(default_factory=dict)
    _overrides: dict[int, tuple[int, Overrides]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def load(self, netuid: int) -> Registry | None:
        """The registry with its overrides."""
        return self.read(netuid).registry

    def read(self, netuid: int) -> StoredRegistry:
        """The same with the revisions of both documents."""
        with self._lock:
            revision, registry = self._current.get(netuid, (None, None))
            overrides_revision, overrides = self._overrides.get(netuid, (None, Overrides()))
        whole = registry and replace(registry, overrides=overrides)
        return StoredRegistry(whole, overrides, revision, overrides_revision)

    def save(self, registry: Registry) -> None:
        """Replace the registry; the overrides stay."""
        with self._lock:
            self._put(registry)

    def replace(self, registry: Registry, revision: Any) -> None:
        """Replace the registry; raises `Conflict` if somebody else wrote in between."""
        with self._lock:
            _require(revision, self._current.get(registry.netuid), registry.netuid)
            self._put(registry)

    def save_overrides(self, netuid: int, overrides: Overrides, revision: Any = None) -> None:
        """Replace what operators decided; raises `Conflict` if somebody else did in between."""
        with self._lock:
            _require(revision, self._overrides.get(netuid), netuid)
            self._overrides[netuid] = ((revision or 0) + 1, overrides)

    def _put(self, registry: Registry) -> None:
        revision, _ = self._current.get(registry.netuid, (0, None))
        self._current[registry.netuid] = (revision + 1, replace(registry, overrides=Overrides()))


def _require(revision: Any, kept: tuple[int, object] | None, netuid: int) -> None:
    if revision != (kept and kept[0]):
        raise Conflict(f"subnet {netuid}: the registry changed since it was read")
