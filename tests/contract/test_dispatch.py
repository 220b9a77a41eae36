"""Assign and complete over every store: what must hold whatever keeps the leases."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.service.assign import Assign, KeyReused
from shared.service.choose import Task
from shared.service.complete import NotAssigned, UnknownAssignment
from shared.service.dispatch_ports import Assignment, LeaseStore, Place
from shared.service.ports import Conflict
from tests.dispatching import CAPACITY, Dispatch, miner, uids_of

KEY = "0123456789abcdef0123456789abcdef"


class Delegate:
    """A lease store that leaves all but `open` to another."""

    def __init__(self, store: LeaseStore) -> None:
        """Everything else is the store's."""
        self._store = store
        self.take, self.look, self.find = store.take, store.look, store.find
        self.settle, self.overdue = store.settle, store.overdue
        self.bury, self.dead_letters = store.bury, store.dead_letters


class Deaf(Delegate):
    """A lease store whose answers get lost on the way."""

    def open(self, netuid: int, assignment: Assignment, places: Sequence[Place] | None) -> None:
        """Write, and fail as if it was written twice."""
        self._store.open(netuid, assignment, places)
        self._store.open(netuid, assignment, places)


class Rival(Delegate):
    """A lease store in which somebody else is always faster than an assignment of several."""

    raced = 0

    def open(self, netuid: int, assignment: Assignment, places: Sequence[Place] | None) -> None:
        """Refuse whoever comes with places to take."""
        if places is not None:
            self.raced += 1
            raise Conflict("somebody else was faster")
        self._store.open(netuid, assignment, None)


@pytest.fixture(params=["memory", pytest.param("firestore", marks=pytest.mark.emulator)])
def desk(request: pytest.FixtureRequest, netuid: int) -> Dispatch:
    """A subnet without miners over the stores under test."""
    if request.param == "memory":
        return Dispatch(netuid)
    return firestore_desk(request.getfixturevalue("firestore_client"), netuid)


def firestore_desk(client: Any, netuid: int) -> Dispatch:
    """The same over Firestore; snapshot and registry stay in memory."""
    from shared.adapters import firestore_dispatch  # noqa: PLC0415 - heavy, and only here

    return Dispatch(
        netuid,
        leases=firestore_dispatch.FirestoreLeaseStore(client),
        records=firestore_dispatch.FirestoreRecordStore(client),
    )


def test_an_assignment_leases_a_place_of_each_miner(desk: Dispatch) -> None:
    """Three miners, three leases, all to end at the same time."""
    desk.know(map(miner, range(1, 6)))

    assignment = desk.assigner()(desk.netuid, Task())

    assert 3 == len(set(uids_of(assignment)))
    assert {desk.now + 60} == {lease.expires_at for lease in assignment.leases}
    assert [1, 1, 1] == [desk.live(uid) for uid in uids_of(assignment)]


def test_without_miners_the_assignment_is_empty_and_not_kept(desk: Dispatch) -> None:
    """Before the first snapshot, and with a subnet of none."""
    nobody = desk.assigner()(desk.netuid, Task(), KEY)
    desk.know([])
    still_nobody = desk.assigner()(desk.netuid, Task(), KEY)

    assert () == nobody.leases == still_nobody.leases
    assert desk.leases.find(desk.netuid, KEY) is None


def test_a_capacity_is_never_exceeded(desk: Dispatch) -> None:
    """The sixth lease of five places is not given, and a released one is given again."""
    desk.know([miner(7)])
    assign = desk.assigner()
    made = [assign(desk.netuid, Task(count=1)) for _ in range(CAPACITY + 1)]

    assert [[7]] * CAPACITY + [[]] == [uids_of(assignment) for assignment in made]
    desk.complete(made[0])
    desk.now += 1
    assert [7] == uids_of(assign(desk.netuid, Task(count=1)))
    assert desk.live(7) == CAPACITY


def test_a_full_miner_is_skipped_for_the_next(desk: Dispatch) -> None:
    """The best miner has no place left: the second best is handed out."""
    desk.know([miner(1, performance_score=1.0, max_capacity=1.0), miner(2, performance_score=0.2)])
    assign = desk.assigner()

    chosen = [uids_of(assign(desk.netuid, Task(count=1, mode="best"))) for _ in range(3)]

    assert [[1], [2], [2]] == chosen


