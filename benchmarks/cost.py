"""Firestore operations of report cycles, counted by the functions themselves on the emulators.

    make bench-cost                       16 validators × 256 miners × 4 rounds
    make bench-cost ARGS="--validators 64 --rounds 2"

Reports go signed through the hosting URL. Every function logs what each call read and wrote; this
adds those lines up, beside what the same traffic costs when each status is a document of its own
and the window of its miner is read again for each.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from devtools import firebase, ports, toolchain
from devtools.paths import STATE
from devtools.processes import Run
from devtools.reporting import Reporting
from devtools.simulation import Subnet, demo_subnet

NETUID = 1
PATIENCE = 60.0
"""Seconds to wait for the last event to be worked off."""
STATUS_PATH = "/api/v1/miners/network-status"


@dataclass(frozen=True, slots=True)
class Cost:
    """Calls of one kind and the operations that they took."""

    what: str
    calls: int
    reads: int
    writes: int

    @property
    def operations(self) -> int:
        """Reads and writes."""
        return self.reads + self.writes


def logged(log: Path, offset: int = 0) -> Iterator[dict[str, Any]]:
    """The JSON lines that the functions wrote to the emulators' log, from a byte offset on."""
    for line in log.read_bytes()[offset:].decode(errors="replace").splitlines():
        start = line.find("{")
        if start >= 0 and line.endswith("}") and '"severity"' in line:
            try:
                yield json.loads(line[start:])
            except json.JSONDecodeError:
                continue


def counted(lines: Sequence[dict[str, Any]]) -> list[Cost]:
    """What submits and recomputes cost, by what they were."""
    submits = [
        row
        for row in lines
        if row.get("function") == "submit-miner-status" and row["status"] == 200
    ]
    recomputes = [row for row in lines if row["message"] in {"recompute", "sweep"}]
    worked = [row for row in recomputes if row["outcome"] == "recomputed"]
    covered = [row for row in recomputes if row["outcome"] != "recomputed"]
    return [
        _cost("reports accepted", submits),
        _cost("recomputes", worked),
        _cost("events already covered", covered),
    ]


def document_per_status(validators: int, miners: int, rounds: int) -> Cost:
    """One document per (validator, miner, time): each status is written, its miner's window is
    read again (all rounds fit into it), and the miner's consensus is written.
    """
    statuses = validators * rounds
    reads = miners * statuses * (statuses + 1) // 2
    return Cost("one document per status", miners * statuses, reads, 2 * miners * statuses)


def table(costs: Sequence[Cost], other: Cost) -> str:
    """The costs, their sum, and how many times more the other way takes."""
    total = Cost("total", 0, sum(c.reads for c in costs), sum(c.writes for c in costs))
    rows = [
        f"{c.what:<26}{c.calls or '':>8}{c.reads:>12,}{c.writes:>10,}{c.operations:>12,}"
        for c in (*costs, total, other)
    ]
    head = f"{'':<26}{'calls':>8}{'reads':>12}{'writes':>10}{'operations':>12}"
    ratio = other.operations / total.operations
    return "\n".join([head, *rows, f"one document per status takes {ratio:,.0f} times as many"])


def _cost(what: str, rows: Sequence[dict[str, Any]]) -> Cost:
    return Cost(what, len(rows), sum(r["reads"] for r in rows), sum(r["writes"] for r in rows))


def run_cycles(url: str, subnet: Subnet, rounds: int) -> Reporting:
    """Post so many rounds and wait until the snapshot holds them all."""
    reporting = Reporting(url, subnet)
    for _ in range(rounds):
        reporting.post_round()
    deadline = time.monotonic() + PATIENCE
    while _included(url, subnet.netuid) < reporting.accepted and time.monotonic() < deadline:
        time.sleep(0.3)
    reporting.close()
    return reporting


def _included(url: str, netuid: int) -> int:
    answer = httpx.get(url + STATUS_PATH, params={"netuid": netuid}, timeout=30).json()
    return int(answer["consensus_stats"]["total_validator_reports"])


def _register(run: Run, subnet: Subnet, folder: Path, system: firebase.System) -> None:
    """Import the subnet's registry as an operator would."""
    file = folder / "registry.json"
    file.write_text(json.dumps(subnet.registry()))
    command = (str(Path(sys.executable).with_name("quorate")), "registry", "import", str(file))
    if run.start(command, system.environment()).wait() != 0:
        raise SystemExit("the registry could not be imported")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run on emulators of its own; 1 if a report was refused or the snapshot is not complete."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cost")
    parser.add_argument("--validators", type=int, default=16)
    parser.add_argument("--miners", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=4)
    given = parser.parse_args(arguments)
    STATE.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=STATE))
    with Run() as run:
        plan = firebase.Plan(toolchain.settle(), ports.all_free(), folder, {"LOG_LEVEL": "info"})
        system = firebase.start(run, plan)
        firebase.wait_until_ready(system)
        subnet = demo_subnet(NETUID, given.validators, given.miners)
        _register(run, subnet, folder, system)
        reporting = run_cycles(system.url, subnet, given.rounds)
        answer = httpx.get(system.url + STATUS_PATH, timeout=30).json()
        costs = counted(list(logged(system.log)))
    complete = sum(miner["state"] != "stale" for miner in answer["miners"])
    print(
        f"{given.validators} validators × {given.miners} miners × {given.rounds} rounds:"
        f" {reporting.accepted} reports accepted, {sum(reporting.refused.values())} refused,"
        f" {complete} miners in the snapshot"
    )
    print(table(costs, document_per_status(given.validators, given.miners, given.rounds)))
    shutil.rmtree(folder)
    is_whole = not reporting.refused and complete == given.miners
    return 0 if is_whole else 1


if __name__ == "__main__":
    sys.exit(main())
