"""A subnet that work is handed out in: miners by consensus, stores of any kind, a clock that tests
move, and as many instances of the functions as a test wants.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.adapters.memory import MemoryRegistryStore, MemorySnapshotStore
from shared.adapters.memory_dispatch import MemoryLeaseStore, MemoryRecordStore
from shared.domain.dispatch.records import Outcome
from shared.domain.policy import Policy
from shared.domain.registry import Neuron, Registry
from shared.domain.results import MinerResult, Resolution
from shared.service.assign import Assign
from shared.service.choose import Choose
from shared.service.complete import Complete, Completion, Report
from shared.service.dead_letters import Bury
from shared.service.dispatch_ports import Assignment, LeaseStore, PlaceName, RecordStore
from shared.service.ports import RegistryStore, SnapshotStore
from shared.service.records import Records
from shared.service.registries import Registries
from shared.service.snapshots import Payload, encode_payload
from shared.service.views import Views
from tests.builders import T0, snapshot

CAPACITY = 5


def hotkey(uid: int) -> str:
    """A name that stands for the miner's hotkey."""
    return f"hotkey-of-{uid}"


def miner(uid: int, **changes: Any) -> MinerResult:
    """A serving miner in consensus; keyword arguments replace its values."""
    state = changes.pop("state", "consensus")
    values = {
        "stake": 100.0,
        "is_serving": True,
        "performance_score": 0.8,
        "current_load": 0.0,
        "max_capacity": float(CAPACITY),
        "ip": f"93.184.{uid // 256}.{uid % 256}",
        "port": 8091,
        **changes,
    }
    return MinerResult(
        uid=uid,
        hotkey=hotkey(uid),
        state=state,
        values={name: value for name, value in values.items() if value is not None},
        confidence=0.9,
        validators=(48, 49),
        last_updated=T0,
    )


@dataclass
class Dispatch:
    """One subnet and what hands out its miners."""

    netuid: int = 1
    snapshots: SnapshotStore = field(default_factory=MemorySnapshotStore)
    registries: RegistryStore = field(default_factory=MemoryRegistryStore)
    leases: LeaseStore = field(default_factory=MemoryLeaseStore)
    records: RecordStore = field(default_factory=MemoryRecordStore)
    policy: Policy = field(default_factory=Policy)
    now: float = T0
    revision: Any = None

    def clock(self) -> float:
        """The test's time."""
        return self.now

    def know(self, miners: Iterable[MinerResult], owners: Mapping[int, str] | None = None) -> None:
        """Publish a snapshot of these miners, and who owns them."""
        results = {result.uid: result for result in miners}
        payload = Payload(Resolution(results, (48, 49), 2), self.policy.as_dict(), T0)
        stored = snapshot(payload=encode_payload(payload))
        self.revision = self.snapshots.save(self.netuid, stored, [], self.revision)
        coldkeys = owners or {}
        neurons = tuple(
            Neuron(uid, hotkey(uid), 100.0, coldkey=coldkeys.get(uid)) for uid in results
        )
        self.registries.save(Registry(self.netuid, T0, neurons))

    def assigner(self, leases: LeaseStore | None = None) -> Assign:
        """A new, cold instance of `assign-tasks`, which may see other leases than the desk's."""
        seen = leases or self.leases
        choose = Choose(
            views=Views(self.snapshots, self.clock),
            registries=Registries(self.registries, self.clock),
            records=Records(self.records, self.clock),
            leases=seen,
            clock=self.clock,
        )
        return Assign(
            choose, seen, self.clock, lambda: uuid.uuid4().hex, pause=lambda _seconds: None
        )

    def complete(
        self, assignment: Assignment, outcome: Outcome = "success", *uids: int, ms: float = 100
    ) -> Completion:
        """Report this outcome of some of the miners, all of them by default."""
        reported = uids or tuple(lease.uid for lease in assignment.leases)
        complete = Complete(self.leases, self.records, self.clock, lambda _seconds: None)
        reports = {uid: Report(outcome, ms / 1000) for uid in reported}
        return complete(self.netuid, assignment.assignment_id, reports)

    def bury(self) -> Any:
        """What a sweep does about assignments."""
        return Bury(self.leases, self.clock)(self.netuid)

    def live(self, uid: int, places: int = CAPACITY) -> int:
        """Live leases of a miner, by looking at its places and at more than it may have."""
        names = [PlaceName(uid, hotkey(uid), number) for number in range(2 * places)]
        found = self.leases.look(self.netuid, names)
        return sum(not place.is_free(self.now) for place in found)


def uids_of(assignment: Assignment) -> list[int]:
    """Who was chosen, in order."""
    return [lease.uid for lease in assignment.leases]
