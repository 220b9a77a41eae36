"""What accepted reports of a hostile validator can do to a subnet: nothing that lasts."""

from __future__ import annotations

import base64
import random
import time
from typing import Any

import pytest

from shared.adapters.memory import MemoryRegistryStore, MemoryReportLog, MemorySnapshotStore
from shared.domain.ranking import rank
from shared.service.snapshots import LARGEST_PAYLOAD
from tests.builders import MINER, T0, VALIDATORS, signed, status
from tests.subnets import Subnet, assert_exact

ATTACKER = 50
FIRESTORE_DOCUMENT = 1024 * 1024


@pytest.fixture
def subnet() -> Subnet:
    """Three validators of equal stake; the chain knows one miner, at uid 7."""
    return Subnet(MemoryReportLog(time.time), MemorySnapshotStore(), MemoryRegistryStore(), 1)


def post(subnet: Subnet, uid: int, at: float, statuses: list[dict[str, Any]]) -> None:
    """A report and its event."""
    subnet.now = at
    report_id = subnet.post(signed(uid, at, statuses))
    subnet.instance()(1, report_id)


def without_label(uid: int) -> dict[str, Any]:
    """A status that leaves `is_serving` out."""
    return {key: value for key, value in status(uid).items() if key != "is_serving"}


def test_a_turncoat_that_votes_alone_on_a_field_stops_nothing(subnet: Subnet) -> None:
    """First inverted labels, then true ones and one where the others abstain."""
    for minute in range(6):
        for uid in VALIDATORS:
            serving = not (uid == ATTACKER and minute == 0)
            entries = [status(miner, is_serving=serving) for miner in range(10, 20)]
            alone = status(9) if uid == ATTACKER and minute else without_label(9)
            post(subnet, uid, T0 + 60 * minute + uid / 10, [*entries, alone])

    subnet.now = T0 + 60 * 7
    assert subnet.instance()(1) == "recomputed"

    assert_exact(subnet)


def test_only_quarantine_takes_a_vote_away(subnet: Subnet) -> None:
    """However wrong it was, without a reason its reputation is above 0 and it counts."""
    for uid in VALIDATORS:
        entries = [status(miner, is_serving=uid != ATTACKER) for miner in range(10, 20)]
        post(subnet, uid, T0 + uid / 10, entries)
    subnet.now = T0 + 91
    subnet.instance()(1)

    liar = subnet.memory.validators[VALIDATORS[ATTACKER]]
    assert liar.quarantine == ""
    assert liar.reputation > 0


def test_invented_miners_never_outgrow_a_document(subnet: Subnet) -> None:
    """Thousands of uids with incompressible metadata: the snapshot and the rounds still fit."""
    rng = random.Random(1)
    for part in range(6):
        noise = [base64.b64encode(rng.randbytes(600)).decode() for _ in range(450)]
        invented = [
            {"uid": 1000 + 450 * part + index, "hotkey": MINER, "metadata": {"x": text}}
            for index, text in enumerate(noise)
        ]
        post(subnet, ATTACKER, T0 + part, invented)
    for uid in (48, 49):
        post(subnet, uid, T0 + 10, [status()])
    subnet.now = T0 + 91
    subnet.instance()(1)

    stored = subnet.snapshots.load(1)
    assert stored is not None
    closed = subnet.snapshots.load_round(1, stored.last_round)
    assert closed is not None
    assert len(stored.payload) <= LARGEST_PAYLOAD
    assert len(closed.payload) < FIRESTORE_DOCUMENT
    miners = subnet.payload.resolution.miners
    assert len(miners) <= 2 * subnet.policy.max_miners
    assert miners[7].state == "consensus"
    assert miners[7].values["performance_score"] == pytest.approx(0.8)


def test_a_miner_that_the_chain_does_not_know_gets_no_work(subnet: Subnet) -> None:
    """Two validators agree about a uid that does not exist: consensus, and never active."""
    for uid in (48, 49):
        entries = [status(), status(999, ip="6.6.6.6", port=6)]
        post(subnet, uid, T0, entries)

    ranking = rank(subnet.payload.resolution, subnet.policy)

    assert [7] == [miner.result.uid for miner in ranking.miners if miner.is_active]
    assert not subnet.payload.resolution.miners[999].is_assignable
