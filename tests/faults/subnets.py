"""A small subnet on the emulator, what to post in it, and what must be true of it afterwards."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from shared.adapters import documents
from shared.adapters.bodies import as_report
from shared.adapters.firestore import (
    FirestoreRegistryStore,
    FirestoreReportLog,
    FirestoreSnapshotStore,
)
from shared.domain.learn import decay
from shared.domain.registry import Neuron
from shared.domain.resolve import resolve
from shared.domain.rounds import round_of
from shared.domain.votes import votes_at
from shared.service.encoding import digest, unpack
from shared.service.ports import SignedReport, StoredRound
from shared.ss58 import encode
from tests.builders import ALICE, BOB, CHARLIE, DAVE, T0, registry, signed, status
from tests.subnets import Subnet, assert_exact, assert_shows

KEYS = {48: ALICE, 49: BOB, 50: CHARLIE, 51: DAVE}
"""uid → hotkey of the four validators."""
MINERS = {uid: encode(uid.to_bytes(32, "big")) for uid in range(1, 9)}
"""uid → hotkey of the eight miners."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The three stores over one client."""

    log: FirestoreReportLog
    snapshots: FirestoreSnapshotStore
    registries: FirestoreRegistryStore

    @classmethod
    def over(cls, client: Any) -> Parts:
        """All of them."""
        return cls(
            FirestoreReportLog(client),
            FirestoreSnapshotStore(client),
            FirestoreRegistryStore(client),
        )

    def as_dict(self) -> dict[str, Any]:
        """As `Subnet.instance` takes them."""
        return {"log": self.log, "snapshots": self.snapshots, "registries": self.registries}


def open_subnet(client: Any, netuid: int) -> Subnet:
    """Four validators of equal stake, eight miners, no report."""
    validators = [Neuron(uid, key, 5000.0, True) for uid, key in KEYS.items()]
    miners = [Neuron(uid, key, 100.0) for uid, key in MINERS.items()]
    chain = registry(netuid, neurons=(*miners, *validators))
    return Subnet(**Parts.over(client).as_dict(), netuid=netuid, chain=chain)


def report(uid: int, at: float, rng: random.Random) -> SignedReport:
    """One validator's view of all miners."""
    statuses = [
        status(miner, hotkey=key, performance_score=round(rng.random(), 3))
        for miner, key in MINERS.items()
    ]
    return signed(uid, at, statuses, hotkey=KEYS[uid])


def reports(begin: float, rounds: int) -> Iterator[SignedReport]:
    """One report of each validator in each of some rounds."""
    rng = random.Random(begin)
    for number, (place, uid) in itertools.product(range(rounds), enumerate(KEYS)):
        yield report(uid, begin + 60 * number + 5 * place, rng)


def with_history(client: Any, netuid: int) -> tuple[Subnet, list[str]]:
    """A subnet with a closed round and a snapshot; since then every validator reported again.

    Gives the ids of the new reports too. The next recompute closes a second round.
    """
    subnet = open_subnet(client, netuid)
    for each in reports(T0, 2):
        subnet.post(each)
    subnet.now = T0 + 95
    subnet.instance()(netuid)
    new = [subnet.post(each) for each in reports(T0 + 120, 1)]
    subnet.now = T0 + 155
    return subnet, new


def kept(client: Any, netuid: int) -> list[SignedReport]:
    """Every report in the log."""
    found = client.collection("subnets", str(netuid), "validator_reports").stream()
    return [documents.to_report(each.id, each.to_dict(), each.create_time) for each in found]


def closed(client: Any, netuid: int) -> list[StoredRound]:
    """Every closed round, the first one first."""
    found = client.collection("subnets", str(netuid), "rounds").stream()
    return sorted((documents.to_round(each.to_dict()) for each in found), key=lambda r: r.round)


def learnt(rounds: Iterable[StoredRound]) -> list[str]:
    """Ids of the reports that these rounds were learnt from, ascending."""
    return sorted(name for each in rounds for name in unpack(each.payload)["received"])


def assert_whole(client: Any, subnet: Subnet, answered: Iterable[str]) -> None:
    """Every answered report is kept; snapshot and memory are what the whole log says; each report
    of a closed round was learnt from once, in an unbroken chain.
    """
    subnet.posted = kept(client, subnet.netuid)

    assert set(answered) <= {each.report_id for each in subnet.posted}
    assert_exact(subnet)
    assert_chain(client, subnet)
    last = round_of(subnet.now - subnet.policy.round_grace, subnet.policy) - 1
    due = [r.report_id for r in subnet.posted if round_of(r.received_at, subnet.policy) <= last]
    stored = subnet.snapshots.load(subnet.netuid)
    assert stored is not None
    assert sorted(due) == learnt(closed(client, subnet.netuid))
    assert len(subnet.posted) == stored.total_reports
    assert sum(each.miner_count for each in subnet.posted) == stored.total_observations


def assert_consistent(client: Any, subnet: Subnet, answered: Iterable[str]) -> None:
    """Every answered report is kept; the snapshot is what they and the last round's memory say; no
    report was learnt from twice, in an unbroken chain.
    """
    posted = kept(client, subnet.netuid)
    votes = votes_at(map(as_report, posted), subnet.chain, subnet.policy, subnet.now)
    stored = subnet.snapshots.load(subnet.netuid)
    assert stored is not None
    memory = decay(subnet.memory, stored.closed_through, subnet.policy)

    assert set(answered) <= {each.report_id for each in posted}
    assert_shows(subnet, resolve(votes, subnet.chain, memory, subnet.policy, subnet.now))
    assert_chain(client, subnet)


def assert_chain(client: Any, subnet: Subnet) -> None:
    """Each round names the hash of the one before, the snapshot that of the last, and no report is
    in two of them.
    """
    rounds = closed(client, subnet.netuid)
    stored = subnet.snapshots.load(subnet.netuid)
    assert stored is not None
    names = learnt(rounds)

    assert [digest(each.payload) for each in rounds] == [each.payload_sha256 for each in rounds]
    links = ["", *(each.payload_sha256 for each in rounds)]
    assert links == [*(each.previous_hash for each in rounds), stored.last_round_hash]
    assert len(set(names)) == len(names)
