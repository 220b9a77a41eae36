"""The demo's task sender and the miners that serve: work goes to whoever does it well.

One sender asks for miners through the public URL, three at a time. A miner that does not really
serve fails, the others succeed with their true performance; after a while the busiest one breaks,
and its work goes elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import random
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

import httpx

from devtools.simulation import Subnet

PATH = "/api/v1/tasks/assignments"
KEY = "demo"
SETTINGS = {
    "ALLOW_PRIVATE_AXONS": "true",  # the simulated miners have addresses reserved for examples
    "API_KEYS": json.dumps(
        [
            {
                "name": "demo",
                "sha256": hashlib.sha256(KEY.encode()).hexdigest(),
                "scopes": ["dispatch", "audit"],
            }
        ]
    ),
}
"""What the functions see beside the demo's own settings."""

COUNT = 3
EVERY = 0.4
"""Seconds between two requests for miners."""
SHORTEST, LONGEST = 0.3, 1.2
"""Seconds of work per task."""
BREAKS_AFTER = 90
"""Tasks after which the busiest miner breaks."""


@dataclass(frozen=True, slots=True)
class Work:
    """Tasks that miners have in hand until `due` (monotonic seconds)."""

    due: float
    assignment_id: str
    results: tuple[dict[str, Any], ...]


@dataclass(slots=True)
class Tasks:
    """Sends tasks in the background and counts what becomes of them."""

    url: str
    subnet: Subnet
    outcomes: Counter[str] = field(default_factory=Counter)
    sent: Counter[int] = field(default_factory=Counter)
    """uid → tasks, before one broke."""
    sent_since: Counter[int] = field(default_factory=Counter)
    """uid → tasks since."""
    broken: int | None = None
    trouble: str = ""
    """Why the last request was not answered."""
    _pending: deque[Work] = field(default_factory=deque)
    _rng: random.Random = field(default_factory=lambda: random.Random(1))

    def start(self, ended: threading.Event) -> None:
        """Send until `ended`."""
        threading.Thread(target=self._send_until, args=(ended,), daemon=True).start()

    def summary(self) -> str:
        """What became of the tasks, in a line; "" before the first."""
        done = self.outcomes.total()
        if not done:
            return ""
        text = (
            f"tasks: {done} done by {len(self.sent | self.sent_since)} miners,"
            f" {self.outcomes['success'] / done:.0%} well"
        )
        return text + (f"; {self._shift()}" if self.broken is not None else "")

    def shortcomings(self) -> list[str]:
        """What should have been seen of tasks and was not."""
        if self.outcomes["success"]:
            return []
        return [f"no task was done well{': ' + self.trouble if self.trouble else ''}"]

    def _shift(self) -> str:
        before = self.sent[self.broken or 0] / self.sent.total()
        since = self.sent_since[self.broken or 0] / max(1, self.sent_since.total())
        return f"miner {self.broken} broke: {before:.1%} of the tasks before, {since:.1%} since"

    def _send_until(self, ended: threading.Event) -> None:
        headers = {"Authorization": f"Bearer {KEY}"}
        query = {"netuid": str(self.subnet.netuid)}
        with httpx.Client(base_url=self.url, timeout=30, headers=headers, params=query) as client:
            while not ended.wait(EVERY):
                try:
                    self._hand_out(client)
                    self._report(client)
                except httpx.HTTPError as error:
                    self.trouble = f"{type(error).__name__}: {error}"

    def _hand_out(self, client: httpx.Client) -> None:
        answer = client.post(PATH, json={"count": COUNT}).raise_for_status().json()
        uids = [miner["uid"] for miner in answer["miners"]]
        if not uids:
            return
        counted = self.sent if self.broken is None else self.sent_since
        counted.update(uids)
        seconds = self._rng.uniform(SHORTEST, LONGEST)
        results = tuple(self._serve(uid, seconds) for uid in uids)
        self._pending.append(Work(time.monotonic() + seconds, answer["assignment_id"], results))

    def _serve(self, uid: int, seconds: float) -> dict[str, Any]:
        condition = self.subnet.truth[uid]
        works = condition.serving and uid != self.broken
        succeeds = works and self._rng.random() < condition.performance
        outcome = "success" if succeeds else "failure"
        return {"uid": uid, "outcome": outcome, "latency_ms": round(1000 * seconds)}

    def _report(self, client: httpx.Client) -> None:
        while self._pending and self._pending[0].due <= time.monotonic():
            work = self._pending.popleft()
            path = f"{PATH}/{work.assignment_id}/results"
            client.post(path, json={"results": work.results}).raise_for_status()
            self.outcomes.update(result["outcome"] for result in work.results)
        if self.broken is None and self.outcomes.total() >= BREAKS_AFTER:
            self.broken = self.sent.most_common(1)[0][0]
