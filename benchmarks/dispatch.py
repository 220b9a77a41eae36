"""The task distributor, measured: shares, failures and recovery, rivals, and senders at once.

    make bench-dispatch                     all of it; the senders on the emulator's Firestore
    make bench-dispatch ARGS="--in-memory"  without the senders, so without Node and Java

Exit code 1 if a figure that docs/dispatch.md promises is not reached.
"""

from __future__ import annotations

import argparse
import itertools
import math
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from benchmarks.dispatch_senders import drive, peak, serving, short
from benchmarks.dispatch_simulation import best_three, mean_tally, quorate
from benchmarks.dispatch_subnet import CAPACITY, MINERS, NETUID, Desk, miners, publish
from benchmarks.emulators import emulators
from devtools import firebase
from shared.domain.dispatch.records import Outcome
from shared.service.choose import Task
from shared.service.complete import Report

DRAWS = 10_000
SENDERS, ROUNDS, COUNT = 32, 8, 3
BAD = 3
"""The miner that fails for a while."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One promised figure and what was measured."""

    what: str
    measured: str
    holds: bool


def shares() -> list[Finding]:
    """Mode weighted, one miner at a time, its lease given back at once: who is chosen how often."""
    desk = Desk()
    desk.refresh(miners(desk.now))
    assign, complete = desk.assign(), desk.complete(learn=False)
    drawn: Counter[int] = Counter()
    scores: dict[int, float] = {}
    for seed in range(DRAWS):
        made = assign(NETUID, Task(count=1, seed=seed))
        lease = made.leases[0]
        drawn[lease.uid] += 1
        scores[lease.uid] = lease.availability_score
        complete(NETUID, made.assignment_id, {lease.uid: Report("success")})
    statistic = chi_square(drawn, scores)
    limit = chi_square_limit(MINERS - 1)
    least = min(drawn[uid] / DRAWS * sum(scores.values()) / scores[uid] for uid in scores)
    return [
        Finding(
            f"χ² of {DRAWS:,} draws against the scores, {MINERS - 1} degrees of freedom",
            f"{statistic:.1f} (99.9 % below {limit:.1f})",
            statistic < limit,
        ),
        Finding(
            "miners that were drawn, and least share of one by its score",
            f"{len(drawn)} of {MINERS}, {least:.2f} of it",
            len(drawn) == MINERS and least > 0.5,
        ),
    ]


def chi_square(drawn: Counter[int], scores: dict[int, float]) -> float:
    """Pearson's statistic of counts against shares in proportion to the scores."""
    total, mass = sum(drawn.values()), sum(scores.values())
    expected = {uid: total * score / mass for uid, score in scores.items()}
    return sum((drawn[uid] - mean) ** 2 / mean for uid, mean in expected.items())


def chi_square_limit(degrees: int, z: float = 3.09) -> float:
    """The 99.9 % quantile, by Wilson and Hilferty's approximation."""
    spread = 2 / (9 * degrees)
    return degrees * (1 - spread + z * math.sqrt(spread)) ** 3


def failure_and_recovery() -> list[Finding]:
    """One miner fails for a while: its share before, after 20 outcomes of it, and in the end."""
    desk = Desk()
    known = miners(desk.now)
    assign, complete = desk.assign(), desk.complete()
    seeds = itertools.count()

    def period(draws: int, *, fails: bool, until: float = math.inf) -> tuple[int, int]:
        chosen = done = 0
        while done < draws and chosen < until:
            desk.now += 0.05
            if done % 1000 == 0:
                desk.refresh(known)
            made = assign(NETUID, Task(count=1, seed=next(seeds)))
            uid = made.leases[0].uid
            outcome: Outcome = "failure" if fails and uid == BAD else "success"
            complete(NETUID, made.assignment_id, {uid: Report(outcome, 1.0)})
            chosen, done = chosen + (uid == BAD), done + 1
        return chosen, done

    before = _share(period(5_000, fails=False))
    outcomes, until_left = period(5_000, fails=True, until=20)
    failing = _share(period(5_000, fails=True))
    period(5_000, fails=False)
    recovered = _share(period(5_000, fails=False))
    return [
        Finding(
            f"share while it fails ({outcomes} outcomes in {until_left:,} assignments before)",
            f"{failing / before:.1%} of the former",
            failing < 0.1 * before,
        ),
        Finding(
            "share once it has recovered",
            f"{recovered / before:.0%} of the former",
            recovered > 0.5 * before,
        ),
    ]


