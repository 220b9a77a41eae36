"""What handing out work costs in Firestore operations, counted where they are sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shared.adapters.operations import Operations, counting
from shared.service.choose import Task
from tests.contract.test_dispatch import KEY, firestore_desk
from tests.dispatching import Dispatch, miner

pytestmark = pytest.mark.emulator


@pytest.fixture
def desk(firestore_client: Any, netuid: int) -> Dispatch:
    """Twenty idle miners of five places each."""
    desk = firestore_desk(firestore_client, netuid)
    desk.know(map(miner, range(1, 21)))
    return desk


def cost(work: Callable[[], object]) -> Operations:
    """What one call costs."""
    with counting() as operations:
        work()
    return operations


def test_an_assignment_reads_the_places_of_the_chosen_alone(desk: Dispatch) -> None:
    """Five places of each of three miners, and a write for each lease and the assignment; the
    first call of an instance reads the records as well.
    """
    assign = desk.assigner()

    cold = cost(lambda: assign(desk.netuid, Task(mode="best")))
    warm = cost(lambda: assign(desk.netuid, Task(exclude=frozenset({1, 2, 3}))))

    assert Operations(reads=1 + 3 * 5, writes=3 + 1) == cold
    assert Operations(reads=3 * 5, writes=3 + 1) == warm


def test_an_idempotency_key_costs_one_read_more_and_its_repetition_one_read(
    desk: Dispatch,
) -> None:
    """The assignment's own document."""
    assign = desk.assigner()
    assign(desk.netuid, Task())

    first = cost(lambda: assign(desk.netuid, Task(count=1), KEY))

    assert first.reads >= 1 + 5
    assert Operations(reads=1) == cost(lambda: assign(desk.netuid, Task(count=1), KEY))


def test_results_free_the_places_without_reading_them(desk: Dispatch) -> None:
    """The assignment's creation time is the places' revision: 1 read and 1 write for it, 1 write
    for each place, 1 read and 1 write for each record.
    """
    assignment = desk.assigner()(desk.netuid, Task())

    assert Operations(reads=1 + 3, writes=1 + 3 + 3) == cost(lambda: desk.complete(assignment))
    assert Operations(reads=1) == cost(lambda: desk.complete(assignment))


def test_a_sweep_costs_two_reads_when_nothing_was_lost(desk: Dispatch) -> None:
    """And a read and a write for each dead letter, with one write for their number."""
    assign = desk.assigner()
    assert Operations(reads=2) == cost(desk.bury)

    for _ in range(3):
        assign(desk.netuid, Task(count=1, lease_seconds=10))
    desk.now += 11

    assert Operations(reads=3 + 1, writes=3 + 1) == cost(desk.bury)


def test_following_the_records_reads_what_changed(desk: Dispatch) -> None:
    """A new instance reads them all; after that, those with results since it last looked."""
    desk.complete(desk.assigner()(desk.netuid, Task(count=12)))
    desk.now += 10
    assign = desk.assigner()
    assert Operations(reads=12) == cost(lambda: assign.choose.records.of(desk.netuid))
    assert Operations() == cost(lambda: assign.choose.records.of(desk.netuid))

    desk.now += 10
    desk.complete(desk.assigner()(desk.netuid, Task(count=2)))

    assert Operations(reads=2) == cost(lambda: assign.choose.records.of(desk.netuid))
