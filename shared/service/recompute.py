"""Recompute: from the reports in the log to one atomic snapshot, cheaply and at any number.

Whatever the order, duplication or loss of events: a snapshot depends on the reports, the registry
and the memory of the last closed round alone. Events only say that it is time to look.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from statistics import fmean
from typing import Literal

from shared.domain.memory import EMPTY, Memory
from shared.domain.policy import Policy
from shared.domain.registry import Registry
from shared.domain.reports import Report, signing_time_of
from shared.domain.rounds import Chain, Known, Step, round_of, step
from shared.domain.standings import Scene, standings_of
from shared.service.chapters import NO_CHAPTER, Chapter, decode_chapter
from shared.service.pages import page_of
from shared.service.ports import (
    Clock,
    Conflict,
    RegistryStore,
    ReportLog,
    SnapshotStore,
    StoredRound,
    StoredSnapshot,
)
from shared.service.round_documents import memory_of, store_round
from shared.service.snapshots import Payload, encode_payload
from shared.service.updates import Announcer

OVERLAP = 10.0
"""Seconds before the watermark that are looked at again: a report may be visible later than
stamped. An instance that knows as many reports from then as there are need not read them."""
INSTANT = 1e-6
"""The resolution of stamps, seconds."""
MOST_ROUNDS = 2
"""Rounds closed per write batch; with the snapshot that makes at most 3 writes."""
ATTEMPTS = 8
"""How often a recompute starts again after somebody else wrote first."""

Outcome = Literal["recomputed", "included", "too_old", "gone", "nothing"]


@dataclass(slots=True)
class _Warm:
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
class _Base:
    """What one recompute starts from."""

    stored: StoredSnapshot | None
    memory: Memory
    chapter: Chapter
    reports: dict[str, Report]
    registry: Registry

    @property
    def chain(self) -> Chain:
        return Chain(self.memory, self.stored.closed_through if self.stored else -1)

    @property
    def fresh(self) -> list[Report]:
        """Reports that the stored snapshot does not name."""
        named = set(self.stored.inputs) if self.stored else set()
        return [report for key, report in self.reports.items() if key not in named]


@dataclass(frozen=True, slots=True)
class Recompute:
    """The use case, with what an instance keeps warm between calls. Thread-safe.

    Calling it may raise `Unavailable` from the store, and `Conflict` when others kept writing
    first: the platform then sends the event again.
    """

    log: ReportLog
    snapshots: SnapshotStore
    registries: RegistryStore
    policy: Policy
    clock: Clock
    announcer: Announcer | None = None
    """Tells consumers what changed; None: nobody is told."""
    pause: Callable[[float], None] = time.sleep
    _warm: dict[int, _Warm] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, netuid: int, report_id: str | None = None) -> Outcome:
        """Bring a subnet's snapshot up to date; `report_id` is the report that an event is about.

        Without a report (a sweep) it expires votes and closes rounds that nobody reported after.
        """
        if report_id is not None and self._is_too_old(report_id):
            return "too_old"
        warm = self._warm_of(netuid)
        with warm.lock:
            if report_id in warm.included:
                return "included"
            return self._until_saved(netuid, warm, report_id)

    def _until_saved(self, netuid: int, warm: _Warm, report_id: str | None) -> Outcome:
        overtaken = 0
        while overtaken < ATTEMPTS:
            base = self._load(netuid, warm, report_id)
            if not isinstance(base, _Base):
                return base
            try:
                taken = self._advance(netuid, warm, base)
            except Conflict:
                overtaken += 1
                self.pause(random.uniform(0, 0.05 * 2**overtaken))  # noqa: S311 - jitter
                continue
            if not taken.behind:
                return "recomputed"
            report_id = None
        raise Conflict(f"subnet {netuid}: {ATTEMPTS} attempts were overtaken by other writers")

    # Reading: 1 snapshot, 2 registry documents, 1 per report; what is warm is not read again.

    def _load(self, netuid: int, warm: _Warm, report_id: str | None) -> _Base | Outcome:
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
        return _Base(stored, memory, warm.chapter, reports, registry)

    def _settled(
        self, netuid: int, stored: StoredSnapshot | None, report_id: str
    ) -> Outcome | None:
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

    def _reports(
        self, netuid: int, warm: _Warm, stored: StoredSnapshot | None
    ) -> dict[str, Report]:
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

    def _knows_all(self, netuid: int, warm: _Warm, start: float, watermark: float) -> bool:
        """Whether nothing has become visible from `start` to the watermark since it was read.

        Reading a single report costs no more than counting it.
        """
        known = sum(start <= stamp <= watermark for stamp in warm.stamps.values())
        return known > 1 and known == self.log.count(netuid, start, watermark + INSTANT)

    def _memory(self, netuid: int, warm: _Warm, stored: StoredSnapshot | None) -> Memory:
        if stored is None or not stored.last_round_hash:
            return EMPTY
        if warm.memory_hash != stored.last_round_hash:
            closed = self.snapshots.load_round(netuid, stored.last_round)
            warm.memory = memory_of(closed) if closed else _counts_of(stored)
            warm.chapter = decode_chapter(closed.chapter) if closed else NO_CHAPTER
            warm.memory_hash = stored.last_round_hash
        return warm.memory

    # Deciding and writing: one batch

    def _advance(self, netuid: int, warm: _Warm, base: _Base) -> Step:
        now = self._now(base)
        known = Known(list(base.reports.values()), base.registry, self.policy)
        taken = step(base.chain, known, now, MOST_ROUNDS)
        rounds, chapter = _chained(taken, base)
        snapshot = self._snapshot(taken, rounds, base, now)
        self._save(netuid, snapshot, rounds, base, taken)
        stamps = warm.stamps | {key: each.received_at for key, each in base.reports.items()}
        again = snapshot.watermark - OVERLAP
        warm.stamps = {key: stamp for key, stamp in stamps.items() if stamp >= again}
        warm.reports = {key: base.reports[key] for key in snapshot.inputs}
        warm.included = {
            key for key in warm.included | set(base.reports) if not self._is_too_old(key)
        }
        warm.memory, warm.memory_hash = taken.chain.memory, snapshot.last_round_hash
        warm.chapter = chapter
        return taken

    def _save(
        self,
        netuid: int,
        snapshot: StoredSnapshot,
        rounds: list[StoredRound],
        base: _Base,
        taken: Step,
    ) -> None:
        """Write, and only then tell: an update never runs ahead of what readers can see."""
        revision = base.stored.revision if base.stored else None
        if self.announcer is None:
            self.snapshots.save(netuid, snapshot, rounds, revision)
            return
        news = self.announcer.prepare(netuid, base.stored, taken.resolution)
        snapshot = replace(snapshot, announced=news.announced(snapshot.version))
        self.snapshots.save(netuid, snapshot, rounds, revision)
        self.announcer.publish(netuid, snapshot, news)

    def _now(self, base: _Base) -> float:
        """The clock, or the newest stamp where another instance's clock is a little ahead."""
        clock = self.clock()
        stamps = [report.received_at for report in base.reports.values()]
        if base.stored is not None:
            stamps.append(base.stored.computed_at)
        return max([clock, *(at for at in stamps if at < clock + OVERLAP)])

    def _snapshot(
        self, taken: Step, rounds: list[StoredRound], base: _Base, now: float
    ) -> StoredSnapshot:
        stored = base.stored
        seen = [r for r in base.reports.values() if r.received_at <= now]
        fresh = [r.received_at for r in base.fresh if r.received_at <= now]
        open_reports = [
            r for r in seen if round_of(r.received_at, self.policy) > taken.chain.closed_through
        ]
        latency = stored.latency_ms if stored else None
        payload = Payload(
            resolution=taken.resolution,
            policy=taken.policy.as_dict(),
            registry_synced_at=base.registry.synced_at,
            standings=standings_of(self._scene(taken, base, now)),
        )
        return StoredSnapshot(
            version=stored.version + 1 if stored else 1,
            computed_at=max(now, stored.computed_at) if stored else now,
            watermark=max([stored.watermark if stored else 0.0, *(r.received_at for r in seen)]),
            inputs=taken.inputs,
            last_round=taken.chain.memory.round,
            last_round_hash=rounds[-1].payload_sha256 if rounds else base_hash(stored),
            closed_through=taken.chain.closed_through,
            total_reports=taken.chain.memory.total_reports + len(open_reports),
            total_observations=taken.chain.memory.total_observations
            + sum(len(report.statuses) for report in open_reports),
            latency_ms=fmean(now - at for at in fresh) * 1000 if fresh else latency,
            payload=encode_payload(payload),
        )

    def _scene(self, taken: Step, base: _Base, now: float) -> Scene:
        return Scene(
            resolution=taken.resolution,
            votes=taken.votes,
            reports=list(base.reports.values()),
            registry=base.registry,
            memory=taken.chain.memory,
            policy=taken.policy,
            now=now,
        )

    def _is_too_old(self, report_id: str) -> bool:
        signed_at = signing_time_of(report_id)
        return signed_at is None or self.clock() - signed_at >= self.policy.reporting_window

    def _warm_of(self, netuid: int) -> _Warm:
        with self._guard:
            return self._warm.setdefault(netuid, _Warm())


def base_hash(stored: StoredSnapshot | None) -> str:
    """Hash of the last closed round; "" before the first."""
    return stored.last_round_hash if stored else ""


def _chained(taken: Step, base: _Base) -> tuple[list[StoredRound], Chapter]:
    """The documents of the closed rounds, and the chapter of the last one."""
    rounds: list[StoredRound] = []
    previous, chapter = base_hash(base.stored), base.chapter
    for closed in taken.rounds:
        chapter = chapter.with_page(page_of(closed, base.registry))
        rounds.append(store_round(closed, previous, base.registry, chapter))
        previous = rounds[-1].payload_sha256
    return rounds, chapter


def _counts_of(stored: StoredSnapshot) -> Memory:
    """What is left of the memory of a subnet that was silent for longer than rounds are kept."""
    return Memory(
        round=stored.last_round,
        total_reports=stored.total_reports,
        total_observations=stored.total_observations,
    )


def _by_id(reports: list[Report]) -> dict[str, Report]:
    return {report.report_id: report for report in reports}
