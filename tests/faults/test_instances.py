"""Several instances of the recompute at once, and instances whose clocks disagree."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest

from shared.adapters.memory import MemoryRegistryStore, MemoryReportLog, MemorySnapshotStore
from tests.builders import T0, signed
from tests.faults.instances import Site, outcome, recompute, start
from tests.faults.subnets import assert_consistent, assert_whole, open_subnet, reports
from tests.subnets import Subnet, assert_exact


def run(sites: Sequence[Site], events: Sequence[str | None]) -> None:
    """Each site's instance, a process of its own, takes its share of the events."""
    shares = [list(events[number :: len(sites)]) for number in range(len(sites))]
    processes = [start(recompute, site, share) for site, share in zip(sites, shares, strict=True)]
    assert [0] * len(sites) == [outcome(process) for process in processes]


@pytest.mark.emulator
@pytest.mark.parametrize("instances", [2, 8])
def test_processes_at_once_lose_nothing_and_learn_nothing_twice(
    instances: int, direct: Any, project: str, emulator: str, netuid: int
) -> None:
    """Events and sweeps at the same time, on instances that share nothing but Firestore."""
    subnet = open_subnet(direct, netuid)
    posted = [subnet.post(each) for each in reports(T0, 4)]
    subnet.now = T0 + 60 * 4 + 35
    site = Site(emulator, project, netuid, subnet.now)
    mixed = [event for name in posted for event in (name, None)]
    random.Random(instances).shuffle(mixed)

    run([site] * instances, mixed)

    assert_whole(direct, subnet, posted)


@pytest.mark.emulator
@pytest.mark.parametrize("skew", [5, 60])
def test_clocks_that_disagree_count_nothing_twice(
    skew: int, direct: Any, project: str, emulator: str, netuid: int
) -> None:
    """One instance is ahead, one behind, one right; the next sweep by the right time is exact."""
    subnet = open_subnet(direct, netuid)
    posted: list[str] = []
    for begin in (T0, T0 + 25, T0 + 60, T0 + 85):
        new = [subnet.post(each) for each in reports(begin, 1)]
        posted += new
        times = [begin + 20 + ahead for ahead in (skew, 0, -skew)]
        run([Site(emulator, project, netuid, now) for now in times], [*new, *new, None, None, None])
    subnet.now = T0 + 155

    subnet.instance()(netuid)

    if skew < subnet.policy.round_grace:
        assert_whole(direct, subnet, posted)
    else:  # rounds that the fast one closed too early were learnt from in part
        assert_consistent(direct, subnet, posted)


@pytest.fixture
def subnet() -> Subnet:
    """A subnet in memory, whose store keeps the right time."""
    log = MemoryReportLog(lambda: made.now)
    made: Subnet = Subnet(log, MemorySnapshotStore(), MemoryRegistryStore(), 1)
    return made


def test_an_instance_ahead_of_its_time_drops_nobodys_event(subnet: Subnet) -> None:
    """It closed the round too early: a report of the rest of that round still votes at once."""
    subnet.now = T0 + 40
    subnet.post(signed(48, T0 + 40))
    ahead = subnet.instance()
    subnet.now = T0 + 100
    ahead(1)
    subnet.now = T0 + 41

    assert subnet.instance()(1, subnet.post(signed(49, T0 + 41))) == "recomputed"

    assert subnet.payload.resolution.miners[7].validators == (48, 49)


def test_an_instance_far_behind_drops_nothing_that_it_cannot_see_yet(subnet: Subnet) -> None:
    """Its snapshot shows less; the next one, by the right time, shows all votes again."""
    subnet.post(signed(48, T0 + 25))
    subnet.post(signed(49, T0 + 40))
    for wrong in (T0 + 105, T0 - 20):
        subnet.now = wrong
        subnet.instance()(1)
    subnet.now = T0 + 45

    subnet.instance()(1)

    assert subnet.payload.resolution.miners[7].validators == (48, 49)


def test_an_instance_a_little_behind_does_not_turn_time_back(subnet: Subnet) -> None:
    """What has expired by the snapshot's time stays so."""
    subnet.post(signed(48, T0))
    subnet.post(signed(49, T0 + 200))
    subnet.now = T0 + 301
    subnet.instance()(1)
    subnet.now = T0 + 296

    subnet.instance()(1)

    subnet.now = T0 + 301
    assert subnet.payload.resolution.miners[7].validators == (49,)
    assert_exact(subnet)
