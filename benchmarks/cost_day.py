"""Every Firestore operation of a day, counted on the wire, beside one document per status.

    make bench-cost-day                                3 validators × 4 miners, every 5 minutes
    make bench-cost-day ARGS="--interval 60 --hours 2"

One instance of each use case over the emulator, its clock moved through a day: reports, an event
for each, a sweep and a reader every minute, an assignment with its results every ten. Then the same
reports as one document per (validator, miner, time), with a read of the miner's window and a write
of its consensus for each. The formula that is printed for full scale is first held to what was
counted; exit code 1 if it claims less than that, or if the adapters' own count differs. Full scale
is 64 validators × 256 miners.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import TypeVar

from google.cloud.firestore_v1.base_query import FieldFilter

from benchmarks.arrivals import even
from benchmarks.counted_calls import CountedClient
from benchmarks.load_requests import registry_of
from benchmarks.made_reports import intake, keep, recompute
from devtools import firebase, ports, processes, toolchain
from devtools.paths import STATE
from devtools.simulation import Subnet, demo_subnet
from shared.adapters.firestore import (
    FirestoreRegistryStore,
    FirestoreReportLog,
    FirestoreSnapshotStore,
)
from shared.adapters.firestore_dispatch import FirestoreLeaseStore, FirestoreRecordStore
from shared.adapters.operations import counting
from shared.service.assign import Assign
from shared.service.choose import Choose, Task
from shared.service.complete import Complete, Report
from shared.service.dead_letters import Bury
from shared.service.records import Records
from shared.service.registries import Registries
from shared.service.views import Views

PROJECT = "demo-cost-day"
T0 = 1_800_000_000.0
MINUTE, WINDOW = 60.0, 900.0
SPREAD = 2.0
"""Seconds over which the reports of an interval arrive."""
ASSIGN_EVERY = 10
"""Minutes."""
REACH = {300.0: 500, 60.0: 5000}
"""Seconds between reports → how many times fewer operations at full scale, at least."""
T = TypeVar("T")


@dataclass(slots=True)
class Spent:
    """What one kind of work took, by the calls that went over the wire."""

    calls: int = 0
    reads: int = 0
    writes: int = 0
    claimed: int = 0
    """Operations by the adapters' own count."""

    @property
    def operations(self) -> int:
        """Reads and writes."""
        return self.reads + self.writes


@dataclass
class Day:
    """A subnet, one instance of each use case, and what each has cost."""

    client: CountedClient
    subnet: Subnet
    interval: float
    now: float = T0
    spent: dict[str, Spent] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Open the instances; nothing has happened."""
        clock: Callable[[], float] = lambda: self.now  # noqa: E731 - every instance has this one
        registry, log = FirestoreRegistryStore(self.client), FirestoreReportLog(self.client)
        snapshots, leases = FirestoreSnapshotStore(self.client), FirestoreLeaseStore(self.client)
        registry.save(registry_of(self.subnet, self.now + 86_400))
        records = FirestoreRecordStore(self.client)
        self.views, self.swept = Views(snapshots, clock), Views(snapshots, clock)
        self.intake = intake(log, registry, clock)
        self.recompute, self.sweep = recompute(self.client, clock), recompute(self.client, clock)
        choose = Choose(
            Views(snapshots, clock),
            Registries(registry, clock),
            Records(records, clock),
            leases,
            clock,
            allow_private=True,
        )
        self.assign = Assign(choose, leases, clock, lambda: uuid.uuid4().hex)
        self.complete, self.bury = Complete(leases, records, clock), Bury(leases, clock)
        self.rng = random.Random(1)

    @property
    def total(self) -> Spent:
        """All of it."""
        sums = (map(attrgetter(name), self.spent.values()) for name in Spent.__slots__)
        return Spent(*map(sum, sums))

    def live(self, hours: float) -> None:
        """Let so many hours pass."""
        for minute in range(int(60 * hours)):
            self.now = T0 + minute * MINUTE
            if (minute * MINUTE) % self.interval == 0:
                self._cycle()
            self.now = T0 + minute * MINUTE + 30
            self._count("sweeps", self._swept)
            self._count("reads", lambda: self.views(self.subnet.netuid))
            if minute % ASSIGN_EVERY == 5:
                self._count("assignments and results", self._worked)

    def _cycle(self) -> None:
        self.subnet.step()
        start, ids = self.now, list[str]()
        arrivals = even(len(self.subnet.validators), SPREAD)
        for at, validator in zip(arrivals, self.subnet.validators, strict=True):
            self.now = start + at
            post = partial(keep, self.intake, self.subnet, validator, self.now, self.rng)
            ids.append(self._count("reports", post).report_id)
        for report_id in ids:
            self._count("events", partial(self.recompute, self.subnet.netuid, report_id))

    def _swept(self) -> None:
        self.sweep(self.subnet.netuid)
        self.swept(self.subnet.netuid)
        self.bury(self.subnet.netuid)

    def _worked(self) -> None:
        given = self.assign(self.subnet.netuid, Task(count=1))
        results = {lease.uid: Report("success", 0.1) for lease in given.leases}
        if results:  # an empty assignment is not kept
            self.complete(self.subnet.netuid, given.assignment_id, results)

    def _count(self, what: str, work: Callable[[], T]) -> T:
        total = self.client.calls.total
        reads, writes = total.reads, total.writes
        with counting() as claimed:
            result = work()
        spent = self.spent.setdefault(what, Spent())
        spent.calls += 1
        spent.reads += total.reads - reads
        spent.writes += total.writes - writes
        spent.claimed += claimed.reads + claimed.writes
        return result


def as_one_document_per_status(day: Day, hours: float) -> Spent:
    """The reports of so many hours again, each status a document of its own."""
    client, total = day.client, day.client.calls.total
    reads, writes = total.reads, total.writes
    statuses = client.collection("subnets", str(day.subnet.netuid), "statuses")
    consensus = client.collection("subnets", str(day.subnet.netuid), "consensus_of_miners")
    calls = 0
    for cycle in range(int(hours * 3600 / day.interval)):
        at = T0 + cycle * day.interval
        for validator in day.subnet.validators:
            for status in validator.report(day.subnet, day.rng, at):
                statuses.document(f"{validator.uid}_{status['uid']}_{at}").create(
                    {**status, "at": at}
                )
                mine = statuses.where(filter=FieldFilter("uid", "==", status["uid"]))
                window = mine.where(filter=FieldFilter("at", ">", at - WINDOW)).get()
                consensus.document(str(status["uid"])).set({"votes": len(window)})
                calls += 1
    return Spent(calls, total.reads - reads, total.writes - writes)


@dataclass(frozen=True, slots=True)
class Scale:
    """How large a subnet is and how long it is looked at."""

    validators: int
    miners: int
    interval: float
    hours: float = 24.0

    @property
    def cycles(self) -> float:
        """Reports of each validator."""
        return self.hours * 3600 / self.interval

    def ours(self) -> float:
        """At most so many operations, even if each report got a recompute of its own.

        3 a report (2 reads, 1 write); 5 reads and 3 writes its recompute, and the report; 11 a
        sweep, and the reports that its instance has not seen; 1 a reader; 24 an assignment of one
        miner with its result.
        """
        a_minute = 11 + 1 + 24 / ASSIGN_EVERY
        return self.cycles * self.validators * (3 + 8 + 1 + 1) + 60 * self.hours * a_minute

    def theirs(self) -> float:
        """Exactly so many: a status takes 2 writes, and reads what its miner's window holds."""
        full = int(WINDOW / self.interval) - 1
        before = sum(min(cycle, full) for cycle in range(int(self.cycles)))
        of_its_cycle = self.cycles * (self.validators + 1) / 2
        reads = before * self.validators + of_its_cycle
        return self.validators * self.miners * (2 * self.cycles + reads)

    def times_fewer(self) -> float:
        """How many of theirs are one of ours."""
        return self.theirs() / self.ours()


