"""A subnet for the dispatch benchmarks: miners whose scores are known, published as a snapshot."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from shared.adapters.memory import MemoryRegistryStore, MemorySnapshotStore
from shared.adapters.memory_dispatch import MemoryLeaseStore, MemoryRecordStore
from shared.domain.policy import Policy
from shared.domain.results import MinerResult, Resolution
from shared.service.assign import Assign
from shared.service.choose import Choose
from shared.service.complete import Complete
from shared.service.dispatch_ports import LeaseStore, RecordStore
from shared.service.ports import SnapshotStore, StoredSnapshot
from shared.service.records import Records
from shared.service.registries import Registries
from shared.service.snapshots import Payload, encode_payload
from shared.service.views import Views

MINERS, CAPACITY = 64, 5
NETUID = 1


def miners(now: float, seed: int = 1, count: int = MINERS) -> list[MinerResult]:
    """Serving miners in consensus as of `now`, with performances of Beta(4, 3)."""
    rng = random.Random(seed)
    return [
        MinerResult(
            uid=uid,
            hotkey=f"hotkey-{uid}",
            state="consensus",
            values={
                "stake": 100.0,
                "is_serving": True,
                "performance_score": round(rng.betavariate(4, 3), 4),
                "current_load": 0.0,
                "max_capacity": float(CAPACITY),
                "ip": f"93.184.216.{uid % 256}",
                "port": 8091,
            },
            confidence=0.9,
            validators=(1, 2, 3),
            last_updated=now,
        )
        for uid in range(count)
    ]


def publish(snapshots: SnapshotStore, results: Iterable[MinerResult], now: float) -> None:
    """Make this the current snapshot of the subnet, whatever it was."""
    resolution = Resolution({result.uid: result for result in results}, (1, 2, 3), 3)
    payload = encode_payload(Payload(resolution, Policy().as_dict(), now))
    current = snapshots.load(NETUID)
    snapshot = StoredSnapshot(
        version=current.version + 1 if current else 1,
        computed_at=now,
        watermark=now,
        inputs=(),
        last_round=-1,
        last_round_hash="",
        closed_through=0,
        total_reports=3,
        total_observations=3,
        latency_ms=None,
        payload=payload,
    )
    snapshots.save(NETUID, snapshot, [], current.revision if current else None)


@dataclass
class Desk:
    """Assign and complete in memory, at a time that the benchmark moves."""

    now: float = 1_800_000_000.0
    snapshots: MemorySnapshotStore = field(default_factory=MemorySnapshotStore)
    leases: LeaseStore = field(default_factory=MemoryLeaseStore)
    records: RecordStore = field(default_factory=MemoryRecordStore)

    def clock(self) -> float:
        """Seconds since 1970."""
        return self.now

    def refresh(self, results: Iterable[MinerResult]) -> None:
        """Publish these miners as reported just now."""
        fresh = [replace(result, last_updated=self.now) for result in results]
        publish(self.snapshots, fresh, self.now)

    def assign(self) -> Assign:
        """An instance of `assign-tasks`."""
        choose = Choose(
            views=Views(self.snapshots, self.clock),
            registries=Registries(MemoryRegistryStore(), self.clock),
            records=Records(self.records, self.clock),
            leases=self.leases,
            clock=self.clock,
        )
        return Assign(
            choose, self.leases, self.clock, lambda: uuid.uuid4().hex, pause=lambda _seconds: None
        )

    def complete(self, *, learn: bool = True) -> Complete:
        """An instance of `complete-task`; one that does not learn gives leases back alone."""
        records = self.records if learn else MemoryRecordStore()
        return Complete(self.leases, records, self.clock, pause=lambda _seconds: None)
