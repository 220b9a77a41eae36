"""Recompute, when the network or Firestore fails at any of its calls."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.service.ports import SignedReport
from tests.builders import T0
from tests.faults.harm import ONCE, Lose, Slow, at
from tests.faults.instances import deliver
from tests.faults.proxy import Proxy
from tests.faults.subnets import Parts, assert_whole, open_subnet, reports, with_history
from tests.subnets import Subnet

pytestmark = pytest.mark.emulator


@pytest.fixture
def subnets(direct: Any, netuid: int) -> Iterator[tuple[Subnet, list[str]]]:
    """Subnets with a history, one after the other."""
    return (with_history(direct, number) for number in itertools.count(1000 * netuid))


def open_round(client: Any, netuid: int) -> tuple[Subnet, SignedReport]:
    """A subnet with a snapshot and no round that could be closed, and a report to come."""
    subnet = open_subnet(client, netuid)
    *early, late = reports(T0, 1)
    for each in early:
        subnet.now = each.received_at
        subnet.instance()(netuid, subnet.post(each))
    subnet.now = late.received_at
    return subnet, late


@pytest.mark.parametrize("name", ONCE)
def test_a_failure_at_any_call_of_a_recompute_leaves_no_trace(
    name: str,
    direct: Any,
    harmed: Any,
    proxy: Proxy,
    subnets: Iterator[tuple[Subnet, list[str]]],
) -> None:
    """The event is delivered again if need be, and the snapshot is what the log says."""
    for number in itertools.count(1):
        subnet, new = next(subnets)
        recompute = subnet.instance(**Parts.over(harmed).as_dict())
        proxy.harm(at(number, ONCE[name]))

        deliver(recompute, subnet.netuid, [*new, None])

        assert_whole(direct, subnet, new)
        if proxy.calls < number:
            break
    assert number > 4


def test_a_slow_write_that_was_overtaken_is_made_again(
    direct: Any, harmed: Any, proxy: Proxy, subnets: Iterator[tuple[Subnet, list[str]]]
) -> None:
    """Another instance writes while it is under way: it reads again, and closes no round twice."""
    twin, _ = next(subnets)
    twin.instance(**Parts.over(harmed).as_dict())(twin.netuid)
    last = proxy.calls  # which writes
    subnet, new = next(subnets)
    proxy.harm(at(last, Slow(1.0)))
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(subnet.instance(**Parts.over(harmed).as_dict()), subnet.netuid)
        while proxy.calls < last:
            time.sleep(0.01)
        subnet.instance()(subnet.netuid, new[0])

        assert slow.result() == "recomputed"
    assert proxy.calls > last
    assert_whole(direct, subnet, new)


def test_a_slow_write_undoes_nothing_where_no_round_is_closed(
    direct: Any, harmed: Any, proxy: Proxy, netuid: int
) -> None:
    """A report that came meanwhile, and is in the snapshot, stays in it."""
    twin, _ = open_round(direct, 1000 * netuid)
    twin.instance(**Parts.over(harmed).as_dict())(twin.netuid)
    last = proxy.calls  # which writes
    subnet, late = open_round(direct, netuid)
    proxy.harm(at(last, Slow(1.0)))
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(subnet.instance(**Parts.over(harmed).as_dict()), netuid)
        while proxy.calls < last:
            time.sleep(0.01)
        subnet.instance()(netuid, subnet.post(late))

        assert slow.result() == "recomputed"
    assert proxy.calls > last
    assert_whole(direct, subnet, [late.report_id])


def test_many_reports_come_in_whole_over_a_line_that_keeps_breaking(
    direct: Any, harmed: Any, proxy: Proxy, netuid: int
) -> None:
    """A query that breaks off goes on where it stopped: no report twice, and none left out."""
    subnet = open_subnet(direct, netuid)
    posted = [subnet.post(each) for each in reports(T0, 20)]
    proxy.harm(lambda call: Lose(after=5_000) if call < 4 else None)

    found = Parts.over(harmed).log.since(netuid, T0)

    assert proxy.calls > 2
    assert sorted(posted) == sorted(each.report_id for each in found)
