"""Whatever happens to events, the snapshot is what the reports say."""

from __future__ import annotations

import time
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.adapters.memory import MemoryRegistryStore, MemoryReportLog, MemorySnapshotStore
from tests.builders import ALICE, T0, VALIDATORS, signed, status
from tests.subnets import Subnet, assert_exact

posts = st.tuples(
    st.sampled_from(sorted(VALIDATORS)),
    st.integers(0, 600),  # seconds after T0
    st.lists(st.sampled_from([7, 8, 9]), min_size=1, max_size=3, unique=True),
    st.floats(0, 1),
)
deliveries = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 120)), max_size=40)
"""(which report, seconds of delay): any order, twice or never."""


def memory_subnet() -> Subnet:
    """A subnet in memory."""
    return Subnet(MemoryReportLog(time.time), MemorySnapshotStore(), MemoryRegistryStore(), 1)


@given(st.lists(posts, min_size=1, max_size=30, unique_by=lambda p: (p[0], p[1])), deliveries)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_events_in_any_order_twice_or_never_make_the_same_snapshot(
    planned: list[Any], events: list[tuple[int, int]]
) -> None:
    """After a last sweep, memory and snapshot equal a replay of the whole log."""
    subnet = memory_subnet()
    recompute = subnet.instance()
    timeline: list[tuple[float, int, Any]] = []
    for uid, at, miners, score in planned:
        statuses = [status(miner, hotkey=ALICE, performance_score=score) for miner in miners]
        timeline.append((T0 + at, 0, signed(uid, T0 + at, statuses)))
    reports = sorted((entry[2] for entry in timeline), key=lambda report: report.received_at)
    for index, delay in events:
        report = reports[index % len(reports)]
        timeline.append((report.received_at + delay, 1, report.report_id))
    for moment, kind, what in sorted(timeline, key=lambda entry: entry[:2]):
        subnet.now = moment
        if kind == 0:
            subnet.post(what)
        else:
            recompute(subnet.netuid, what)

    subnet.now = T0 + 700
    recompute(subnet.netuid)

    assert_exact(subnet)


@given(st.lists(posts, min_size=1, max_size=20, unique_by=lambda p: (p[0], p[1])))
@settings(max_examples=30, deadline=None)
def test_a_cold_instance_finds_what_a_warm_one_knows(planned: list[Any]) -> None:
    """Restarting before every event changes nothing."""
    warm, cold = memory_subnet(), memory_subnet()
    recompute = warm.instance()
    for uid, at, miners, score in sorted(planned, key=lambda post: post[1]):
        statuses = [status(miner, hotkey=ALICE, performance_score=score) for miner in miners]
        for subnet in (warm, cold):
            subnet.now = T0 + at
            subnet.post(signed(uid, T0 + at, statuses))
        recompute(warm.netuid, warm.posted[-1].report_id)
        cold.instance()(cold.netuid, cold.posted[-1].report_id)

    assert warm.payload == cold.payload
    assert warm.memory == cold.memory