def test_leases_expire_by_themselves(desk: Dispatch) -> None:
    """At its end a place is free, without anybody cleaning up."""
    desk.know([miner(7, max_capacity=1.0)])
    assign = desk.assigner()
    assign(desk.netuid, Task(lease_seconds=30))

    desk.now += 29
    assert [] == uids_of(assign(desk.netuid, Task()))
    desk.now += 1
    assert [7] == uids_of(assign(desk.netuid, Task()))


def test_a_lease_is_given_back_once(desk: Dispatch) -> None:
    """Results that come again free nothing and change nothing."""
    desk.know([miner(7, max_capacity=1.0)])
    assign = desk.assigner()
    first = assign(desk.netuid, Task())
    desk.complete(first)
    desk.now += 1
    second = assign(desk.netuid, Task())

    repeated = desk.complete(first, "failure")

    assert () == repeated.accepted
    assert {7: "success"} == repeated.assignment.results
    assert [7] == uids_of(second)
    assert desk.live(7) == 1
    assert [1.0] == [record.served for record in desk.records.since(desk.netuid, 0)]


def test_results_that_come_many_times_at_once_are_taken_once(desk: Dispatch) -> None:
    """One of six is the first; the others find it taken."""
    desk.know(map(miner, (1, 2, 3)))
    assignment = desk.assigner()(desk.netuid, Task())
    start = threading.Barrier(6)

    def report(_: int) -> tuple[int, ...]:
        start.wait()
        return desk.complete(assignment).accepted

    with ThreadPoolExecutor(6) as pool:
        accepted = list(pool.map(report, range(6)))

    assert [(), (), (), (), (), (1, 2, 3)] == sorted(accepted)
    assert [1.0] * 3 == [record.served for record in desk.records.since(desk.netuid, 0)]
    assert [0] * 3 == [desk.live(uid) for uid in (1, 2, 3)]


def test_a_late_result_leaves_the_next_tenant_alone(desk: Dispatch) -> None:
    """The lease ran out and the place is another's: the outcome counts, the place stays leased."""
    desk.know([miner(7, max_capacity=1.0)])
    assign = desk.assigner()
    first = assign(desk.netuid, Task(lease_seconds=30))
    desk.now += 30
    assign(desk.netuid, Task())

    late = desk.complete(first, "timeout")

    assert (7,) == late.accepted
    assert desk.live(7) == 1
    assert [1.0] == [record.timeouts for record in desk.records.since(desk.netuid, 0)]


def test_results_may_come_one_by_one(desk: Dispatch) -> None:
    """Each frees its own lease."""
    desk.know(map(miner, (1, 2, 3)))
    assignment = desk.assigner()(desk.netuid, Task())

    desk.complete(assignment, "success", 2)
    done = desk.complete(assignment, "failure", 1, 2)

    assert (1,) == done.accepted
    assert {1: "failure", 2: "success"} == done.assignment.results
    assert [0, 0, 1] == [desk.live(uid) for uid in (1, 2, 3)]


def test_results_of_strangers_change_nothing(desk: Dispatch) -> None:
    """A uid that is not part of it, and an assignment that never was."""
    desk.know(map(miner, (1, 2)))
    assignment = desk.assigner()(desk.netuid, Task())

    with pytest.raises(NotAssigned, match="uids 9"):
        desk.complete(assignment, "success", 1, 9)
    with pytest.raises(UnknownAssignment):
        desk.complete(Assignment(KEY, "", "empty", 1, 0, 0, 0, ()), "success", 1)

    assert [1, 1] == [desk.live(uid) for uid in (1, 2)]


def test_an_idempotency_key_gives_the_same_assignment(desk: Dispatch) -> None:
    """On any instance; nothing more is leased, and another request under it is refused."""
    desk.know(map(miner, range(1, 9)))

    first = desk.assigner()(desk.netuid, Task(), KEY)
    second = desk.assigner()(desk.netuid, Task(), KEY)

    assert first.leases == second.leases
    assert 3 == sum(desk.live(uid) for uid in range(1, 9))
    with pytest.raises(KeyReused):
        desk.assigner()(desk.netuid, Task(count=2), KEY)


def test_one_key_used_by_many_at_once_makes_one_assignment(desk: Dispatch) -> None:
    """The places and the assignment are written together, so the losers hold nothing."""
    desk.know(map(miner, range(1, 9)))
    start = threading.Barrier(6)

    def ask(assign: Assign) -> tuple[Any, ...]:
        start.wait()
        return assign(desk.netuid, Task(), KEY).leases

    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(ask, [desk.assigner() for _ in range(6)]))

    assert made == [made[0]] * 6
    assert 3 == sum(desk.live(uid) for uid in range(1, 9))


