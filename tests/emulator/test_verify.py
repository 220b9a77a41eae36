"""What went through Firestore verifies as what never left the process."""

from __future__ import annotations

from typing import Any

import pytest

from cli.verification import link_all, read, verify
from shared.adapters.operations import counting
from shared.service.explain import PRESENT_SECONDS, Explain
from tests.contract.conftest import firestore_stores
from tests.signed_rounds import SignedRounds

pytestmark = pytest.mark.emulator


@pytest.fixture
def played(firestore_client: Any, netuid: int) -> SignedRounds:
    """Three closed rounds of five validators."""
    stores = firestore_stores(firestore_client)
    made = SignedRounds(
        netuid=netuid, snapshots=stores.snapshots, registries=stores.registries, log=stores.log
    )
    return made.play(3)


def test_rounds_and_snapshot_verify(played: SignedRounds) -> None:
    """Signatures, hashes of stored bytes, results and links: all of them hold."""
    files = [read(played.file(which)) for which in (0, 1, 2, "current")]

    assert [((), 5, 4)] * 4 == [
        (verdict.findings, verdict.signatures, verdict.miners) for verdict in map(verify, files)
    ]
    assert [] == link_all(files)


def test_an_explanation_reads_what_it_needs_once(played: SignedRounds) -> None:
    """Cold: round, registry and inputs; then only new inputs; a round: two documents and inputs."""
    explain = Explain(played.log, played.audit.archive, lambda: played.now)
    uid = played.subnet.miners[0].uid

    stored = played.stored
    with counting() as cold:
        explain.present(played.netuid, stored, uid, sees_all=True)
    played.now += PRESENT_SECONDS
    played.report(0)
    played.recompute(played.netuid)
    stored = played.stored
    with counting() as warm:
        explain.present(played.netuid, stored, uid, sees_all=True)
    with counting() as past:
        explain.past(played.netuid, stored.last_round, uid, sees_all=True)

    assert [1 + 2 + 5, 1 + 2 + 1, 2 + 5] == [cold.reads, warm.reads, past.reads]