def _share(counted: tuple[int, int]) -> float:
    return counted[0] / counted[1]


def rivals(repetitions: int) -> list[Finding]:
    """Completion, waiting and fairness beside the choice of the best N by the last report."""
    uids = range(MINERS)
    ours = mean_tally([quorate(seed) for seed in range(repetitions)], uids)
    theirs = mean_tally([best_three(seed) for seed in range(repetitions)], uids)
    head = f"{'':<34}{'completed':>12}{'p95 waiting':>14}{'fairness':>12}"
    print(
        "\n".join(
            [head, _row("Quorate, weighted", ours), _row("best 3 by the last report", theirs)]
        )
    )
    return [
        Finding("more tasks completed than by the best 3", "see above", ours[0] > theirs[0]),
        Finding("less waiting than with the best 3", "see above", ours[1] < theirs[1]),
        Finding("fairer than the best 3", "see above", ours[2] > theirs[2]),
    ]


def _row(name: str, figures: tuple[float, float, float]) -> str:
    completed, waiting, fairness = figures
    return f"{name:<34}{completed:>12.1%}{waiting:>12.2f} s{fairness:>12.2f}"


def senders() -> list[Finding]:
    """Many senders at once over HTTP, on the emulator's Firestore."""
    with emulators({}) as (_, system, _):
        return _send(system.environment())


def _send(environment: dict[str, str]) -> list[Finding]:
    from shared.adapters.firestore import (
        FirestoreSnapshotStore,
        connect,
    )

    os.environ.update(environment)  # where the client library looks for the emulator
    now = time.time()
    publish(FirestoreSnapshotStore(connect(firebase.PROJECT)), miners(now), now)
    names = {**environment, "GCLOUD_PROJECT": firebase.PROJECT}
    with serving(names) as functions:
        asked = drive(functions, SENDERS, ROUNDS, COUNT, work=lambda: 0.1)
        assigned = functions.operations("assign-tasks")
        completed = functions.operations("complete-task")
    print(
        f"{SENDERS} senders × {ROUNDS} assignments of {COUNT} miners on the emulator,"
        f" {1000 * fmean(each.seconds for each in asked):.0f} ms each"
    )
    print(f"Firestore operations per assignment: {_mean(assigned)}; results: {_mean(completed)}")
    highest, fewer = peak(asked), short(asked)
    return [
        Finding(f"most live leases of {CAPACITY}", str(highest), highest <= CAPACITY),
        Finding("assignments with fewer miners than asked", f"{fewer:.1%}", fewer < 0.02),
    ]


def _mean(operations: Sequence[tuple[int, int]]) -> str:
    reads = fmean(reads for reads, _ in operations)
    writes = fmean(writes for _, writes in operations)
    return f"{reads:.1f} reads and {writes:.1f} writes"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print all figures; 1 if one is not reached."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dispatch")
    parser.add_argument("--in-memory", action="store_true", help="leave out the senders")
    parser.add_argument("--repetitions", type=int, default=2)
    given = parser.parse_args(arguments)
    findings = [*rivals(given.repetitions), *shares(), *failure_and_recovery()]
    if not given.in_memory:
        findings += senders()
    for finding in findings:
        print(f"{'✔' if finding.holds else '✘'} {finding.what}: {finding.measured}")
    return 0 if all(finding.holds for finding in findings) else 1


if __name__ == "__main__":
    sys.exit(main())
