"""Senders at work: many threads against functions-framework processes on the emulator's Firestore.

Two instances of `assign-tasks` and one of `complete-task` share nothing but Firestore.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import httpx

from benchmarks.frameworks import Framework, serve
from devtools.processes import Run

KEY = "key-of-the-senders"
SCOPE = {"name": "senders", "sha256": hashlib.sha256(KEY.encode()).hexdigest()}
SETTINGS = {
    "STORE": "firestore",
    "THREADS": "16",
    "API_KEYS": json.dumps([{**SCOPE, "scopes": ["dispatch"]}]),
}
HEADERS = {"Authorization": f"Bearer {KEY}"}
ASSIGN_PATH = "/api/v1/tasks/assignments"
PROBED = {"assign_tasks": ASSIGN_PATH, "complete_task": f"{ASSIGN_PATH}/0/results"}
"""Entry point → a path that it answers OPTIONS on."""


@dataclass(frozen=True, slots=True)
class Functions:
    """Running functions."""

    served: Sequence[Framework]
    """Instances of `assign-tasks`, then the one of `complete-task`."""

    @property
    def assign(self) -> list[str]:
        """URLs of the instances of `assign-tasks`."""
        return [each.url for each in self.served[:-1]]

    @property
    def complete(self) -> str:
        """URL of `complete-task`."""
        return self.served[-1].url

    def operations(self, function: str) -> list[tuple[int, int]]:
        """(reads, writes) of each answered call of a function, by its own log."""
        rows = [row for each in self.served for row in each.calls(function)]
        return [(row["reads"], row["writes"]) for row in rows if row["status"] == 200]


@dataclass(frozen=True, slots=True)
class Held:
    """One lease as its sender saw it: surely live between `since` and `until` (monotonic)."""

    uid: int
    since: float
    until: float


@dataclass(frozen=True, slots=True)
class Asked:
    """One assignment as its sender saw it."""

    requested: int
    held: tuple[Held, ...]
    seconds: float
    """How long the answer took."""


@contextmanager
def serving(environment: Mapping[str, str]) -> Iterator[Functions]:
    """Functions of their own processes, over the Firestore that the environment names."""
    targets = ("assign_tasks", "assign_tasks", "complete_task")
    with tempfile.TemporaryDirectory() as folder:
        with Run() as run:
            served = [
                serve(run, target, Path(folder) / f"{number}.log", {**environment, **SETTINGS})
                for number, target in enumerate(targets)
            ]
            for each, target in zip(served, targets, strict=True):
                each.wait(PROBED[target])
            yield Functions(served)
        for each in served:
            each.process.wait()


def drive(
    functions: Functions, senders: int, rounds: int, count: int, work: Callable[[], float]
) -> list[Asked]:
    """Every sender asks for `count` miners, works for `work()` seconds, reports, and again."""

    def send(number: int) -> list[Asked]:
        url = functions.assign[number % len(functions.assign)] + ASSIGN_PATH
        with httpx.Client(headers=HEADERS, timeout=60) as client:
            return [_once(client, url, functions, count, work()) for _ in range(rounds)]

    with ThreadPoolExecutor(senders) as pool:
        return [each for own in pool.map(send, range(senders)) for each in own]


def peak(asked: Sequence[Asked]) -> int:
    """Most leases of one miner that were live at once, by what the senders saw."""
    changes = [
        change
        for each in asked
        for held in each.held
        for change in ((held.since, 1, held.uid), (held.until, -1, held.uid))
    ]
    live: Counter[int] = Counter()
    highest = 0
    for _, step, uid in sorted(changes):
        live[uid] += step
        highest = max(highest, live[uid])
    return highest


def short(asked: Sequence[Asked]) -> float:
    """Share of assignments with fewer miners than asked for."""
    return fmean(len(each.held) < each.requested for each in asked)


def _once(
    client: httpx.Client, url: str, functions: Functions, count: int, seconds: float
) -> Asked:
    began = time.monotonic()
    answer = client.post(url, json={"count": count}).raise_for_status().json()
    since = time.monotonic()
    uids = [miner["uid"] for miner in answer["miners"]]
    time.sleep(seconds)
    until = time.monotonic()
    if uids:
        results = [{"uid": uid, "outcome": "success", "latency_ms": 1000 * seconds} for uid in uids]
        path = f"{ASSIGN_PATH}/{answer['assignment_id']}/results"
        client.post(functions.complete + path, json={"results": results}).raise_for_status()
    return Asked(count, tuple(Held(uid, since, until) for uid in uids), since - began)
