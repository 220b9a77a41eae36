"""64 validators × 256 miners through the whole system, cycle after cycle: is anything lost, and
what does the recompute take?

    make bench-load-cycles                 10 cycles, one every 12 s (3 minutes)

Signed reports go through the hosting URL to the functions emulator; Firestore's own trigger calls
the recompute. First one report at a time: how long from its POST until network-status counts it,
an instance's cache of a second included. Then cycles: after each, all reports ever accepted are in
the snapshot's count, none twice. Rounds are of 10 s, so that what an instance must remember of open
rounds comes and goes several times. Exit code 1 if a report is refused, lost or counted twice, or
if the memory of a process that recomputes grows after half of the cycles by more than a tenth.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx
import psutil

from benchmarks.cost import NETUID, PATIENCE, STATUS_PATH, logged
from benchmarks.load_requests import registry_of
from devtools import firebase, ports, processes, toolchain
from devtools.paths import STATE
from devtools.reporting import Reporting
from devtools.simulation import Subnet, demo_subnet
from shared.adapters.firestore import FirestoreRegistryStore, connect

VALIDATORS, MINERS = 64, 256
ALONE = 10
"""Reports that are posted one at a time."""
POLL = 0.02
GROWTH = 1.1
SETTINGS = {"LOG_LEVEL": "info", "ROUND_SECONDS": "10", "ROUND_GRACE": "5"}
TARGET = "recompute_consensus"


@dataclass(frozen=True, slots=True)
class Cycle:
    """One cycle, when its last report was visible."""

    accepted: int
    """Reports answered with 200, ever."""
    counted: int
    """Reports that the snapshot counts."""
    visible: float
    """Seconds from the last answer until all of them were counted."""
    recomputes: Sequence[float]
    """Milliseconds of those that did anything."""
    events: int
    sizes: Mapping[int, int]
    """Memory of each process of the recompute, bytes, by its id."""

    @property
    def size(self) -> int:
        """Memory of all of them, bytes."""
        return sum(self.sizes.values())


@dataclass(slots=True)
class Watched:
    """The running system, and how far its log was read."""

    system: firebase.System
    reporting: Reporting
    client: httpx.Client
    offset: int = 0

    def counted(self) -> int:
        """Reports in the snapshot."""
        answer = self.client.get(STATUS_PATH).raise_for_status().json()
        return int(answer["consensus_stats"]["total_validator_reports"])

    def until_counted(self) -> float:
        """Seconds until all that was accepted is counted; raises `TimeoutError`."""
        began = time.monotonic()
        while self.counted() < self.reporting.accepted:
            if time.monotonic() > began + PATIENCE:
                raise TimeoutError(f"{self.counted()} of {self.reporting.accepted} reports counted")
            time.sleep(POLL)
        return time.monotonic() - began

    def cycle(self) -> Cycle:
        """Let every validator report once."""
        self.offset = self.system.log.stat().st_size
        self.reporting.post_round()
        visible = self.until_counted()
        time.sleep(1.0)  # events that are covered already come to their end
        rows = [
            row for row in logged(self.system.log, self.offset) if row["message"] == "recompute"
        ]
        return Cycle(
            accepted=self.reporting.accepted,
            counted=self.counted(),
            visible=visible,
            recomputes=[row["ms"] for row in rows if row["outcome"] == "recomputed"],
            events=len(rows),
            sizes=dict(recomputing(self.system)),
        )


def recomputing(system: firebase.System) -> Iterator[tuple[int, int]]:
    """Id and memory, bytes, of each process that serves the recompute."""
    for process in psutil.Process(system.process.pid).children(recursive=True):
        with suppress(psutil.Error):  # it has just ended
            is_python = "python" in process.name() or "functions-frame" in process.name()
            if is_python and process.environ().get("FUNCTION_TARGET") == TARGET:
                yield process.pid, process.memory_info().rss


def one_at_a_time(watched: Watched, subnet: Subnet) -> list[float]:
    """Seconds from a POST until the report is counted, for validators that report alone."""
    everyone = {validator.uid for validator in subnet.validators}
    taken = []
    for uid in range(ALONE + 1):
        watched.reporting.silent = everyone - {uid}
        began = time.monotonic()
        watched.reporting.post_round()
        watched.until_counted()
        taken.append(time.monotonic() - began)
    watched.reporting.silent = set()
    return taken[1:]  # the first one waits for the function to start


def table(cycles: Sequence[Cycle]) -> str:
    """A line per cycle."""
    head = (
        f"{'cycle':>5}{'accepted':>10}{'counted':>9}{'visible s':>11}{'events':>8}"
        f"{'recomputes':>12}{'median ms':>11}{'slowest':>9}{'instances':>11}{'MiB':>7}"
    )
    return "\n".join([head, *(_line(n, cycle) for n, cycle in enumerate(cycles, 1))])


def _line(number: int, it: Cycle) -> str:
    middle, slowest = median(it.recomputes or [0]), max(it.recomputes, default=0)
    return (
        f"{number:>5}{it.accepted:>10,}{it.counted:>9,}{it.visible:>11.1f}{it.events:>8}"
        f"{len(it.recomputes):>12}{middle:>11,.0f}{slowest:>9,.0f}{len(it.sizes):>11}"
        f"{it.size / 2**20:>7,.0f}"
    )


def faults(cycles: Sequence[Cycle], refused: int) -> list[str]:
    """What is not as promised."""
    half = cycles[len(cycles) // 2 :]
    first, last = half[0].sizes, half[-1].sizes
    grown = any(last[each] > GROWTH * first[each] for each in first.keys() & last.keys())
    wrong = [n for n, cycle in enumerate(cycles, 1) if cycle.counted != cycle.accepted]
    return [
        *([f"{refused} reports were refused"] if refused else []),
        *(f"cycle {n}: not every accepted report is counted once" for n in wrong),
        *(["the recompute's memory grows"] if grown else []),
    ]


def watch(
    system: firebase.System, count: int, every: float
) -> tuple[list[float], list[Cycle], int]:
    """Latencies, cycles and how many reports were refused."""
    subnet = demo_subnet(NETUID, VALIDATORS, MINERS)
    os.environ.update(system.environment())  # where the client library looks for the emulator
    FirestoreRegistryStore(connect(firebase.PROJECT)).save(registry_of(subnet, time.time()))
    reporting, cycles = Reporting(system.url, subnet), []
    with httpx.Client(base_url=system.url, timeout=30) as client:
        watched = Watched(system, reporting, client)
        latencies = one_at_a_time(watched, subnet)
        for _ in range(count):
            due = time.monotonic() + every
            cycles.append(watched.cycle())
            time.sleep(max(0.0, due - time.monotonic()))
    reporting.close()
    return latencies, cycles, sum(reporting.refused.values())


def main(arguments: Sequence[str] | None = None) -> int:
    """Print latencies and cycles; 1 if something is not as promised."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load_cycles")
    parser.add_argument("--cycles", type=int, default=10)
    parser.add_argument("--every", type=float, default=12.0, help="seconds")
    given = parser.parse_args(arguments)
    STATE.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=STATE))
    with processes.Run() as run:
        plan = firebase.Plan(toolchain.settle(), ports.all_free(), folder, SETTINGS)
        system = firebase.start(run, plan)
        firebase.wait_until_ready(system)
        latencies, cycles, refused = watch(system, given.cycles, given.every)
    shutil.rmtree(folder)
    print(
        f"{VALIDATORS} validators × {MINERS} miners, load of the machine {os.getloadavg()[0]:.1f}"
    )
    print(
        f"one report, POST to visible: median {median(latencies):.2f} s,"
        f" slowest of {len(latencies)} {max(latencies):.2f} s"
    )
    print(table(cycles))
    found = faults(cycles, refused)
    print("\n".join(f"✘ {fault}" for fault in found) or "every accepted report is counted once")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
