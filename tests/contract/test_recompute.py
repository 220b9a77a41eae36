"""What a recompute promises, over every store."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from shared.service.ports import Conflict, SnapshotStore, StoredRound, StoredSnapshot, Unavailable
from shared.service.recompute import ATTEMPTS, Recompute
from tests.builders import ALICE, MINER, T0, VALIDATORS, signed, status
from tests.contract.conftest import Stores
from tests.subnets import Subnet, assert_exact


@dataclass
class Failing:
    """A snapshot store that fails on its first saves, before or after they took effect."""

    inner: SnapshotStore
    failures: int
    error: type[Exception]
    after_commit: bool = False

    def load(self, netuid: int) -> StoredSnapshot | None:
        """As the inner one."""
        return self.inner.load(netuid)

    def load_round(self, netuid: int, round_number: int) -> StoredRound | None:
        """As the inner one."""
        return self.inner.load_round(netuid, round_number)

    def save(
        self, netuid: int, snapshot: StoredSnapshot, rounds: Iterable[StoredRound], revision: Any
    ) -> Any:
        """Fail while failures are left."""
        if self.failures == 0:
            return self.inner.save(netuid, snapshot, rounds, revision)
        self.failures -= 1
        if self.after_commit:
            self.inner.save(netuid, snapshot, rounds, revision)
        raise self.error("on purpose")


def test_two_validators_make_a_consensus(subnet: Subnet) -> None:
    """The second report of another validator makes the quorum."""
    recompute = subnet.instance()
    for uid in (48, 49):
        assert recompute(subnet.netuid, subnet.post(signed(uid, T0))) == "recomputed"

    result = subnet.payload.resolution.miners[7]
    assert result.state == "consensus"
    assert result.validators == (48, 49)
    assert_exact(subnet)


def test_a_silent_validator_expires_with_a_sweep(subnet: Subnet) -> None:
    """A vote counts for the consensus timeout, and no event is needed to end it."""
    recompute = subnet.instance()
    for uid in (48, 49, 50):
        recompute(subnet.netuid, subnet.post(signed(uid, T0 + (0 if uid == 50 else 200))))

    subnet.now = T0 + 301
    recompute(subnet.netuid)

    assert subnet.payload.resolution.miners[7].validators == (48, 49)
    assert_exact(subnet)


def test_a_duplicated_event_changes_nothing(subnet: Subnet) -> None:
    """The second delivery of an event writes nothing, on the same instance and on a cold one."""
    recompute = subnet.instance()
    report_id = subnet.post(signed(48, T0))
    recompute(subnet.netuid, report_id)
    before = subnet.snapshots.load(subnet.netuid)

    assert recompute(subnet.netuid, report_id) == "included"
    assert subnet.instance()(subnet.netuid, report_id) == "included"
    assert before == subnet.snapshots.load(subnet.netuid)


def test_a_lost_event_is_covered_by_the_next(subnet: Subnet) -> None:
    """A report without an event is found by whatever runs next."""
    subnet.post(signed(48, T0))

    subnet.now = T0 + 1
    subnet.instance()(subnet.netuid, subnet.post(signed(49, T0 + 1)))

    assert subnet.payload.resolution.miners[7].validators == (48, 49)
    assert_exact(subnet)


def test_a_report_that_becomes_visible_late_still_votes(subnet: Subnet) -> None:
    """Its round is closed and its time long before the watermark, but its event names it."""
    begin = time.time() // 60 * 60 - 300  # the store stamps with the real time, so it is late
    subnet.now = begin
    recompute = subnet.instance()
    late = signed(50, begin + 1)
    recompute(subnet.netuid, subnet.post(signed(48, begin)))
    subnet.now = begin + 200
    recompute(subnet.netuid, subnet.post(signed(49, begin + 200)))

    assert recompute(subnet.netuid, subnet.post(late)) == "recomputed"

    assert subnet.payload.resolution.miners[7].validators == (48, 49, 50)
    assert subnet.memory.total_reports == 1


def test_a_superseded_report_of_a_closed_round_is_known_to_be_included(subnet: Subnet) -> None:
    """A very late duplicate of its event ends without a write even on a cold instance."""
    recompute = subnet.instance()
    old = signed(48, T0)
    recompute(subnet.netuid, subnet.post(old))
    subnet.now = T0 + 270
    recompute(subnet.netuid, subnet.post(signed(48, T0 + 270)))
    before = subnet.snapshots.load(subnet.netuid)
    assert before is not None
    assert old.report_id not in before.inputs

    assert subnet.instance()(subnet.netuid, old.report_id) == "included"

    assert before == subnet.snapshots.load(subnet.netuid)
    assert_exact(subnet)


def test_an_event_older_than_the_window_ends_at_once(subnet: Subnet) -> None:
    """The deletion of an expired report is such an event; not even its subnet must exist."""
    subnet.now = T0 + 7 * 86_400

    assert subnet.instance()(subnet.netuid + 1, signed(48, T0).report_id) == "too_old"


def test_the_event_of_a_deleted_report_is_no_error(subnet: Subnet) -> None:
    """What is gone cannot vote, and what stands is not touched."""
    recompute = subnet.instance()
    recompute(subnet.netuid, subnet.post(signed(48, T0)))
    subnet.now = T0 + 200
    recompute(subnet.netuid)
    before = subnet.snapshots.load(subnet.netuid)

    assert recompute(subnet.netuid, signed(49, T0 + 5).report_id) == "gone"
    assert before == subnet.snapshots.load(subnet.netuid)


def test_a_sweep_over_an_empty_subnet_writes_nothing(subnet: Subnet) -> None:
    """Without a report there is no snapshot."""
    assert subnet.instance()(subnet.netuid) == "nothing"
    assert subnet.snapshots.load(subnet.netuid) is None


def test_a_subnet_without_a_registry_has_no_votes(stores: Stores, netuid: int) -> None:
    """Nobody is eligible where nobody is registered."""
    subnet = Subnet(stores.log, stores.snapshots, stores.registries, netuid + 500)
    subnet.netuid = netuid
    recompute = subnet.instance()

    recompute(netuid, subnet.post(signed(48, T0)))

    assert subnet.payload.resolution.miners == {}


def test_rounds_close_once_their_grace_has_passed(subnet: Subnet) -> None:
    """Not a moment earlier, and the hash of each names the one before."""
    recompute = subnet.instance()
    first = int(T0 // 60)
    for minute in range(3):
        subnet.now = T0 + 60 * minute
        recompute(subnet.netuid, subnet.post(signed(48, subnet.now)))
    subnet.now = T0 + 209.9
    recompute(subnet.netuid)
    assert subnet.snapshots.load_round(subnet.netuid, first + 2) is None

    subnet.now = T0 + 210
    recompute(subnet.netuid)

    rounds = [subnet.snapshots.load_round(subnet.netuid, first + n) for n in range(3)]
    hashes = [closed.payload_sha256 for closed in rounds if closed]
    assert ["", *hashes[:2]] == [closed.previous_hash for closed in rounds if closed]
    assert len(hashes) == 3
    assert_exact(subnet)


def test_a_report_superseded_before_its_round_closed_is_still_learnt_from(subnet: Subnet) -> None:
    """The resolution as of a round's end needs votes that no longer stand when it is closed."""
    recompute = subnet.instance()
    recompute(subnet.netuid, subnet.post(signed(48, T0 - 5)))
    recompute(subnet.netuid, subnet.post(signed(49, T0 + 5)))
    subnet.now = T0 + 65
    recompute(subnet.netuid, subnet.post(signed(48, T0 + 65)))

    subnet.now = T0 + 90
    recompute(subnet.netuid)

    assert_exact(subnet)
    assert subnet.memory.miners[7, MINER].last_quorum_at == T0 + 60


