"""Requests per second and latency of every endpoint beside a handler that does nothing.

    make bench-load                        every endpoint (2 minutes)
    make bench-load ARGS="--submit"        submit alone, up to the Firestore call

One functions-framework instance each, 8 keep-alive connections that always wait for an answer, a
client in a process of its own. The limit is what a bare handler, which returns a constant, does
with the same requests in the same minute; `of bare` is the share of it that is reached. Submit is
measured with a signed body of 64 miners up to the Firestore call (a log in memory that answers at
once), and like all others on the emulator, which is then what is slow. Exit code 1 if any answer is
not a 2xx, or if submit does not reach half of the bare handler up to the Firestore call.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.frameworks import Framework, serve
from benchmarks.load_endpoints import SETTINGS, Endpoint, endpoints, environment, seed
from benchmarks.load_requests import CROWD, EACH, Signers, crowd
from benchmarks.load_runs import Pressure, Run, press
from devtools import firebase, ports, processes, toolchain
from devtools.paths import ROOT, STATE
from functions._routes import BASE

SIGNERS = 1000
REACH = 0.5
"""Share of the bare handler's throughput that submit is to have up to the Firestore call."""
TURNS = 5
"""How often bare and submit take turns."""
MAIN = ROOT / "main.py"
OWN = ROOT / "benchmarks" / "load_functions.py"


@dataclass(frozen=True, slots=True)
class Row:
    """An endpoint and the bare handler with the same requests."""

    name: str
    bare: Run
    own: Run

    @property
    def share(self) -> float:
        """Of the bare handler's throughput."""
        return self.own.rate / self.bare.rate


@dataclass(frozen=True, slots=True)
class Bench:
    """Where functions are started and how hard they are pressed."""

    run: processes.Run
    folder: Path
    pressure: Pressure

    def serve(self, entry_point: str, names: dict[str, str], source: Path = MAIN) -> Framework:
        """Start a function; it answers some seconds later."""
        log = self.folder / f"{entry_point}-{source.stem}.log"
        return serve(self.run, entry_point, log, names, source)

    def press(self, served: Framework, requests: Sequence[bytes], *, again: bool) -> Run:
        """Press it."""
        return press(served, requests, self.pressure, self.folder, again=again)

    def beside(self, bare: Framework, served: Framework, endpoint: Endpoint) -> Row:
        """An endpoint beside the bare handler; what it does first it may do slowly."""
        requests = endpoint.requests()
        first = max(1, len(requests) // 10) if not endpoint.again else len(requests)
        self.press(served, requests[:first], again=False)
        idle = self.press(bare, requests, again=True)
        rest = requests if endpoint.again else requests[first:]
        own = self.press(served, rest, again=endpoint.again)
        return Row(f"{endpoint.function} {endpoint.what}".strip(), idle, own)


def submit_in_turns(bench: Bench, signers: Signers) -> list[Row]:
    """Bare and submit up to the Firestore call, one after the other, again and again."""
    names = {**SETTINGS, "STORE": "memory", "NETUIDS": "1", CROWD: str(SIGNERS)}
    bare, submit = (bench.serve(name, names, OWN) for name in ("bare", "submit_miner_status"))
    for served in (bare, submit):
        served.wait(BASE)
        bench.press(served, signers.reports(EACH), again=False)
    rows = []
    for _ in range(TURNS):
        requests = signers.reports(SIGNERS * EACH // (2 * TURNS))
        idle = bench.press(bare, requests[:EACH], again=True)
        rows.append(Row("submit", idle, bench.press(submit, requests, again=False)))
    return rows


def on_the_emulator(bench: Bench, signers: Signers) -> list[Row]:
    """Every endpoint on Firestore's emulator."""
    plan = firebase.Plan(toolchain.settle(), ports.all_free(), bench.folder, {})
    system = firebase.start(bench.run, plan)
    firebase.wait_until_ready(system)
    names = environment(system.environment())
    bare = bench.serve("bare", {**names, CROWD: "1"}, OWN)
    assign = bench.serve("assign_tasks", names)
    subnet = seed(signers)
    bare.wait(BASE)
    rows = []
    for endpoint in endpoints(signers, subnet, assign.url):
        is_assign = endpoint.entry_point == "assign_tasks"
        served = assign if is_assign else bench.serve(endpoint.entry_point, names)
        served.wait(BASE)
        rows.append(bench.beside(bare, served, endpoint))
        if not is_assign:
            served.process.terminate()
    return rows


def table(rows: Sequence[Row]) -> str:
    """A line per endpoint; milliseconds are those of this machine and hour."""
    head = (
        f"{'':<36}{'answers/s':>10}{'of bare':>9}{'p50 ms':>9}{'p95':>8}{'p99':>8}"
        f"{'CPU ms':>8}{'client':>8}"
    )
    return "\n".join([head, *map(_line, rows)])


def _line(row: Row) -> str:
    middle, high, highest = (1000 * seconds for seconds in row.own.percentiles)
    return (
        f"{row.name:<36}{row.own.rate:>10,.0f}{row.share:>9.0%}{middle:>9.1f}{high:>8.1f}"
        f"{highest:>8.1f}{1000 * row.own.cpu_each:>8.2f}{row.own.client_share:>8.0%}"
    )


def reached(rows: Sequence[Row]) -> float:
    """What submit reaches of the bare handler up to the Firestore call: the median of its turns."""
    return median(row.share for row in rows)


def verdict(rows: Sequence[Row]) -> str:
    """The same in words."""
    share = reached(rows)
    shares = ", ".join(f"{row.share:.0%}" for row in rows)
    bare = 1000 * median(row.bare.cpu_each for row in rows)
    own = 1000 * median(row.own.cpu_each for row in rows)
    return (
        f"submit up to the Firestore call: {share:.0%} of bare ({shares}); CPU each"
        f" {bare:.2f} ms bare, {own:.2f} ms submit"
        + ("" if share >= REACH else f"; {REACH:.0%} missed")
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what was measured; 1 if an answer was none, or submit is too slow."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load")
    parser.add_argument("--submit", action="store_true", help="submit alone, without emulators")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each measurement")
    given = parser.parse_args(arguments)
    STATE.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=STATE))
    signers = Signers(crowd(SIGNERS))
    with processes.Run() as run:
        bench = Bench(run, folder, Pressure(given.connections, given.seconds))
        turns = submit_in_turns(bench, signers)
        rows = [] if given.submit else on_the_emulator(bench, signers)
    shutil.rmtree(folder)
    print(f"{given.connections} connections, load of the machine {os.getloadavg()[0]:.1f}")
    print(table([*turns, *rows]))
    print(verdict(turns))
    failures = [row for row in (*turns, *rows) if row.own.refused()]
    for row in failures:
        print(f"✘ {row.name}: {dict(row.own.refused())}")
    return 1 if failures or reached(turns) < REACH else 0


if __name__ == "__main__":
    sys.exit(main())
