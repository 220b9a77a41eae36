"""What a reader costs: document reads per thousand requests, bytes and latency, with and without
the cache of an instance, conditional requests, and a shared cache in front.

    make bench-read                            1,000 requests each way, 50 a second, 256 miners
    make bench-read ARGS="--rate 20"           fewer at a time

One instance of `get-network-status`, served by functions-framework on the emulator's Firestore; a
new snapshot every 5 s. Latencies are those of loopback, so only their ratios mean anything. Exit
code 1 if a cache does not do what docs/api.md promises.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from benchmarks.dispatch_subnet import miners, publish
from benchmarks.emulators import emulators
from benchmarks.frameworks import Framework, serve
from benchmarks.readers import Answer, Way, read
from devtools import firebase
from devtools.paths import ROOT
from devtools.processes import Run
from shared.service.ports import SnapshotStore
from shared.service.views import CACHED_SECONDS

FUNCTION = "get-network-status"
PATH = "/api/v1/miners/network-status"
MINERS = 256
RENEWED_SECONDS = 5.0
SETTINGS = {"STORE": "firestore", "THREADS": "16", "LOG_LEVEL": "info"}
SOURCES = {True: ROOT / "main.py", False: ROOT / "benchmarks" / "uncached.py"}
"""Whether instances cache → what is served."""


@dataclass(frozen=True, slots=True)
class Case:
    """One way to read, and what it took."""

    cached: bool
    """Whether the instance keeps the snapshot for a second."""
    way: Way
    answers: Sequence[Answer]
    calls: int
    """Requests that came through to the function."""
    reads: int
    """Documents that they read."""
    seconds: float

    @property
    def per_thousand(self) -> float:
        """Document reads per thousand requests."""
        return 1000 * self.reads / len(self.answers)

    @property
    def unchanged(self) -> float:
        """Share 0–1 of the answers that are 304, without a body."""
        return sum(answer.status == 304 for answer in self.answers) / len(self.answers)

    @property
    def latencies(self) -> tuple[float, float]:
        """Median and 95th percentile, in seconds."""
        seconds = [answer.seconds for answer in self.answers]
        return median(seconds), quantiles(seconds, n=20)[-1]

    def shortcoming(self) -> str:
        """What is not as promised; "" if all is."""
        most = len(self.answers) if not self.cached else self.seconds / CACHED_SECONDS + 2
        if self.reads > most:
            return f"{self.reads} reads in {self.seconds:.0f} s"
        if {answer.status for answer in self.answers} - {200, 304}:
            return "not every request was answered"
        if self.way == "conditionally" and self.unchanged < 0.5:
            return f"only {self.unchanged:.0%} of the answers are 304"
        return ""


def table(cases: Sequence[Case]) -> str:
    """A line per case; latencies as multiples of the first one's."""
    head = (
        f"{'instance':<10}{'readers ask':<23}{'calls':>7}{'reads per 1,000':>17}{'304':>6}"
        f"{'KB each':>9}{'median':>9}{'p95':>8}"
    )
    return "\n".join([head, *(_row(case, cases[0]) for case in cases)])


def _row(case: Case, first: Case) -> str:
    size = sum(answer.size for answer in case.answers if answer.status == 200)
    middle, high = (own / plain for own, plain in zip(case.latencies, first.latencies, strict=True))
    return (
        f"{'cached' if case.cached else 'uncached':<10}{case.way:<23}{case.calls:>7,}"
        f"{case.per_thousand:>17,.0f}{case.unchanged:>6.0%}"
        f"{size / len(case.answers) / 1000:>9.1f}{middle:>8.2f}×{high:>7.2f}×"
    )


def measure(served: Framework, *, cached: bool, way: Way, requests: int, rate: float) -> Case:
    """Drive one case."""
    before = len(served.calls(FUNCTION))
    began = time.monotonic()
    answers = read(served.url + PATH, way, requests, rate)
    seconds = time.monotonic() - began
    rows = served.calls(FUNCTION)[before:]
    return Case(cached, way, answers, len(rows), sum(row["reads"] for row in rows), seconds)


@contextlib.contextmanager
def renewing(snapshots: SnapshotStore) -> Iterator[None]:
    """A new snapshot every 5 s, the first one at once."""
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(RENEWED_SECONDS):
            publish(snapshots, miners(time.time(), count=MINERS), time.time())

    publish(snapshots, miners(time.time(), count=MINERS), time.time())
    thread = threading.Thread(target=renew)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def run_cases(
    run: Run, environment: dict[str, str], folder: Path, requests: int, rate: float
) -> list[Case]:
    """All cases, one after the other, the dearest first."""
    from shared.adapters.firestore import FirestoreSnapshotStore, connect

    os.environ.update(environment)  # where the client library looks for the emulator
    names = {**environment, **SETTINGS, "GCLOUD_PROJECT": firebase.PROJECT}
    ways: dict[bool, Sequence[Way]] = {
        False: ("plainly", "conditionally"),
        True: ("plainly", "conditionally", "through a shared cache"),
    }
    cases: list[Case] = []
    with renewing(FirestoreSnapshotStore(connect(firebase.PROJECT))):
        for cached, source in sorted(SOURCES.items()):
            log = folder / f"{source.stem}.log"
            served = serve(run, "get_network_status", log, names, source)
            served.wait(PATH)
            read(served.url + PATH, "plainly", 20, rate)  # the first requests connect and compile
            cases += [
                measure(served, cached=cached, way=way, requests=requests, rate=rate)
                for way in ways[cached]
            ]
    return cases


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 if a cache does not do what is promised."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.read")
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=50.0, help="requests a second")
    given = parser.parse_args(arguments)
    with emulators({}) as (run, system, folder):
        cases = run_cases(run, system.environment(), folder, given.requests, given.rate)
    print(
        f"{given.requests:,} requests each way, {given.rate:g} a second, {MINERS} miners,"
        f" a new snapshot every {RENEWED_SECONDS:g} s"
    )
    print(table(cases))
    failures = [(case, words) for case in cases if (words := case.shortcoming())]
    for case, words in failures:
        print(f"✘ {'cached' if case.cached else 'uncached'}, {case.way}: {words}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
