"""What consumers hear, over every snapshot store."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from shared.adapters.memory import MemoryUpdates
from shared.service.encoding import digest
from shared.service.recompute import Recompute
from shared.service.updates import Announcer, Form, Unpublished, Update, form_of, is_news
from tests.builders import DAVE, MINER, T0, signed, status
from tests.subnets import Subnet


@dataclass
class Flaky:
    """A topic that fails as often as told, after which messages reach `heard`."""

    failures: int = 0
    heard: list[Update] = field(default_factory=list)

    def publish(self, update: Update) -> None:
        """Fail while failures are left."""
        if self.failures:
            self.failures -= 1
            raise Unpublished("on purpose")
        self.heard.append(update)


@pytest.fixture
def topic() -> Flaky:
    """A topic on which nothing was published."""
    return Flaky()


def instance(subnet: Subnet, topic: Flaky) -> Recompute:
    """A cold instance that publishes."""
    return subnet.instance(announcer=Announcer(topic))


def two_reports(subnet: Subnet, recompute: Recompute) -> None:
    """The first two reports, a recompute after each."""
    for uid in (48, 49):
        recompute(subnet.netuid, subnet.post(signed(uid, T0)))


def test_changes_are_published_with_version_and_hash(subnet: Subnet, topic: Flaky) -> None:
    """Each update names the one before, and the stored bytes that it speaks of."""
    two_reports(subnet, instance(subnet, topic))

    stored = subnet.snapshots.load(subnet.netuid)
    assert stored is not None
    assert [(0, 1), (1, 2)] == [(each.previous_version, each.version) for each in topic.heard]
    assert ["pending", "consensus"] == [each.miners[0]["state"] for each in topic.heard]
    assert digest(stored.payload) == topic.heard[-1].snapshot_sha256


def test_nothing_is_published_when_nothing_changed(subnet: Subnet, topic: Flaky) -> None:
    """A sweep that finds the same, or weights that faded alike, is no news."""
    recompute = instance(subnet, topic)
    two_reports(subnet, recompute)

    for seconds in (1, 2, 61):
        subnet.now = T0 + seconds
        recompute(subnet.netuid)

    assert [1, 2] == [each.version for each in topic.heard]


def test_the_next_update_names_the_last_one_published(subnet: Subnet, topic: Flaky) -> None:
    """Snapshots without news in between are no gap."""
    recompute = instance(subnet, topic)
    two_reports(subnet, recompute)
    recompute(subnet.netuid)
    changed = signed(48, T0 + 5, [status(performance_score=0.2)])

    subnet.now = T0 + 5
    recompute(subnet.netuid, subnet.post(changed))

    assert (2, 4) == (topic.heard[-1].previous_version, topic.heard[-1].version)


def test_only_the_miners_that_changed_are_named(subnet: Subnet, topic: Flaky) -> None:
    """The others stay as consumers know them."""
    recompute = instance(subnet, topic)
    both = [status(7), status(8, hotkey=DAVE)]
    for uid in (48, 49):
        recompute(subnet.netuid, subnet.post(signed(uid, T0, both)))
    subnet.now = T0 + 5

    moved = [status(7), status(8, hotkey=DAVE, performance_score=0.1)]
    recompute(subnet.netuid, subnet.post(signed(49, T0 + 5, moved)))

    assert [8] == [form["uid"] for form in topic.heard[-1].miners]


def test_a_forgotten_miner_is_removed(subnet: Subnet, topic: Flaky) -> None:
    """Consumers drop it, too."""
    recompute = instance(subnet, topic)
    two_reports(subnet, recompute)

    subnet.now = T0 + 60 * 60
    recompute(subnet.netuid)
    recompute(subnet.netuid)

    assert (7,) == topic.heard[-1].removed


def test_a_cold_instance_goes_on_where_the_last_one_was_heard(subnet: Subnet, topic: Flaky) -> None:
    """After a snapshot without news, a restart is no gap either."""
    recompute = instance(subnet, topic)
    two_reports(subnet, recompute)
    recompute(subnet.netuid)

    subnet.now = T0 + 6
    instance(subnet, topic)(subnet.netuid)
    instance(subnet, topic)(
        subnet.netuid, subnet.post(signed(50, T0 + 6, [status(performance_score=0.1)]))
    )

    assert ["changes"] * 3 == [each.kind for each in topic.heard]
    assert 2 == topic.heard[-1].previous_version


def test_a_cold_instance_that_cannot_know_asks_for_a_resync(subnet: Subnet, topic: Flaky) -> None:
    """Whoever wrote the last snapshot may have ended before it was published."""
    two_reports(subnet, instance(subnet, topic))

    instance(subnet, topic)(subnet.netuid)

    assert ("resync", ()) == (topic.heard[-1].kind, topic.heard[-1].miners)
    assert (2, 3) == (topic.heard[-1].previous_version, topic.heard[-1].version)


def test_a_failed_publish_is_repaired_by_the_sweep(subnet: Subnet, topic: Flaky) -> None:
    """The snapshot stands, the next one asks consumers to read it, and then all is as before."""
    recompute = instance(subnet, topic)
    recompute(subnet.netuid, subnet.post(signed(48, T0)))
    topic.failures = 1
    recompute(subnet.netuid, subnet.post(signed(49, T0)))
    assert subnet.payload.resolution.miners[7].state == "consensus"

    recompute(subnet.netuid)
    recompute(subnet.netuid)

    assert ["changes", "resync"] == [each.kind for each in topic.heard]


def test_another_writer_in_between_is_a_reason_to_resync(subnet: Subnet, topic: Flaky) -> None:
    """Two instances never contradict each other in silence."""
    first, second = instance(subnet, topic), instance(subnet, topic)
    first(subnet.netuid, subnet.post(signed(48, T0)))
    second(subnet.netuid, subnet.post(signed(49, T0)))
    first(subnet.netuid, subnet.post(signed(50, T0, [status(performance_score=0.1)])))

    assert ["changes", "resync", "resync"] == [each.kind for each in topic.heard]
    assert [1, 2, 3] == [each.version for each in topic.heard]


def test_a_consumer_that_follows_the_rules_ends_with_the_truth(
    subnet: Subnet, topic: Flaky
) -> None:
    """Whatever is lost, it stands where the snapshot stands in the end."""
    recompute = instance(subnet, topic)
    for number in range(12):
        topic.failures = int(number in (3, 4, 8))
        subnet.now = T0 + number
        score = 0.1 * (number % 7)
        uid = 48 + number % 3
        recompute(
            subnet.netuid, subnet.post(signed(uid, subnet.now, [status(performance_score=score)]))
        )
    recompute(subnet.netuid)

    version = 0
    known: dict[int, Form] = {}
    for update in topic.heard:
        if (update.kind, update.previous_version) != ("changes", version):
            known = {}  # a consumer reads the snapshot here
        known |= {form["uid"]: form for form in update.miners}
        version = update.version
    assert {6, 10} == {update.version for update in topic.heard if update.kind == "resync"}
    assert not is_news(known[7], form_of(subnet.payload.resolution.miners[7]))


def test_the_list_in_memory_keeps_the_latest(subnet: Subnet) -> None:
    """It is a topic for a first look and must not grow."""
    updates = MemoryUpdates()
    recompute = subnet.instance(announcer=Announcer(updates))

    recompute(subnet.netuid, subnet.post(signed(48, T0)))

    assert [MINER] == [form["hotkey"] for form in updates.published[-1].miners]
    assert updates.published.maxlen == 100
