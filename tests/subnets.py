"""A subnet under test: stores of any kind, a clock that tests move, recomputing instances."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from shared.adapters.bodies import as_report
from shared.domain.learn import decay, learn
from shared.domain.memory import EMPTY, Memory
from shared.domain.policy import Policy
from shared.domain.registry import Registry
from shared.domain.reports import Report
from shared.domain.resolve import resolve
from shared.domain.results import Resolution
from shared.domain.rounds import round_of
from shared.domain.votes import votes_at
from shared.service.ports import RegistryStore, ReportLog, SignedReport, SnapshotStore
from shared.service.recompute import Recompute
from shared.service.round_documents import memory_of
from shared.service.snapshots import Payload, decode_payload, encode_resolution
from tests.builders import T0, registry


@dataclass
class Subnet:
    """One subnet, its stores and its time."""

    log: ReportLog
    snapshots: SnapshotStore
    registries: RegistryStore
    netuid: int
    policy: Policy = field(default_factory=Policy)
    now: float = T0
    chain: Registry = field(default_factory=registry)
    posted: list[SignedReport] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Register the neurons."""
        self.chain = replace(self.chain, netuid=self.netuid)
        self.registries.save(self.chain)

    def instance(self, **changes: Any) -> Recompute:
        """A new, cold instance of the recompute function; `changes` replace its stores."""
        parts: dict[str, Any] = {
            "log": self.log,
            "snapshots": self.snapshots,
            "registries": self.registries,
            "pause": lambda _seconds: None,
        }
        return Recompute(**{**parts, **changes}, policy=self.policy, clock=lambda: self.now)

    def post(self, report: SignedReport) -> str:
        """Accept a report as submit would, and give its id."""
        self.log.create(self.netuid, report)
        self.posted.append(report)
        return report.report_id

    @property
    def payload(self) -> Payload:
        """The current snapshot, decoded."""
        stored = self.snapshots.load(self.netuid)
        assert stored is not None
        return decode_payload(stored.payload)

    @property
    def memory(self) -> Memory:
        """The memory of the last closed round."""
        stored = self.snapshots.load(self.netuid)
        assert stored is not None
        closed = self.snapshots.load_round(self.netuid, stored.last_round)
        return memory_of(closed) if closed else EMPTY

    def replayed(self) -> tuple[Memory, Resolution]:
        """Memory and resolution from the whole log, one round after the other: the obvious way."""
        reports = [as_report(report) for report in self.posted]
        last = round_of(self.now - self.policy.round_grace, self.policy) - 1
        memory = EMPTY
        for number in sorted({round_of(r.received_at, self.policy) for r in reports}):
            if number <= last:
                memory = self._closed(number, memory, reports)
        present = decay(memory, max(memory.round, last), self.policy)
        return memory, self._resolved(reports, present, self.now)

    def _closed(self, number: int, memory: Memory, reports: list[Report]) -> Memory:
        end = self.policy.round_end(number)
        known = [r for r in reports if r.received_at < end]
        received = [r for r in known if round_of(r.received_at, self.policy) == number]
        before = decay(memory, number - 1, self.policy) if memory.round < number - 1 else memory
        resolution = self._resolved(known, before, end)
        votes = votes_at(known, self.chain, self.policy, end)
        return learn(memory, number, received, resolution, votes, self.policy)

    def _resolved(self, reports: list[Report], memory: Memory, now: float) -> Resolution:
        votes = votes_at(reports, self.chain, self.policy, now)
        return resolve(votes, self.chain, memory, self.policy, now)


def assert_exact(subnet: Subnet) -> None:
    """Snapshot and memory equal a replay of the whole log."""
    memory, resolution = subnet.replayed()

    assert_shows(subnet, resolution)
    assert memory == subnet.memory


def assert_shows(subnet: Subnet, resolution: Resolution) -> None:
    """The snapshot holds this resolution."""
    assert _approximately(_plain(resolution)) == _plain(subnet.payload.resolution)


def _plain(resolution: Resolution) -> Any:
    return json.loads(json.dumps(encode_resolution(resolution)))


def _approximately(value: Any) -> Any:
    """The same value with floats that compare within 1e-6, at any depth."""
    if isinstance(value, float):
        return pytest.approx(value, abs=1e-6)
    if isinstance(value, Mapping):
        return {key: _approximately(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_approximately(entry) for entry in value]
    return value
