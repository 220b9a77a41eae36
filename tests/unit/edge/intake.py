"""A subnet in memory whose submits are counted, at a time that a test moves."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import Any

from shared.adapters.memory import MemoryRegistryStore, MemoryReportLog
from shared.domain.policy import Policy
from shared.domain.registry import Neuron, Registry
from shared.schemas import JSON
from shared.service.pace import Pace
from shared.service.ports import SignedReport, Verified
from shared.service.registries import Registries
from shared.service.submit import Intake, submit
from tests.unit.edge.hotkeys import MINER, VALIDATOR

T0 = 1_800_000_000.0
NETUID = 1


@dataclass
class CountedLog(MemoryReportLog):
    """A report log that remembers what was asked of it."""

    calls: list[str] = field(default_factory=list)

    def create(self, netuid: int, report: SignedReport) -> None:
        """One write."""
        self.calls.append("create")
        MemoryReportLog.create(self, netuid, report)

    def get(self, netuid: int, report_id: str) -> SignedReport | None:
        """One read."""
        self.calls.append("get")
        return MemoryReportLog.get(self, netuid, report_id)

    def latest_of(self, netuid: int, hotkey: str) -> SignedReport | None:
        """One read."""
        self.calls.append("latest_of")
        return MemoryReportLog.latest_of(self, netuid, hotkey)


@dataclass
class CountedRegistries(MemoryRegistryStore):
    """A registry store that counts its reads."""

    reads: int = 0

    def load(self, netuid: int) -> Registry | None:
        """Two documents."""
        self.reads += 1
        return MemoryRegistryStore.load(self, netuid)


class Subnet:
    """A subnet with one validator (uid 48) whose time a test moves."""

    def __init__(self) -> None:
        """Register the validator."""
        self.now = T0
        self.log = CountedLog(lambda: self.now)
        self.chain = CountedRegistries()
        self.register(Neuron(48, VALIDATOR.address, 5000.0, True), Neuron(7, MINER.address, 1.0))
        self.registries = Registries(self.chain, lambda: self.now)
        self.pace = Pace(limit=3)

    def register(self, *neurons: Neuron) -> None:
        """Replace the registry."""
        self.chain.save(Registry(NETUID, T0, neurons))

    def submit(self, sent: Verified, **changes: Any) -> SignedReport:
        """Submit as a warm instance would."""
        intake = Intake(
            reports=self.log,
            registries=self.registries,
            clock=lambda: self.now,
            policy=Policy(),
            pace=self.pace,
        )
        return submit(replace(intake, **changes), NETUID, sent, JSON)


def verified(nonce: int = 1, epoch: int = 5, **fields: Any) -> Verified:
    batch = {"validator_uid": 48, "epoch": epoch, "miner_statuses": [], **fields}
    body = json.dumps(batch).encode()
    return Verified(
        scheme="btauth/1 sr25519",
        hotkey=VALIDATOR.address,
        nonce=str(nonce),
        signed_at=T0,
        body=body,
        body_sha256=hashlib.sha256(body).hexdigest(),
        kept={"method": "POST"},
    )
