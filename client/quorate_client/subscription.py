"""The Pub/Sub side of a watch. Loaded by it alone: the library takes half a second.

The client's extra `watch` brings it. PUBSUB_EMULATOR_HOST is honoured.
"""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from datetime import timedelta
from typing import Any

from quorate_client.errors import Unwatchable

try:
    import google.auth
    from google.api_core import exceptions
    from google.auth.exceptions import GoogleAuthError
    from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient
except ModuleNotFoundError as missing:
    raise Unwatchable(f"{missing}: it comes with pip install './client[watch]'") from missing

TOPIC = "consensus-updates"
AT_ONCE = 100
"""Messages of one pull."""
PATIENCE = 5.0
"""Seconds of one pull; short, so that a watch ends soon after it is told to."""


class Subscription:
    """A subscription of one's own, deleted at the end, or one that exists, which stays.

    Its own is ordered and hears of one subnet; should its end be missed, it expires after a day.
    Raises `Unwatchable` where it cannot be had.
    """

    def __init__(self, project: str | None, name: str | None, netuid: int) -> None:
        """`project` is the service's (None: of the environment), `name` an existing one's."""
        try:
            self._client = SubscriberClient()
            self._own = name is None
            owner = project or _project()
            self._name = self._client.subscription_path(
                owner, name or f"quorate-watch-{uuid.uuid4().hex}"
            )
            if self._own:
                self._subscribe(owner, netuid)
        except (exceptions.GoogleAPICallError, exceptions.RetryError, GoogleAuthError) as error:
            raise Unwatchable(f"no subscription to {TOPIC}: {error}") from error

    def pull(self) -> list[bytes]:
        """Data of the next messages, in order; none if none came within a few seconds.

        They are done with at once: what a watch knows is in its memory, and another one begins
        with a read.
        """
        request = {"subscription": self._name, "max_messages": AT_ONCE}
        try:
            received = self._client.pull(request=request, timeout=PATIENCE).received_messages
            if received:
                done = {"subscription": self._name, "ack_ids": [each.ack_id for each in received]}
                self._client.acknowledge(request=done)
        except (exceptions.DeadlineExceeded, exceptions.RetryError):
            return []
        except exceptions.GoogleAPICallError as error:
            raise Unwatchable(f"{self._name}: {error}") from error
        return [each.message.data for each in received]

    def close(self) -> None:
        """Delete the subscription if it is one's own, and end."""
        with self._client, suppress(exceptions.GoogleAPICallError, exceptions.RetryError):
            if self._own:  # should this fail, it expires by itself
                self._client.delete_subscription(request={"subscription": self._name})

    def _subscribe(self, project: str, netuid: int) -> None:
        topic = self._client.topic_path(project, TOPIC)
        if os.environ.get("PUBSUB_EMULATOR_HOST"):
            _make_topic(topic)
        request: dict[str, Any] = {
            "name": self._name,
            "topic": topic,
            "enable_message_ordering": True,
            "filter": f'attributes.netuid = "{netuid:d}"',
            "message_retention_duration": timedelta(minutes=10),
            "expiration_policy": {"ttl": timedelta(days=1)},
        }
        self._client.create_subscription(request=request)


def _make_topic(topic: str) -> None:
    """On the emulator nobody deploys, and the service makes the topic with its first update."""
    with PublisherClient() as publisher, suppress(exceptions.AlreadyExists):
        publisher.create_topic(name=topic)


def _project() -> str:
    named = os.environ.get("GOOGLE_CLOUD_PROJECT") or google.auth.default()[1]
    if not named:
        raise Unwatchable("the environment names no project: give one, or set GOOGLE_CLOUD_PROJECT")
    return str(named)
