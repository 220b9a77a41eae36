"""Updates over the Pub/Sub emulator."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from google.api_core.exceptions import DeadlineExceeded
from google.cloud.pubsub_v1 import SubscriberClient

from shared.adapters.pubsub import PubSubUpdates, connect
from shared.service.updates import Unpublished, Update

pytestmark = pytest.mark.emulator


def update(version: int) -> Update:
    """Version after version, of subnet 5."""
    form = {"uid": 7, "state": "consensus"}
    return Update(5, "changes", version, version - 1, "ab" * 32, 1_800_000_000.0, (form,), (9,))


@pytest.fixture
def updates() -> PubSubUpdates:
    """The topic of a project of its own."""
    if not os.environ.get("PUBSUB_EMULATOR_HOST"):
        pytest.fail("PUBSUB_EMULATOR_HOST is not set: run `make test`", pytrace=False)
    return connect(f"updates-{uuid.uuid4().hex[:12]}")


@pytest.fixture
def subscriber() -> Iterator[SubscriberClient]:
    """A client of the emulator."""
    with SubscriberClient() as client:
        yield client


def subscription(subscriber: SubscriberClient, topic: str) -> str:
    """A new subscription that keeps the order."""
    name = topic.replace("/topics/", "/subscriptions/")
    subscriber.create_subscription(
        request={"name": name, "topic": topic, "enable_message_ordering": True}
    )
    return name


def pulled(subscriber: SubscriberClient, name: str, count: int) -> list[Any]:
    """The next messages, acknowledged."""
    found: list[Any] = []
    while len(found) < count:
        try:
            answer = subscriber.pull(subscription=name, max_messages=count, timeout=20)
        except DeadlineExceeded:
            continue
        found += [each.message for each in answer.received_messages]
        keys = [each.ack_id for each in answer.received_messages]
        if keys:
            subscriber.acknowledge(subscription=name, ack_ids=keys)
    return found


def test_updates_arrive_in_order(updates: PubSubUpdates, subscriber: SubscriberClient) -> None:
    """One ordering key per subnet; data is JSON, and attributes are enough to find a gap."""
    name = subscription(subscriber, updates.topic)

    for version in range(1, 6):
        updates.publish(update(version))

    messages = pulled(subscriber, name, 5)
    assert ["subnet-5"] * 5 == [message.ordering_key for message in messages]
    assert [1, 2, 3, 4, 5] == [int(message.attributes["version"]) for message in messages]
    assert ["0", "1", "2", "3", "4"] == [m.attributes["previous_version"] for m in messages]
    assert json.loads(messages[0].data) == {
        "netuid": 5,
        "kind": "changes",
        "version": 1,
        "previous_version": 0,
        "snapshot_sha256": "ab" * 32,
        "computed_at": "2027-01-15T08:00:00.000Z",
        "miners": [{"uid": 7, "state": "consensus"}],
        "removed": [9],
    }


def test_after_a_failure_the_next_update_passes(
    updates: PubSubUpdates, subscriber: SubscriberClient
) -> None:
    """A topic that was away for a moment blocks nothing."""
    updates.client.delete_topic(topic=updates.topic)
    with pytest.raises(Unpublished):
        updates.publish(update(1))
    updates.client.create_topic(name=updates.topic)
    name = subscription(subscriber, updates.topic)

    updates.publish(update(2))

    assert "2" == pulled(subscriber, name, 1)[0].attributes["version"]


def test_connecting_twice_is_no_error(updates: PubSubUpdates) -> None:
    """The topic of the emulator is there already for the second instance."""
    project = updates.topic.split("/")[1]

    assert updates.topic == connect(project).topic
