"""python -m benchmarks.recompute [--repeat N] [--profile]: time and memory of one recompute.

A step over the complete reports of 64 validators about 256 miners: warm, as an instance that still
holds the parsed reports takes it; cold, from the signed bytes; and warm at the moment that closes
a round. Each as a ratio to one numpy sort (along validators) of the same votes as matrices, one
per field, and to a resolve by the plain estimator. 4,096 miners show how it grows.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import random
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from shared import ss58
from shared.adapters.bodies import as_report
from shared.domain.estimates import plainly
from shared.domain.memory import Memory
from shared.domain.packed import packed
from shared.domain.policy import Policy
from shared.domain.registry import Neuron, Registry
from shared.domain.reports import Report
from shared.domain.resolve import resolve
from shared.domain.rounds import Chain, Known, round_of, step
from shared.domain.votes import votes_at
from shared.service.ports import SignedReport

T0 = 1_800_000_000.0
VALIDATORS, STATUSES = 64, 1024
REACH = 10.0
POLICY = Policy()

Work = Callable[[], object]


def status(rng: random.Random, miner: int) -> dict[str, Any]:
    """One miner as one validator sees it, every field given."""
    return {
        "uid": miner,
        "hotkey": ss58.encode(miner.to_bytes(32, "big")),
        "stake": 100.0 + miner,
        "is_serving": rng.random() < 0.95,
        "performance_score": round(0.5 + rng.gauss(0, 0.05), 6),
        "current_load": float(rng.randrange(8)),
        "max_capacity": 8.0,
        "ip": f"203.0.113.{miner % 250}",
        "port": 8091,
        "external_ip": f"198.51.100.{miner % 250}",
        "external_port": 8092,
        "last_seen": "2027-01-15T07:59:00Z",
        "task_type_specialization": {"text": {"total": 10, "successful": 9, "success_rate": 0.9}},
        "metadata": {"version": "1.2.3"},
    }


def reports_of(miners: int, rounds: Sequence[float]) -> list[Report]:
    """All validators' reports at these times, of at most 1,024 miners each."""
    rng = random.Random(1)
    return [
        packed(
            Report(
                report_id=f"{validator}_{round((at + first / 1e4) * 1e9)}",
                validator_uid=validator,
                hotkey=f"validator {validator:02}",
                epoch=1,
                signed_at=at + first / 1e4 + validator / 1e3,
                received_at=at + first / 1e4 + validator / 1e3,
                statuses=tuple(status(rng, m) for m in range(first, min(first + STATUSES, miners))),
            )
        )
        for at in rounds
        for validator in range(VALIDATORS)
        for first in range(0, miners, STATUSES)
    ]


def signed(report: Report) -> SignedReport:
    """The report as it is stored."""
    content = {
        "validator_uid": report.validator_uid,
        "epoch": report.epoch,
        "miner_statuses": list(report.statuses),
    }
    return SignedReport(
        report_id=report.report_id,
        nonce=report.report_id.partition("_")[2],
        validator_uid=report.validator_uid,
        hotkey=report.hotkey,
        epoch=report.epoch,
        signed_at=report.signed_at,
        received_at=report.received_at,
        miner_count=len(report.statuses),
        content_type="application/json",
        body=json.dumps(content).encode(),
        body_sha256="",
        signature={},
        recent=(),
        expire_at=0.0,
    )


def registry() -> Registry:
    """Validators of different stakes; nothing is known of the miners."""
    neurons = (
        Neuron(60_000 + uid, f"validator {uid:02}", 1000.0 + 100 * uid, validator_permit=True)
        for uid in range(VALIDATORS)
    )
    return Registry(1, T0, tuple(neurons))


@dataclass(frozen=True)
class Subnet:
    """One learnt round, and the reports of the next one."""

    chain: Chain
    reports: list[Report]
    registry: Registry

    @property
    def memory(self) -> Memory:
        """What the learnt round left."""
        return self.chain.memory

    def known(self, reports: Sequence[Report] | None = None) -> Known:
        """What a recompute works on."""
        return Known(self.reports if reports is None else reports, self.registry, POLICY)