def test_what_is_received_at_a_rounds_end_belongs_to_the_next(subnet: Subnet) -> None:
    """A report at that very moment supersedes nothing in the round that ends."""
    recompute = subnet.instance()
    both = [status(7), status(8, hotkey=ALICE)]
    subnet.post(signed(48, T0, both))
    subnet.post(signed(48, T0 + 60))
    subnet.post(signed(48, T0 + 120))
    subnet.post(signed(48, T0 + 180, both))
    subnet.now = T0 + 215

    recompute(subnet.netuid)

    assert_exact(subnet)


def test_many_rounds_at_once_are_closed_in_order(subnet: Subnet) -> None:
    """After an outage one call catches up, however many rounds have reports."""
    for minute in range(7):
        for uid in VALIDATORS:
            subnet.post(signed(uid, T0 + 60 * minute + uid / 10))
    subnet.now = T0 + 60 * 7 + 30

    subnet.instance()(subnet.netuid)

    assert_exact(subnet)
    assert subnet.memory.total_reports == 21


def test_a_gap_longer_than_the_window_is_not_learnt_from(subnet: Subnet) -> None:
    """What could not be counted in its time is kept in the log and left out of the memory."""
    recompute = subnet.instance()
    recompute(subnet.netuid, subnet.post(signed(48, T0)))
    subnet.post(signed(49, T0 + 1000))
    subnet.now = T0 + 5000
    subnet.post(signed(50, T0 + 5000))

    recompute(subnet.netuid)

    assert subnet.payload.resolution.miners[7].validators == (50,)


