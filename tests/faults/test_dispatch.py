"""Assign and complete, when the network or Firestore fails at any of their calls."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import pytest

from shared.adapters.firestore_dispatch import FirestoreLeaseStore, FirestoreRecordStore
from shared.service.choose import Task
from shared.service.ports import StoreError
from tests.dispatching import Dispatch, miner, uids_of
from tests.faults.harm import ONCE, Lose, at
from tests.faults.proxy import Proxy

pytestmark = pytest.mark.emulator

T = TypeVar("T")
MINERS = range(1, 5)


def desks(direct: Any, harmed: Any, netuid: int) -> tuple[Dispatch, Dispatch]:
    """The same subnet twice: as it is, and by way of the proxy."""
    healthy, other = (
        Dispatch(netuid, leases=FirestoreLeaseStore(each), records=FirestoreRecordStore(each))
        for each in (direct, harmed)
    )
    healthy.know(map(miner, MINERS))
    return healthy, replace(other, snapshots=healthy.snapshots, registries=healthy.registries)


def persist(ask: Callable[[], T]) -> T:
    """Ask until there is an answer, as a sender would."""
    while True:
        try:
            return ask()
        except StoreError:
            continue


def live(desk: Dispatch) -> list[int]:
    """uids of the miners with live leases, one for each lease, ascending."""
    return [uid for uid in MINERS for _ in range(desk.live(uid))]


@pytest.mark.parametrize("name", ONCE)
def test_a_failure_at_any_call_of_an_assignment_leases_each_place_once(
    name: str, direct: Any, harmed: Any, proxy: Proxy, netuid: int
) -> None:
    """The same key again gives the same leases; no other is live."""
    for number in itertools.count(1):
        healthy, desk = desks(direct, harmed, 1000 * netuid + number)
        key = uuid.uuid4().hex
        proxy.harm(at(number, ONCE[name]))

        made = persist(partial(desk.assigner(), desk.netuid, Task(), key))

        assert sorted(uids_of(made)) == live(healthy)
        if proxy.calls < number:
            break
    assert number > 3


@pytest.mark.parametrize("name", ONCE)
def test_a_failure_at_any_call_of_a_completion_frees_and_counts_once(
    name: str, direct: Any, harmed: Any, proxy: Proxy, netuid: int
) -> None:
    """The results again, if need be: no place stays taken, no outcome is learnt twice."""
    for number in itertools.count(1):
        healthy, desk = desks(direct, harmed, 1000 * netuid + number)
        made = healthy.assigner()(desk.netuid, Task())
        proxy.harm(at(number, ONCE[name]))

        done = persist(partial(desk.complete, made))

        assert dict.fromkeys(sorted(uids_of(made)), "success") == done.assignment.results
        assert [] == live(healthy)
        served = [record.served for record in healthy.records.since(desk.netuid, 0)]
        # None where the write of the outcomes lost its answer: they stand, and are not learnt.
        assert served in ([1.0] * 3, [])
        if proxy.calls < number:
            break
    assert number > 4


def test_a_place_taken_by_a_write_whose_answer_was_lost_is_not_lost(
    direct: Any, harmed: Any, proxy: Proxy, netuid: int
) -> None:
    """Where places are taken one by one, too."""
    healthy, desk = desks(direct, harmed, netuid)
    assign = desk.assigner()
    choice = assign.choose(netuid, Task(count=1), uuid.uuid4().hex)
    lease, place = choice.pairs[0]
    proxy.harm(at(1, Lose()))

    assert assign._take(netuid, lease, place)

    assert [lease.uid] == live(healthy)
