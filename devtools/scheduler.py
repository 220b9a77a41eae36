"""Stands in for Cloud Scheduler, which has no emulator: publishes `{}` now and again."""

from __future__ import annotations

import base64
import sys
import threading
import time

import httpx

from devtools.firebase import PROJECT, System
from devtools.ports import LOOPBACK

SWEEPS, SYNCS = "timeout-sweeps", "metagraph-syncs"
"""Topics that the real scheduler publishes to."""
EVERY_SECONDS = 60.0
SYNC_SECONDS = 600.0
"""As often as the real scheduler does."""

ENDING_SECONDS = 3.0
"""How long the emulators take to end."""

MESSAGE = {"messages": [{"data": base64.b64encode(b"{}").decode()}]}


def start(system: System, every: float = EVERY_SECONDS, topic: str = SWEEPS) -> None:
    """Publish to a topic every `every` seconds, as long as the system runs."""
    threading.Thread(target=_publish_for_ever, args=(system, every, topic), daemon=True).start()


def _publish_for_ever(system: System, every: float, topic: str) -> None:
    path = f"projects/{PROJECT}/topics/{topic}"
    url = f"http://{LOOPBACK}:{system.ports.pubsub}/v1/{path}:publish"
    while system.is_alive():
        time.sleep(every)
        try:
            httpx.post(url, json=MESSAGE, timeout=10).raise_for_status()
        except httpx.HTTPError as error:
            time.sleep(ENDING_SECONDS)  # when all ends, the topic goes first
            if system.is_alive():
                print(f"nothing published to {topic}: {error}", file=sys.stderr, flush=True)
