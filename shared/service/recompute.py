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
from typing import Literal

from shared.domain.policy import Policy
from shared.domain.reports import signing_time_of
from shared.domain.rounds import Known, Step, step
from shared.service.bases import OVERLAP, Base, Reading, Settled, Warm
from shared.service.next_snapshot import rounds_of, snapshot_of
from shared.service.ports import (
    Clock,
    Conflict,
    RegistryStore,
    ReportLog,
    SnapshotStore,
    StoredRound,
    StoredSnapshot,
)
from shared.service.provenance import Provenance
from shared.service.updates import Announcer

MOST_ROUNDS = 2
"""Rounds closed per write batch; with the snapshot that makes at most 3 writes."""
ATTEMPTS = 8
"""How often a recompute starts again after somebody else wrote first."""

Outcome = Literal["recomputed", "too_old"] | Settled


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
    provenance: Provenance = field(default_factory=Provenance)
    """What every record says of its making."""
    pause: Callable[[float], None] = time.sleep
    _warm: dict[int, Warm] = field(default_factory=dict)
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

    def _until_saved(self, netuid: int, warm: Warm, report_id: str | None) -> Outcome:
        read = Reading(self.log, self.snapshots, self.registries, self.policy, self.clock)
        overtaken = 0
        while overtaken < ATTEMPTS:
            base = read(netuid, warm, report_id)
            if not isinstance(base, Base):
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

    def _advance(self, netuid: int, warm: Warm, base: Base) -> Step:
        """Decide, write in one batch, and only then remember."""
        now = self._now(base)
        known = Known(list(base.reports.values()), base.registry, self.policy)
        taken = step(base.chain, known, now, MOST_ROUNDS)
        rounds, chapter = rounds_of(taken, base, self.provenance)
        last_hash = rounds[-1].payload_sha256 if rounds else base.last_hash
        snapshot = snapshot_of(taken, last_hash, base, self.provenance, now)
        self._save(netuid, snapshot, rounds, base, taken)
        self._remember(warm, base, snapshot)
        warm.memory, warm.memory_hash, warm.chapter = taken.chain.memory, last_hash, chapter
        return taken

    def _save(
        self,
        netuid: int,
        snapshot: StoredSnapshot,
        rounds: list[StoredRound],
        base: Base,
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

    def _remember(self, warm: Warm, base: Base, snapshot: StoredSnapshot) -> None:
        """Which reports need not be read again."""
        stamps = warm.stamps | {key: each.received_at for key, each in base.reports.items()}
        again = snapshot.watermark - OVERLAP
        warm.stamps = {key: stamp for key, stamp in stamps.items() if stamp >= again}
        warm.reports = {key: base.reports[key] for key in snapshot.inputs}
        included = warm.included | set(base.reports)
        warm.included = {key for key in included if not self._is_too_old(key)}

    def _now(self, base: Base) -> float:
        """The clock, or the newest stamp where another instance's clock is a little ahead."""
        clock = self.clock()
        stamps = [report.received_at for report in base.reports.values()]
        if base.stored is not None:
            stamps.append(base.stored.computed_at)
        return max([clock, *(at for at in stamps if at < clock + OVERLAP)])

    def _is_too_old(self, report_id: str) -> bool:
        signed_at = signing_time_of(report_id)
        return signed_at is None or self.clock() - signed_at >= self.policy.reporting_window

    def _warm_of(self, netuid: int) -> Warm:
        with self._guard:
            return self._warm.setdefault(netuid, Warm())
