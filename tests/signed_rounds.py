"""A subnet with real signatures, played round by round on a clock of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from quorate_client.signing import sign_btauth

from cli.registry_file import parse
from devtools.simulation import Subnet, demo_subnet
from shared.adapters import signatures
from shared.adapters.bodies import as_report
from shared.adapters.memory import MemoryRegistryStore, MemoryReportLog, MemorySnapshotStore
from shared.domain.policy import Policy
from shared.domain.registry import Registry
from shared.service.archive import Archive
from shared.service.audit import Audit
from shared.service.ports import (
    RegistryStore,
    ReportLog,
    SignedReport,
    SnapshotStore,
    StoredSnapshot,
)
from shared.service.provenance import Provenance
from shared.service.recompute import Recompute
from tests.builders import T0

PATH = "/api/v1/validators/miner-status"


@dataclass
class SignedRounds:
    """Validators of a simulated subnet that report once a round, and everything made of it.

    In memory, if no other stores are given.
    """

    subnet: Subnet = field(default_factory=lambda: demo_subnet(1, 5, 4))
    now: float = T0
    policy: Policy = field(default_factory=Policy)
    netuid: int = 1
    path: str = PATH
    """Where reports are signed for."""
    query: str = "?netuid={netuid}"
    """What follows the path."""
    receiver: str | None = None
    """Whom they are signed for."""
    provenance: Provenance = field(default_factory=lambda: Provenance(default_netuid=1))
    """What the service says of its making."""
    snapshots: SnapshotStore = field(default_factory=MemorySnapshotStore)
    registries: RegistryStore = field(default_factory=MemoryRegistryStore)
    log: ReportLog = field(default_factory=lambda: MemoryReportLog(lambda: T0))

    def __post_init__(self) -> None:
        """Register everyone."""
        neurons = parse(json.dumps(self.subnet.registry())).neurons
        self.registries.save(Registry(self.netuid, T0 - 60, neurons))
        self.recompute = Recompute(
            self.log,
            self.snapshots,
            self.registries,
            self.policy,
            lambda: self.now,
            provenance=self.provenance,
        )
        archive = Archive(self.snapshots, self.registries)
        self.audit = Audit(self.log, archive, as_report)

    def play(self, rounds: int) -> SignedRounds:
        """Let everyone report in so many rounds, and close each."""
        for _ in range(rounds):
            for validator in self.subnet.validators:
                self.now += 1.0
                self.report(validator.uid)
            self.subnet.step()
            self.now = (self.now // 60 + 1) * 60 + 31
            self.recompute(self.netuid)
        return self

    def report(self, uid: int) -> SignedReport:
        """One validator signs and posts its view; gives what is kept."""
        validator = self.subnet.validators[uid]
        statuses = validator.report(self.subnet, self.subnet.rng, self.now)
        body = json.dumps({"validator_uid": uid, "epoch": 1, "miner_statuses": statuses}).encode()
        nonce = round(self.now * 1e6) * 1000
        target = self.path + self.query.format(netuid=self.netuid)
        headers = sign_btauth(
            validator.keypair, "POST", target, body, receiver=self.receiver, nonce=nonce
        )
        netuids = self.netuid, self.netuid
        request = signatures.SignedRequest("POST", (target,), headers, body, *netuids)
        verified = signatures.verify(request, signatures.SignatureRules(), self.now)
        kept = SignedReport(
            report_id=f"{uid}_{verified.nonce}",
            nonce=verified.nonce,
            validator_uid=uid,
            hotkey=verified.hotkey,
            epoch=1,
            signed_at=verified.signed_at,
            received_at=self.now,
            miner_count=len(statuses),
            content_type="application/json",
            body=body,
            body_sha256=verified.body_sha256,
            signature=verified.kept,
            recent=(self.now,),
            expire_at=self.now + 7 * 86_400,
        )
        self.log.create(self.netuid, kept)
        return kept

    @property
    def stored(self) -> StoredSnapshot:
        """The current snapshot."""
        found = self.snapshots.load(self.netuid)
        assert found is not None
        return found

    def file(self, which: int | str) -> str:
        """The snapshot file of a closed round, counted from the first, or of `current`."""
        if which == "current":
            return "".join(self.audit.present(self.netuid).chunks())
        return "".join(self.audit.past(self.netuid, int(T0 // 60) + int(which)).chunks())
