"""What one recompute starts from: read from the stores, or known from the recompute before.

It takes 1 read for the snapshot, 2 for the registry and 1 per report; what is warm is not read
again.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Literal

from shared.domain.memory import EMPTY, Memory
from shared.domain.policy import Policy
from shared.domain.registry import Registry
from shared.domain.reports import Report, signing_time_of
from shared.domain.rounds import Chain, round_of
from shared.service.chapters import NO_CHAPTER, Chapter, decode_chapter
from shared.service.ports import Clock, RegistryStore, ReportLog, SnapshotStore, StoredSnapshot
from shared.service.round_documents import memory_of

OVERLAP = 10.0
"""Seconds before the watermark that are looked at again: a report may be visible later than
stamped. An instance that knows as many reports from then as there are need not read them."""
INSTANT = 1e-6
"""The resolution of stamps, seconds."""

Settled = Literal["included", "gone", "nothing"]
"""Why there is nothing to recompute."""


@dataclass(slots=True)
class Warm:
    """What an instance still knows of a subnet from its last recompute."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    reports: dict[str, Report] = field(default_factory=dict)
    """Those that `inputs` named."""
    included: set[str] = field(default_factory=set)
    """Ids of reports that a saved snapshot holds, not older than the reporting window."""
    stamps: dict[str, float] = field(default_factory=dict)
    """When those of them were received that a next recompute looks at again."""
    memory: Memory = EMPTY
    memory_hash: str = ""
    chapter: Chapter = NO_CHAPTER
    """What history holds up to that round."""


@dataclass(frozen=True, slots=True)
class Base:
    """What one recompute starts from."""

    stored: StoredSnapshot | None
    memory: Memory
    chapter: Chapter
    reports: dict[str, Report]
    registry: Registry

    @property
    def chain(self) -> Chain:
        """How far the rounds are closed."""
        return Chain(self.memory, self.stored.closed_through if self.stored else -1)

    @property
    def last_hash(self) -> str:
        """Hash of the last closed round; "" before the first."""
        return self.stored.last_round_hash if self.stored else ""

    @property
    def fresh(self) -> list[Report]:
        """Reports that the stored snapshot does not name."""
        named = set(self.stored.inputs) if self.stored else set()
        return [report for key, report in self.reports.items() if key not in named]


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads bases from the stores; calls for one subnet must not overlap."""

    log: ReportLog
    snapshots: SnapshotStore
    registries: RegistryStore
    policy: Policy
    clock: Clock

    def __call__(self, netuid: int, warm: Warm, report_id: str | None) -> Base | Settled:
        """The base of a recompute, `report_id` included if it is new; else why there is none.

        May raise `Unavailable`.
        """
        stored = self.snapshots.load(netuid)
        if report_id is not None:
            settled = self._settled(netuid, stored, report_id)
            if settled is not None:
                return settled
        reports = self._reports(netuid, warm, stored)
        if report_id is not None and report_id not in reports:
            reports.update(_by_id(self.log.load(netuid, [report_id])))
        if stored is None and not reports:
            return "nothing"
        registry = self.registries.load(netuid) or Registry(netuid, 0.0, ())
        memory = self._memory(netuid, warm, stored)
        return Base(stored, memory, warm.chapter, reports, registry)

    def _settled(
        self, netuid: int, stored: StoredSnapshot | None, report_id: str
    ) -> Settled | None:
        """Why nothing is to be done for a report, or None if there may be.

        A report that `inputs` does not name may still have been included: superseded, its round
        closed. It was, if it became visible within the overlap and a snapshot was made since.
        """
        if stored is None:
            return None
        if report_id in stored.inputs:
            return "included"
        if round_of(signing_time_of(report_id) or 0.0, self.policy) > stored.closed_through:
            return None
        report = self.log.get(netuid, report_id)
        if report is None:
            return "gone"
        stored_at = report.stored_at if report.stored_at is not None else report.received_at
        is_learnt = round_of(report.received_at, self.policy) <= stored.closed_through
        was_seen = stored_at - report.received_at < OVERLAP and stored_at < stored.computed_at
        # What is above the watermark nobody has seen, even where a clock ran ahead.
        is_below = report.received_at <= stored.watermark
        return "included" if is_learnt and was_seen and is_below else None

    def _reports(self, netuid: int, warm: Warm, stored: StoredSnapshot | None) -> dict[str, Report]:
        """All reports that the snapshot names and all received since its watermark."""
        window = round_of(self.clock() - self.policy.reporting_window, self.policy)
        since = window * self.policy.round_seconds
        if stored is None:
            return _by_id(self.log.since(netuid, since))
        known = {key: warm.reports[key] for key in stored.inputs if key in warm.reports}
        start = max(since, stored.watermark - OVERLAP)
        if self._knows_all(netuid, warm, start, stored.watermark):
            start = stored.watermark + INSTANT
        known.update(_by_id(self.log.since(netuid, start)))
        missing = [key for key in stored.inputs if key not in known]
        known.update(_by_id(self.log.load(netuid, missing)))
        return known

    def _knows_all(self, netuid: int, warm: Warm, start: float, watermark: float) -> bool:
        """Whether nothing has become visible from `start` to the watermark since it was read.

        Reading a single report costs no more than counting it.
        """
        known = sum(start <= stamp <= watermark for stamp in warm.stamps.values())
        return known > 1 and known == self.log.count(netuid, start, watermark + INSTANT)

    def _memory(self, netuid: int, warm: Warm, stored: StoredSnapshot | None) -> Memory:
        if stored is None or not stored.last_round_hash:
            return EMPTY
        if warm.memory_hash != stored.last_round_hash:
            closed = self.snapshots.load_round(netuid, stored.last_round)
            warm.memory = memory_of(closed) if closed else _counts_of(stored)
            warm.chapter = decode_chapter(closed.chapter) if closed else NO_CHAPTER
            warm.memory_hash = stored.last_round_hash
        return warm.memory


def _counts_of(stored: StoredSnapshot) -> Memory:
    """What is left of the memory of a subnet that was silent for longer than rounds are kept."""
    return Memory(
        round=stored.last_round,
        total_reports=stored.total_reports,
        total_observations=stored.total_observations,
    )


def _by_id(reports: list[Report]) -> dict[str, Report]:
    return {report.report_id: report for report in reports}
