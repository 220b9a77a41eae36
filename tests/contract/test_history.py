"""History from closed rounds, over every snapshot store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.service.chapters import LENGTH, Chapter
from shared.service.history import History
from shared.service.ports import SnapshotStore
from tests.builders import ALICE, BOB, DAVE, T0, signed, status
from tests.subnets import Subnet


@dataclass
class Counting:
    """A snapshot store that counts what is read of it."""

    inner: SnapshotStore
    reads: int = 0

    def load_chapter(self, netuid: int, round_number: int) -> Chapter:
        """As the inner one."""
        self.reads += 1
        return self.inner.load_chapter(netuid, round_number)


def play(subnet: Subnet, minutes: int, **fields: Any) -> int:
    """Two validators report in each of so many rounds; gives the last round that was closed."""
    recompute = subnet.instance()
    for minute in range(minutes):
        subnet.now = T0 + 60 * minute
        entry = status(performance_score=round(0.5 + minute / 1000, 3), **fields)
        for uid in (48, 49):
            recompute(subnet.netuid, subnet.post(signed(uid, subnet.now + uid / 10, [entry])))
        subnet.now += 40
        recompute(subnet.netuid)
        if minute % 5 == 0:
            recompute = subnet.instance()  # restarts lose nothing
    subnet.now = T0 + 60 * minutes + 31
    recompute(subnet.netuid)
    stored = subnet.snapshots.load(subnet.netuid)
    assert stored is not None
    return stored.last_round


def test_a_miner_has_a_page_in_every_closed_round(subnet: Subnet) -> None:
    """Oldest first, as the validators reported it."""
    last = play(subnet, 5)

    answer = History(subnet.snapshots).of_miner(subnet.netuid, last, 7, 64)

    assert [0.5, 0.501, 0.502, 0.503, 0.504] == [r["performance_score"] for r in answer["rounds"]]
    assert {"consensus"} == {entry["state"] for entry in answer["rounds"]}
    assert [last - 4, last] == [answer["rounds"][0]["round"], answer["rounds"][-1]["round"]]


def test_a_validator_has_its_agreement_in_every_closed_round(subnet: Subnet) -> None:
    """The one that never reported is there too, with nothing to compare."""
    last = play(subnet, 3)
    history = History(subnet.snapshots)

    assert [1.0] * 3 == [
        entry["agreement"] for entry in history.of_validator(subnet.netuid, last, 48, 64)["rounds"]
    ]
    assert [None] * 3 == [
        entry["agreement"] for entry in history.of_validator(subnet.netuid, last, 50, 64)["rounds"]
    ]


def test_long_histories_are_read_from_few_documents(subnet: Subnet) -> None:
    """Forty rounds are three chapters, and full chapters are not read again."""
    last = play(subnet, 40)
    store = Counting(subnet.snapshots)
    history = History(store)  # type: ignore[arg-type] # history reads chapters alone

    rounds = history.of_miner(subnet.netuid, last, 7, 64)["rounds"]
    history.of_miner(subnet.netuid, last, 7, 64)

    assert list(range(last - 39, last + 1)) == [entry["round"] for entry in rounds]
    assert 40 // LENGTH + 1 + 1 == store.reads


def test_a_history_is_as_long_as_asked(subnet: Subnet) -> None:
    """The newest rounds are those that are kept."""
    last = play(subnet, 20)

    rounds = History(subnet.snapshots).of_miner(subnet.netuid, last, 7, 3)["rounds"]

    assert [last - 2, last - 1, last] == [entry["round"] for entry in rounds]


def test_whoever_was_at_a_uid_before_is_left_out(subnet: Subnet) -> None:
    """A recycled uid is another miner, and inherits nothing."""
    recompute = subnet.instance()
    for minute, hotkey in enumerate((BOB, ALICE, ALICE)):
        subnet.now = T0 + 60 * minute
        for uid in (48, 49, 50):
            entry = status(90, hotkey=hotkey)
            recompute(subnet.netuid, subnet.post(signed(uid, subnet.now, [entry])))
    subnet.now = T0 + 220
    recompute(subnet.netuid)
    stored = subnet.snapshots.load(subnet.netuid)
    assert stored is not None

    answer = History(subnet.snapshots).of_miner(subnet.netuid, stored.last_round, 90, 64)

    assert len(answer["rounds"]) == 2


def test_what_was_never_seen_has_an_empty_history(subnet: Subnet) -> None:
    """Neither a miner nor a subnet without rounds is an error."""
    last = play(subnet, 1, hotkey=DAVE)
    history = History(subnet.snapshots)

    assert [] == history.of_miner(subnet.netuid, last, 4711, 64)["rounds"]
    assert [] == history.of_validator(subnet.netuid + 1, -1, 48, 64)["rounds"]
