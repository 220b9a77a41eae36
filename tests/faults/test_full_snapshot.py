"""A snapshot as large as it gets, in the document that has to hold it."""

from __future__ import annotations

import random
import string
from typing import Any

import pytest

from shared.service.snapshots import LARGEST_PAYLOAD
from tests.builders import ALICE, BOB, T0, signed, snapshot, status
from tests.faults.subnets import Parts, assert_chain, closed, kept, learnt, open_subnet
from tests.subnets import Subnet

pytestmark = pytest.mark.emulator


NOISE = string.ascii_letters + string.digits + "!#$%&()*+,-./:;<=>?@[]^_{|}~"
"""Characters of one byte, as many as there are: little can be compressed."""


def fill(subnet: Subnet, noise: int) -> None:
    """Two validators report 1,024 miners with so many characters of noise about each."""
    rng = random.Random(noise)
    for first in (100, 612):
        statuses = [
            status(uid, metadata={"x": "".join(rng.choices(NOISE, k=noise))})
            for uid in range(first, first + 512)
        ]
        for uid, key in ((48, ALICE), (49, BOB)):
            subnet.post(signed(uid, T0 + first / 1000, statuses, hotkey=key))


@pytest.mark.parametrize(("noise", "fits"), [(900, True), (1000, False)])
def test_a_full_snapshot_says_less_and_is_saved(
    noise: int, fits: bool, direct: Any, netuid: int
) -> None:
    """Beyond the limit miners lose their metadata; a cold instance goes on from there."""
    subnet = open_subnet(direct, netuid)
    fill(subnet, noise)
    subnet.now = T0 + 5
    subnet.instance()(netuid)
    stored = subnet.snapshots.load(netuid)
    subnet.now = T0 + 95

    assert subnet.instance()(netuid) == "recomputed"

    assert stored is not None
    assert fits == (0.9 * LARGEST_PAYLOAD < len(stored.payload) <= LARGEST_PAYLOAD)
    miners = subnet.payload.resolution.miners
    assert set(range(100, 1124)) == miners.keys()
    assert {("consensus", fits)} == {(m.state, "metadata" in m.values) for m in miners.values()}
    assert sorted(each.report_id for each in kept(direct, netuid)) == learnt(closed(direct, netuid))
    assert_chain(direct, subnet)


def test_the_largest_payload_leaves_room_for_many_inputs(direct: Any, netuid: int) -> None:
    """64 validators of whom each holds its votes by 140 reports: one document takes them all."""
    store = Parts.over(direct).snapshots
    payload = random.Random(1).randbytes(LARGEST_PAYLOAD)
    inputs = tuple(f"{1000 + n % 64}_{round(T0 * 1e9) + n}" for n in range(64 * 140))

    store.save(netuid, snapshot(payload=payload, inputs=inputs), [], None)

    found = store.load(netuid)
    assert found is not None
    assert (payload, inputs) == (found.payload, found.inputs)