def subnet(miners: int) -> Subnet:
    """64 validators that reported about these miners twice, a round apart."""
    first, second = reports_of(miners, [T0 + 5]), reports_of(miners, [T0 + 65])
    before = Chain(closed_through=round_of(T0, POLICY) - 1)
    learnt = step(before, Known(first, registry(), POLICY), T0 + 95, most_rounds=1)
    return Subnet(learnt.chain, second, registry())


def matrices(reports: Sequence[Report], miners: int) -> list[Any]:
    """[validators, miners] per field, whatever is no number as the rank of its text."""
    names = [name for name in reports[0].statuses[0] if name != "uid"]
    columns = []
    for name in names:
        values = [[""] * miners for _ in range(VALIDATORS)]
        for report in reports:
            for entry in report.statuses:
                values[report.validator_uid][entry["uid"]] = str(entry[name])
        ranks = np.unique(np.array(values), return_inverse=True)[1]
        columns.append(ranks.reshape(VALIDATORS, miners).astype(np.float64))
    return columns


def fastest(work: Work, repeat: int) -> float:
    """Seconds of the fastest of `repeat` runs."""
    times = []
    for _ in range(repeat):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


def peak(work: Work) -> float:
    """Greatest allocation while working, MiB."""
    tracemalloc.start()
    work()
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return taken / 2**20


def works(of: Subnet) -> dict[str, Work]:
    """What is measured, by its name, 10 s after the reports; closing, when their round may be."""
    now = T0 + 75
    stored = [signed(report) for report in of.reports]
    votes = votes_at(of.reports, of.registry, POLICY, now)
    return {
        "warm": lambda: step(of.chain, of.known(), now, 1),
        "cold": lambda: step(of.chain, of.known([as_report(each) for each in stored]), now, 1),
        "warm, closing": lambda: step(of.chain, of.known(), T0 + 155, 1),
        "resolve only": lambda: resolve(votes, of.registry, of.memory, POLICY, now),
        "plain resolve": lambda: resolve(votes, of.registry, of.memory, POLICY, now, plainly),
    }


def measure(miners: int, chosen: Sequence[str], repeat: int) -> None:
    """Print one size's rows of these names; "plain resolve" must be among them."""
    of = subnet(miners)
    columns = matrices(of.reports, miners)
    sort = fastest(lambda: [np.sort(column, axis=0) for column in columns], max(5, repeat))
    measured = {name: work for name, work in works(of).items() if name in chosen}
    found = {name: fastest(work, repeat) for name, work in measured.items()}
    size = f"{VALIDATORS} × {miners:,} × {len(columns)}"
    print(f"{size}: one sort of the same matrices takes {sort * 1e3:.1f} ms")
    print(f"  {'':<14} {'ms':>9} {'/ sort':>8} {'/ plain':>8} {'reach':>6} {'peak MiB':>9}")
    for name, work in measured.items():
        reach = f"{REACH:.0f}" if name == "warm" else ""
        mark = " missed" if name == "warm" and found[name] > REACH * sort else ""
        ratio = found[name] / found["plain resolve"]
        print(
            f"  {name:<14} {found[name] * 1e3:>9.1f} {found[name] / sort:>8.1f} {ratio:>8.2f} "
            f"{reach:>6} {peak(work):>9.1f}{mark}"
        )


def profile(miners: int) -> None:
    """Print where a warm step spends its time."""
    of = subnet(miners)
    profiler = cProfile.Profile()
    profiler.runcall(works(of)["warm"])
    profiler.print_stats("tottime")


def main() -> None:
    """Print one table per size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=5, help="runs, of which the fastest counts")
    parser.add_argument("--profile", action="store_true", help="where a warm step spends its time")
    chosen = parser.parse_args()
    if chosen.profile:
        profile(256)
        return
    measure(256, ("warm", "cold", "warm, closing", "resolve only", "plain resolve"), chosen.repeat)
    measure(4096, ("warm", "plain resolve"), repeat=1)  # shows that it grows linearly


if __name__ == "__main__":
    main()