def table(day: Day, other: Spent) -> str:
    """A line per kind of work."""
    rows = {**day.spent, "in all": day.total, "one document per status": other}
    return "\n".join(
        [
            f"{'':<26}{'calls':>9}{'reads':>11}{'writes':>10}{'operations':>12}",
            *(
                f"{what:<26}{it.calls:>9,}{it.reads:>11,}{it.writes:>10,}{it.operations:>12,}"
                for what, it in rows.items()
            ),
        ]
    )


def wrong_claims(scale: Scale, ours: Spent, theirs: Spent) -> list[str]:
    """What does not hold of what was counted at this scale, and of full scale."""
    fewer = {interval: Scale(64, 256, interval).times_fewer() for interval in REACH}
    claims = {
        "the formula claims less than was counted": ours.operations <= scale.ours(),
        "the formula of the documents is not what was counted": theirs.operations == scale.theirs(),
        "the adapters' own count is not that on the wire": ours.claimed == ours.operations,
        "full scale is not as many times cheaper": all(
            fewer[interval] >= least for interval, least in REACH.items()
        ),
    }
    return [claim for claim, holds in claims.items() if not holds]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table and what it makes of full scale; 1 if a claim does not hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cost_day")
    parser.add_argument("--validators", type=int, default=3)
    parser.add_argument("--miners", type=int, default=4)
    parser.add_argument("--interval", type=float, default=300.0)
    parser.add_argument("--hours", type=float, default=24.0)
    given = parser.parse_args(arguments)
    scale = Scale(given.validators, given.miners, given.interval, given.hours)
    STATE.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=STATE))
    with processes.Run() as run:
        plan = firebase.Plan(toolchain.settle(), ports.all_free(), folder, {})
        system = firebase.start(run, plan)
        firebase.wait_until_ready(system)
        os.environ.update(system.environment())  # where the client library looks for the emulator
        subnet = demo_subnet(1, given.validators, given.miners)
        day = Day(CountedClient(PROJECT), subnet, given.interval)
        day.live(given.hours)
        other = as_one_document_per_status(day, given.hours)
    shutil.rmtree(folder)
    print(f"{given.hours:g} hours, {given.validators} × {given.miners}, every {given.interval:g} s")
    print(table(day, other))
    print(f"by formula: at most {scale.ours():,.0f}, and {scale.theirs():,.0f} as documents")
    for interval, least in REACH.items():
        full = Scale(64, 256, interval)
        print(
            f"64 × 256, every {interval:g} s: {full.ours():,.0f} a day, not {full.theirs():,.0f}:"
            f" {full.times_fewer():,.0f} times fewer (at least {least:,})"
        )
    wrong = wrong_claims(scale, day.total, other)
    print("\n".join(f"✘ {claim}" for claim in wrong) or "adapters' own count: the same")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
