"""Events that are lost, doubled, out of order and late, while the network breaks at random."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.builders import T0
from tests.faults.harm import ONCE, Plan
from tests.faults.instances import deliver
from tests.faults.proxy import Proxy
from tests.faults.subnets import Parts, assert_whole, open_subnet, reports

pytestmark = pytest.mark.emulator


def weather(rng: random.Random) -> Plan:
    """One call in six is harmed."""
    harms = list(ONCE.values())
    return lambda _call: rng.choice(harms) if rng.random() < 1 / 6 else None


def mangled(events: list[str], rng: random.Random) -> Iterator[str]:
    """A third is lost, a third comes twice; nothing keeps its place."""
    several = [event for event in events for _ in range(rng.choice((0, 1, 2)))]
    return iter(rng.sample(several, len(several)))


def test_a_report_that_cannot_be_read_any_more_stops_nobody(direct: Any, netuid: int) -> None:
    """Accepted under older rules, say: it has no vote, and the others have theirs."""
    subnet = open_subnet(direct, netuid)
    first, *others = reports(T0, 1)
    unreadable = replace(first, body=b'{"validator_uid": 48, "miner_statuses": 1}')

    for each in (unreadable, *others):
        subnet.now = each.received_at
        subnet.instance()(netuid, subnet.post(each))

    assert (49, 50, 51) == subnet.payload.resolution.miners[1].validators


@pytest.mark.parametrize("is_warm", [True, False])
def test_a_report_that_becomes_visible_late_is_found_without_its_event(
    is_warm: bool, direct: Any, netuid: int
) -> None:
    """Seconds before the watermark are looked at again, by who was there and by who was not."""
    subnet = open_subnet(direct, netuid)
    first, second, late, last = reports(T0, 1)
    instance = subnet.instance()
    for each in (first, second, last):
        subnet.now = each.received_at
        instance(netuid, subnet.post(each))
    subnet.post(late)
    subnet.now = T0 + 20

    (instance if is_warm else subnet.instance())(netuid)

    assert (48, 49, 50, 51) == subnet.payload.resolution.miners[1].validators
    assert_whole(direct, subnet, [late.report_id])


@pytest.mark.parametrize("seed", range(3))
def test_a_storm_leaves_no_trace(
    seed: int, direct: Any, harmed: Any, proxy: Proxy, netuid: int
) -> None:
    """Two instances, whose events are mangled and whose calls fail; then one sweep."""
    rng = random.Random(seed)
    subnet = open_subnet(direct, netuid)
    instances = [subnet.instance(**Parts.over(harmed).as_dict()) for _ in range(2)]
    proxy.harm(weather(rng))
    due: list[str] = []
    for each in reports(T0, 4):
        subnet.now = each.received_at
        due.append(subnet.post(each))
        if len(due) >= 6:
            taken, due = due[:4], due[4:]
            for event in mangled(taken, rng):
                deliver(rng.choice(instances), netuid, [event])

    subnet.now = T0 + 60 * 4 + 35
    deliver(instances[0], netuid, [None])

    assert proxy.calls > 20
    assert_whole(direct, subnet, [each.report_id for each in subnet.posted])