@pytest.mark.parametrize("after_commit", [False, True])
def test_a_crash_while_saving_is_repaired_by_the_next_run(
    subnet: Subnet, after_commit: bool
) -> None:
    """Whether the write took effect or not, the next run makes the same snapshot."""
    failing = Failing(subnet.snapshots, 1, Unavailable, after_commit)
    report_id = subnet.post(signed(48, T0))

    with pytest.raises(Unavailable):
        subnet.instance(snapshots=failing)(subnet.netuid, report_id)
    subnet.instance()(subnet.netuid)

    assert_exact(subnet)


def test_an_instance_that_failed_once_goes_on(subnet: Subnet) -> None:
    """What it kept warm before the failure does no harm."""
    failing = Failing(subnet.snapshots, 0, Unavailable)
    recompute = subnet.instance(snapshots=failing)
    recompute(subnet.netuid, subnet.post(signed(48, T0)))
    failing.failures = 1
    second = subnet.post(signed(49, T0))
    with pytest.raises(Unavailable):
        recompute(subnet.netuid, second)

    assert recompute(subnet.netuid, second) == "recomputed"
    assert_exact(subnet)


def test_being_overtaken_for_good_is_an_error(subnet: Subnet) -> None:
    """The platform then sends the event again; nothing is written."""
    failing = Failing(subnet.snapshots, ATTEMPTS, Conflict)

    with pytest.raises(Conflict, match="overtaken"):
        subnet.instance(snapshots=failing)(subnet.netuid, subnet.post(signed(48, T0)))

    assert subnet.snapshots.load(subnet.netuid) is None


@pytest.mark.parametrize("instances", [2, 8])
def test_instances_at_once_lose_no_report_and_learn_none_twice(
    subnet: Subnet, instances: int
) -> None:
    """Each takes some of the events; together they make what one would have made."""
    ids = [
        subnet.post(signed(uid, T0 + at + uid / 10, [status(part, hotkey=ALICE)]))
        for part, at in enumerate((0, 1, 2, 60, 61, 62))
        for uid in VALIDATORS
    ]
    subnet.now = T0 + 120
    workers = [(subnet.instance(pause=_brief), ids[i::instances]) for i in range(instances)]

    threads = [threading.Thread(target=_deliver, args=(subnet, *work)) for work in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    subnet.now = T0 + 151
    subnet.instance()(subnet.netuid)

    assert_exact(subnet)
    assert subnet.memory.total_reports == len(ids)


def _deliver(subnet: Subnet, recompute: Recompute, ids: list[str]) -> None:
    """Deliver events, again where they fail, as the platform would."""
    waiting = list(ids)
    while waiting:
        try:
            recompute(subnet.netuid, waiting[0])
        except Conflict:
            continue
        waiting.pop(0)


def _brief(seconds: float) -> None:
    threading.Event().wait(min(seconds, 0.2))
