"""What the work costs in Firestore operations, counted where they are sent."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.adapters.operations import Operations, counting
from shared.domain.registry import Neuron
from shared.service.recompute import Recompute
from tests.builders import MINER, T0, VALIDATORS, registry, signed
from tests.contract.conftest import firestore_stores
from tests.subnets import Subnet, assert_exact

pytestmark = pytest.mark.emulator


@pytest.fixture
def subnet(firestore_client: Any, netuid: int) -> Subnet:
    """A subnet on the emulator."""
    stores = firestore_stores(firestore_client)
    return Subnet(stores.log, stores.snapshots, stores.registries, netuid)


def cost(recompute: Recompute, subnet: Subnet, report_id: str | None = None) -> Operations:
    """What one call costs."""
    with counting() as operations:
        recompute(subnet.netuid, report_id)
    return operations


def inputs_of(subnet: Subnet) -> tuple[str, ...]:
    """What the current snapshot rests on."""
    stored = subnet.snapshots.load(subnet.netuid)
    assert stored is not None
    return stored.inputs


def test_a_warm_recompute_costs_three_reads_and_one_per_new_report(subnet: Subnet) -> None:
    """The ten seconds before the watermark are counted, not read again."""
    recompute = subnet.instance()
    for uid in VALIDATORS:
        recompute(subnet.netuid, subnet.post(signed(uid, T0)))
    subnet.now = T0 + 20
    first, *_ = [subnet.post(signed(uid, T0 + 20)) for uid in VALIDATORS]
    assert Operations(reads=3 + 1 + 3, writes=1) == cost(recompute, subnet, first)

    subnet.now = T0 + 40
    last = subnet.post(signed(48, T0 + 40))
    assert Operations(reads=3 + 1 + 1, writes=1) == cost(recompute, subnet, last)


def test_what_became_visible_late_is_found_though_no_event_told(subnet: Subnet) -> None:
    """The count differs, so the ten seconds before the watermark are read again."""
    recompute = subnet.instance()
    *others, last = VALIDATORS
    for uid in others:
        recompute(subnet.netuid, subnet.post(signed(uid, T0)))
    late = subnet.post(signed(last, T0 - 5))
    subnet.now = T0 + 1
    next_one = subnet.post(signed(others[0], T0 + 1))

    assert Operations(reads=3 + 1 + 4, writes=1) == cost(recompute, subnet, next_one)
    assert late in inputs_of(subnet)


def test_a_cold_recompute_reads_every_input_once(subnet: Subnet) -> None:
    """Three documents, the inputs, and nothing twice."""
    for uid in VALIDATORS:
        subnet.post(signed(uid, T0 + (uid - 48) * 20))
    subnet.now = T0 + 40
    subnet.instance()(subnet.netuid)

    assert Operations(reads=3 + 3, writes=1) == cost(subnet.instance(), subnet)


def test_closing_a_round_costs_one_more_write(subnet: Subnet) -> None:
    """Snapshot and round go in one batch."""
    recompute = subnet.instance()
    subnet.post(signed(48, T0))
    recompute(subnet.netuid)
    subnet.now = T0 + 90

    assert cost(recompute, subnet).writes == 2


def test_an_included_event_costs_at_most_two_reads(subnet: Subnet) -> None:
    """One read on a cold instance, none on the one that included it, two if it is superseded."""
    recompute = subnet.instance()
    old = subnet.post(signed(48, T0))
    recompute(subnet.netuid, old)

    assert Operations() == cost(recompute, subnet, old)
    assert Operations(reads=1) == cost(subnet.instance(), subnet, old)

    subnet.now = T0 + 270
    recompute(subnet.netuid, subnet.post(signed(48, T0 + 270)))

    assert Operations(reads=2) == cost(subnet.instance(), subnet, old)


def test_an_event_older_than_the_window_costs_nothing(subnet: Subnet) -> None:
    """Its id alone tells."""
    subnet.now = T0 + 86_400

    assert Operations() == cost(subnet.instance(), subnet, signed(48, T0).report_id)


def test_a_burst_is_covered_by_few_recomputes(subnet: Subnet) -> None:
    """Nine reports at once: the first event covers them all, the others read nothing."""
    ids = [subnet.post(signed(uid, T0 + part)) for uid in VALIDATORS for part in (0, 1, 2)]
    subnet.now = T0 + 3
    recompute = subnet.instance()

    outcomes = [recompute(subnet.netuid, report_id) for report_id in ids]

    assert ["recomputed", *["included"] * 8] == outcomes


def test_a_burst_of_64_validators_ends_in_one_snapshot(subnet: Subnet) -> None:
    """64 events at once on one instance: few recomputes, and every validator in the snapshot."""
    validators = tuple(Neuron(uid, f"5validator{uid}", 5000.0, True) for uid in range(100, 164))
    subnet.chain = registry(subnet.netuid, neurons=(Neuron(7, MINER, 100.0), *validators))
    subnet.registries.save(subnet.chain)
    ids = [
        subnet.post(signed(neuron.uid, T0 + neuron.uid / 1000, hotkey=neuron.hotkey))
        for neuron in validators
    ]
    subnet.now = T0 + 1
    recompute = subnet.instance()

    with ThreadPoolExecutor(16) as platform:
        outcomes = list(platform.map(lambda i: recompute(subnet.netuid, i), ids))

    assert outcomes.count("recomputed") <= 2
    assert subnet.payload.resolution.miners[7].validators == tuple(range(100, 164))
    assert_exact(subnet)
