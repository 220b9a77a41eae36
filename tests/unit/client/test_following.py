"""Following by updates: what is taken, what is dropped, and when everything is read anew."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from quorate_client.exchange import Call, Called, Exchange, Outcome, Wait
from quorate_client.following import TRIES, UNPUBLISHED, Change, Follower, update_of
from quorate_client.proxy import Proxy

from functions import _wiring
from shared.adapters.update_messages import data_of
from shared.service.updates import Update, form_of
from tests.unit.client.services import report_from


def row(uid: int, score: float) -> dict[str, Any]:
    """A miner as `network-status` says it, as far as it matters."""
    return {
        "uid": uid,
        "performance_score": score,
        "availability_score": 0.5,
        "last_updated": "2026-01-01T00:00:00Z",
        "conflicts_detected": [{"field": "stake", "kind": "dispersed", "detail": []}],
    }


def form(uid: int, score: float) -> dict[str, Any]:
    """The same miner as it is published."""
    conflicts = [{"field": "stake", "kind": "dispersed"}]
    return {"uid": uid, "performance_score": score, "conflicts_detected": conflicts}


def message(version: int, previous: int, *miners: dict[str, Any], **changes: Any) -> bytes:
    """An update of subnet 5 as the service publishes it."""
    given: dict[str, Any] = {"netuid": 5, "kind": "changes", "removed": (), **changes}
    return data_of(
        Update(
            version=version,
            previous_version=previous,
            snapshot_sha256="ab" * 32,
            computed_at=0.0,
            miners=miners,
            **given,
        )
    )


class Service:
    """Reads give the snapshots one after the other, the last one for ever; pulls the messages."""

    def __init__(self, snapshots: list[tuple[int, list[dict[str, Any]]]], *pulls: list[bytes]):
        self.snapshots = snapshots
        self.pulls = list(pulls)
        self.reads = 0
        self.waited = 0.0

    def read(self) -> Exchange[tuple[int, list[dict[str, Any]]]]:
        """One of the snapshots."""
        self.reads += 1
        return self.snapshots.pop(0) if len(self.snapshots) > 1 else self.snapshots[0]
        yield Wait(0)

    def follow(self, follower: Follower, count: int) -> list[Change]:
        """The next changes."""
        return [
            self._drive(follower.next(self.read, lambda: self.pulls.pop(0))) for _ in range(count)
        ]

    def _drive(self, exchange: Exchange[Change]) -> Change:
        outcome: Outcome = None
        while True:
            try:
                step = exchange.send(outcome)
            except StopIteration as end:
                change: Change = end.value
                return change
            if isinstance(step, Wait):
                self.waited += step.seconds
            outcome = Called(step.function()) if isinstance(step, Call) else None


START = (3, [row(7, 0.5), row(8, 0.6)])


def test_the_first_change_is_a_read_of_everything() -> None:
    """In the form of updates, without what those leave out."""
    service = Service([START])

    assert [
        Change("read", 3, {7: form(7, 0.5), 8: form(8, 0.6)}, (7, 8), ()),
    ] == service.follow(Follower(5), 1)


def test_an_update_that_follows_is_taken_without_a_read() -> None:
    """Its miners replace those that are known, the removed ones go."""
    service = Service([START], [message(5, 3, form(7, 0.9), removed=(8,))])
    _, change = service.follow(Follower(5), 2)

    assert Change("changes", 5, {7: form(7, 0.9)}, (7,), (8,)) == change
    assert 1 == service.reads


def test_messages_are_taken_in_order_however_they_arrive() -> None:
    """Several in one pull, none in another."""
    first, second, third = (message(v, v - 1, form(7, v / 10)) for v in (4, 5, 6))
    service = Service([START], [first, second], [], [third])

    assert [3, 4, 5, 6] == [change.version for change in service.follow(Follower(5), 4)]


@pytest.mark.parametrize(
    "stale", [message(3, 2, form(7, 0.1)), message(2, 1), message(3, 0, kind="resync")]
)
def test_what_is_already_known_is_dropped(stale: bytes) -> None:
    """Delivery is at least once, and what was published before the read may come after it."""
    service = Service([START], [stale, message(4, 3, form(7, 0.9))])

    assert [3, 4] == [change.version for change in service.follow(Follower(5), 2)]
    assert 1 == service.reads


def test_another_subnets_update_is_dropped() -> None:
    """A subscription may be shared."""
    service = Service([START], [message(9, 3, netuid=6), message(4, 3)])

    assert [3, 4] == [change.version for change in service.follow(Follower(5), 2)]


@pytest.mark.parametrize("gap", [message(6, 5, form(7, 0.9)), message(6, 3, kind="resync")])
def test_after_a_gap_everything_is_read(gap: bytes) -> None:
    """A missed update and a resync are the same; whoever is gone is named."""
    service = Service([START, (6, [row(7, 0.9)])], [gap])
    _, change = service.follow(Follower(5), 2)

    assert Change("read", 6, {7: form(7, 0.9)}, (7,), (8,)) == change


def test_a_read_that_is_older_than_its_update_is_tried_again() -> None:
    """A cache between may still have the snapshot before."""
    service = Service([START, START, START, (6, [row(7, 0.9)])], [message(6, 5)])
    _, change = service.follow(Follower(5), 2)

    assert (6, 2.0) == (change.version, service.waited)


def test_a_read_that_stays_old_is_taken_in_the_end() -> None:
    """The next update shows the gap again; nothing hangs."""
    service = Service([START], [message(6, 5)])
    _, change = service.follow(Follower(5), 2)

    assert (3, float(TRIES)) == (change.version, service.waited)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"{}", b'{"netuid": 5}'])
def test_what_is_no_update_is_left_out(data: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """With a line in the log."""
    with caplog.at_level(logging.WARNING):
        assert update_of(data) is None
    assert ["a message that is no update is left out"] == [m.split(":")[0] for m in caplog.messages]


def test_a_changes_miners_are_its_own() -> None:
    """What follows does not change what a consumer was given."""
    service = Service([START], [message(4, 3, form(7, 0.9))])
    first, _ = service.follow(Follower(5), 2)

    assert 0.5 == first.miners[7]["performance_score"]


def test_only_a_named_subnet_can_be_watched() -> None:
    """The default subnet is the service's business, its updates carry a netuid."""
    with Proxy("http://127.0.0.1:9") as proxy, pytest.raises(ValueError, match="needs the netuid"):
        next(proxy.watch())


def test_the_data_are_the_services() -> None:
    """What the service publishes is read as it was meant."""
    update = update_of(message(4, 3, form(7, 0.9), removed=(8,)))

    assert update is not None
    assert (5, "changes", 4, 3, (form(7, 0.9),), (8,)) == (
        update.netuid,
        update.kind,
        update.version,
        update.previous_version,
        update.miners,
        update.removed,
    )


def test_updates_and_reads_say_the_same_of_a_miner(live: str) -> None:
    """A row of `network-status` less what `UNPUBLISHED` names has the fields of an update."""
    report_from(live, 0)
    report_from(live, 1)
    with Proxy(live) as proxy:
        (read,) = proxy.network_status()["miners"]
    view = _wiring.views()(1)
    assert view is not None

    assert form_of(view.resolution.miners[9]).keys() == read.keys() - UNPUBLISHED
