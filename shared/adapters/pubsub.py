"""Updates over Pub/Sub. Loaded by the functions that recompute, and by nothing else."""

from __future__ import annotations

import os
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass

import google.auth
from google.api_core import exceptions
from google.cloud.pubsub_v1 import PublisherClient
from google.cloud.pubsub_v1.publisher.exceptions import (
    MessageTooLargeError,
    PublishToPausedOrderingKeyException,
)
from google.cloud.pubsub_v1.types import PublisherOptions

from shared.adapters.update_messages import attributes_of, data_of, ordering_key_of
from shared.logs import log
from shared.service.updates import TOPIC, Unpublished, Update

DEADLINE = 5.0
"""Seconds after which a publish counts as failed."""


def connect(project: str) -> PubSubUpdates:
    """A publisher for a project's topic ("": the project of the environment).

    On the emulator, where nobody deploys, the topic is made.
    """
    client = PublisherClient(publisher_options=PublisherOptions(enable_message_ordering=True))
    topic = client.topic_path(project or google.auth.default()[1], TOPIC)
    if os.environ.get("PUBSUB_EMULATOR_HOST"):
        _create(client, topic)
    return PubSubUpdates(client, topic)


def _create(client: PublisherClient, topic: str) -> None:
    try:
        client.create_topic(name=topic, timeout=DEADLINE)
    except exceptions.AlreadyExists:
        pass
    except exceptions.GoogleAPICallError as error:
        log.warning("topic_not_made", topic=topic, cause=repr(error))


@dataclass(frozen=True, slots=True)
class PubSubUpdates:
    """The topic `consensus-updates`, ordered per subnet."""

    client: PublisherClient
    topic: str

    def publish(self, update: Update) -> None:
        """Publish and wait; raises `Unpublished`, after which later updates may pass again."""
        key = ordering_key_of(update)
        try:
            self.client.publish(
                self.topic, data_of(update), ordering_key=key, **attributes_of(update)
            ).result(timeout=DEADLINE)
        except (
            exceptions.GoogleAPICallError,
            exceptions.RetryError,
            TookTooLong,
            PublishToPausedOrderingKeyException,
            MessageTooLargeError,
        ) as error:
            log.error(
                "update_unpublished",
                netuid=update.netuid,
                version=update.version,
                cause=repr(error),
            )
            self.client.resume_publish(self.topic, key)
            raise Unpublished(str(error)) from error
