"""A Pub/Sub push, as infra/terraform/pubsub.tf sends it, reaches a CloudEvent function."""

from __future__ import annotations

from pathlib import Path

import pytest

from .served import client_of, push
from .sources import ENDPOINTS

PUSHED = sorted(
    name
    for name, it in ENDPOINTS.items()
    if it.get("eventTrigger", {}).get("eventType", "").startswith("google.cloud.pubsub.")
)


@pytest.mark.usefixtures("in_memory")
@pytest.mark.parametrize("name", PUSHED)
def test_a_scheduled_message_is_taken(name: str) -> None:
    """What Cloud Scheduler publishes is answered with 2xx, so that it is not sent again."""
    topic = ENDPOINTS[name]["eventTrigger"]["eventFilters"]["topic"]
    client = client_of(ENDPOINTS[name]["entryPoint"])

    answer = client.post(f"/projects/p/topics/{topic}", json=push(b"{}"))

    assert (200, "OK") == (answer.status_code, answer.text)


ECHO = """
import functions_framework

@functions_framework.cloud_event
def echo(event):
    assert event["source"] == "//pubsub.googleapis.com/projects/p/topics/ticks", event["source"]
    assert event["type"] == "google.cloud.pubsub.topic.v1.messagePublished"
"""


def test_the_path_of_a_push_names_the_topic(tmp_path: Path) -> None:
    """functions-framework makes a CloudEvent of a push and takes its source from the path."""
    (tmp_path / "main.py").write_text(ECHO)
    client = client_of("echo", tmp_path / "main.py")

    answer = client.post("/projects/p/topics/ticks", json=push(b"{}"))

    assert (200, "OK") == (answer.status_code, answer.text)


def test_a_message_without_data_is_refused_by_the_framework(tmp_path: Path) -> None:
    """This is why the scheduler publishes `{}` and not nothing."""
    (tmp_path / "main.py").write_text(ECHO)
    client = client_of("echo", tmp_path / "main.py")

    answer = client.post("/projects/p/topics/ticks", json=push(None))

    assert answer.status_code == 400