def test_many_senders_at_once_never_exceed_a_capacity(desk: Dispatch) -> None:
    """Twenty senders on four instances want 40 leases of 20 places: exactly 20 are given."""
    desk.know(map(miner, range(1, 5)))
    instances = [desk.assigner() for _ in range(4)]
    start = threading.Barrier(20)

    def ask(number: int) -> list[int]:
        start.wait()
        return uids_of(instances[number % 4](desk.netuid, Task(count=2)))

    with ThreadPoolExecutor(20) as pool:
        chosen = Counter(uid for uids in pool.map(ask, range(20)) for uid in uids)

    assert dict.fromkeys(range(1, 5), CAPACITY) == chosen
    assert chosen == {uid: desk.live(uid) for uid in chosen}


def test_a_write_whose_answer_was_lost_is_found_again(desk: Dispatch) -> None:
    """The client sends it again, and the places are taken already: by ourselves."""
    desk.know(map(miner, range(1, 6)))

    assignment = desk.assigner(Deaf(desk.leases))(desk.netuid, Task())

    assert 3 == len(assignment.leases)
    assert 3 == sum(desk.live(uid) for uid in range(1, 6))


def test_whoever_loses_every_race_for_all_places_wins_them_one_by_one(desk: Dispatch) -> None:
    """Places that cannot be taken together are taken each for itself, and given back as usual."""
    desk.know(map(miner, range(1, 6)))
    rival = Rival(desk.leases)

    assignment = desk.assigner(rival)(desk.netuid, Task(count=4), KEY)

    assert rival.raced == 2
    assert 4 == len(set(uids_of(assignment)))
    assert assignment.leases == desk.assigner()(desk.netuid, Task(count=4), KEY).leases
    assert tuple(sorted(uids_of(assignment))) == desk.complete(assignment).accepted
    assert [0] * 5 == [desk.live(uid) for uid in range(1, 6)]


def test_live_leases_lower_the_score(desk: Dispatch) -> None:
    """The second lease of the same miner says that the first is there."""
    desk.know([miner(7, performance_score=0.5)])
    assign = desk.assigner()

    scores = [assign(desk.netuid, Task()).leases[0].availability_score for _ in range(2)]

    assert pytest.approx([0.5 + 0.18, 0.5 * 0.8 + 0.18]) == scores


def test_a_failing_miner_is_left_alone_then_probed_then_back(desk: Dispatch) -> None:
    """Five failures open its circuit; after the cooldown one probe at a time; a success closes."""
    desk.know([miner(7)])
    assign = desk.assigner()
    for _ in range(5):
        desk.complete(assign(desk.netuid, Task()), "failure")
    desk.now += 3
    assert [] == uids_of(assign(desk.netuid, Task()))

    desk.now += 30
    probe = assign(desk.netuid, Task())
    assert [7] == uids_of(probe)
    assert [] == uids_of(assign(desk.netuid, Task()))

    desk.complete(probe)
    desk.now += 3
    assert [[7], [7]] == [uids_of(assign(desk.netuid, Task())) for _ in range(2)]


def test_assignments_without_any_result_are_counted_once(desk: Dispatch) -> None:
    """Not those that had a result, not those still running, and never twice."""
    desk.know(map(miner, range(1, 6)))
    assign = desk.assigner()
    assign(desk.netuid, Task(lease_seconds=30))
    assign(desk.netuid, Task(lease_seconds=30, count=1))
    desk.complete(assign(desk.netuid, Task(lease_seconds=30)), "success")
    assign(desk.netuid, Task(lease_seconds=90))

    desk.now += 31
    found = [desk.bury(), desk.bury()]

    assert [(2, 2), (0, 2)] == [(each.expired_assignments, each.dead_letters) for each in found]


def test_a_result_that_comes_while_the_sweep_counts_wins(desk: Dispatch) -> None:
    """It is no dead letter then, and the others still are."""
    desk.know(map(miner, range(1, 6)))
    assign = desk.assigner()
    answered = assign(desk.netuid, Task(lease_seconds=30, count=1))
    assign(desk.netuid, Task(lease_seconds=30, count=1))
    desk.now += 31
    overdue = desk.leases.overdue(desk.netuid, desk.now, 10)
    desk.complete(answered)

    assert 2 == len(overdue)
    assert 1 == desk.leases.bury(desk.netuid, overdue)
    assert 1 == desk.leases.dead_letters(desk.netuid)
