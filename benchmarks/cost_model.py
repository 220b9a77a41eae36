"""The monthly bill by line, from counted operations and the price table of `benchmarks.prices`.

    make cost VALIDATORS=64 MINERS=256 INTERVAL=60

Operations are counted by formula (2 reads + 1 write per report; 3 reads, a count and 1 per new
report, and at most 3 writes per recompute); `make bench-cost` counts
the same on the emulator. Times that an instance is busy and sizes of logs are estimates, and the
bill says so. Beside it stands the same traffic as one document per (validator, miner, time) with a
re-read of the window for each. What counts most is whether reports come together: those that arrive
within one recompute share it. `SPREAD` says over how many seconds they come.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from benchmarks.arrivals import BILLING_STEP, busy, even, recomputes
from benchmarks.prices import AS_OF, DAYS, PRICES, SOURCES
from benchmarks.typical_report import report_bytes

MANIFEST = Path(__file__).resolve().parent.parent / "functions.yaml"
GIB = 2.0**30
MONTH = DAYS * 86400.0
RETENTION_DAYS = 7
"""Days after which reports and rounds expire; backups are kept as long."""
WINDOW = 900.0
"""Seconds of the reporting window: what one document per status reads again."""

SUBMIT_SECONDS = 0.1
"""Estimate: from a report's arrival to its answer, validation and two round trips."""
SUBMIT_GIB = 0.5
EVENT_GIB = 1.0
READ_SECONDS = 0.1
"""Estimate: one read of consensus, answered from the instance's cache or after one document."""
ROUND_TRIPS_SECONDS = 0.1
"""Estimate: what a recompute waits for the database."""
ENGINE_SECONDS_PER_STATUS = 0.1 / (64 * 256)
"""Estimate: a recompute's own time per validator and miner, as on one core of a laptop."""
ROUND_KIB = 64.0
"""Estimate: a closed round of 64 × 256, compressed."""
LOG_KIB = 1.5
"""Estimate: the platform's line and ours, per request."""
ANSWER_BYTES_PER_MINER = 400
"""Estimate: a miner in the answer of network-status."""
CHANGES_PER_CYCLE = 2
"""Estimate: answers that differ, for a reader that asks by ETag; all others are 304 and empty."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What one subnet sends in a month."""

    validators: int = 64
    miners: int = 256
    interval: float = 60.0
    """Seconds between two reports of one validator."""
    spread: float = 2.0
    """Seconds over which the reports of one interval arrive; validators report on the minute."""
    reads_per_minute: float = 6.0
    """Requests for network-status; a proxy that asks every 10 s."""

    @property
    def cycles(self) -> float:
        """Intervals in a month."""
        return MONTH / self.interval

    @property
    def reports(self) -> float:
        """Reports in a month."""
        return self.validators * self.cycles

    @property
    def arrivals(self) -> list[float]:
        """Arrival times within one interval, seconds."""
        return even(self.validators, min(self.spread, self.interval))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the bill."""

    what: str
    price: str
    quantity: float
    is_estimate: bool = False

    def dollars(self, *, free_tier: bool = True) -> float:
        """What the line costs a month, alone with its free tier."""
        return PRICES[self.price].of(self.quantity, free_tier=free_tier)


def bill(traffic: Traffic) -> list[Line]:
    """The lines of one month."""
    return [*_ingest(traffic), *_recompute(traffic), *_stored(traffic), *_around(traffic)]


def _ingest(traffic: Traffic) -> list[Line]:
    seconds = busy(traffic.arrivals, SUBMIT_SECONDS) * traffic.cycles
    return [
        Line("submit: registry and latest report", "firestore_read", 2 * traffic.reports),
        Line("submit: the report", "firestore_write", traffic.reports),
        Line("submit: requests", "run_request", traffic.reports),
        Line("submit: cpu", "run_cpu", seconds, is_estimate=True),
        Line("submit: memory", "run_memory", seconds * SUBMIT_GIB, is_estimate=True),
    ]


def _recompute(traffic: Traffic) -> list[Line]:
    duration = recompute_seconds(traffic)
    cycle = recomputes(traffic.arrivals, duration)
    sweeps = MONTH / 60
    count = cycle.count * traffic.cycles + sweeps
    # A sweep knows nothing of what the other instance read: it reads all reports of its minute.
    reports_read = (cycle.reports_read + traffic.validators) * traffic.cycles
    seconds = cycle.busy_seconds * traffic.cycles + sweeps * duration
    expiries = traffic.reports if expiry_calls() else 0.0
    volume = 2 * (traffic.reports + expiries) * report_bytes(traffic.miners) / GIB
    return [
        Line("recompute: snapshot, registry", "firestore_read", 3 * count),
        Line("recompute: reports", "firestore_read", reports_read),
        Line("recompute: snapshots", "firestore_write", count),
        Line("recompute: rounds", "firestore_write", min(sweeps, traffic.cycles)),
        Line("recompute: events and sweeps", "run_request", traffic.reports + expiries + sweeps),
        Line("recompute: cpu", "run_cpu", seconds + expiries * BILLING_STEP, is_estimate=True),
        Line("recompute: memory", "run_memory", seconds * EVENT_GIB, is_estimate=True),
        Line("recompute: events in and out", "pubsub_throughput", volume, is_estimate=True),
    ]


def _stored(traffic: Traffic) -> list[Line]:
    kept = traffic.reports * RETENTION_DAYS / DAYS
    size = kept * report_bytes(traffic.miners) / GIB
    rounds = min(MONTH / 60, traffic.cycles) * RETENTION_DAYS / DAYS * ROUND_KIB / 2**20
    rounds *= traffic.validators * traffic.miners / (64 * 256)
    return [
        Line("stored: reports", "firestore_stored", size),
        Line("stored: rounds", "firestore_stored", rounds, is_estimate=True),
        Line("stored: what expires", "firestore_ttl_delete", traffic.reports),
    ]


def _around(traffic: Traffic) -> list[Line]:
    reads = traffic.reads_per_minute * MONTH / 60
    seconds = reads * READ_SECONDS
    requests = 2 * traffic.reports + MONTH / 60 + reads
    changed = min(reads, CHANGES_PER_CYCLE * traffic.cycles)
    answers = changed * traffic.miners * ANSWER_BYTES_PER_MINER / GIB
    return [
        Line("reading: snapshot", "firestore_read", reads),
        Line("reading: requests", "run_request", reads),
        Line("reading: cpu", "run_cpu", seconds, is_estimate=True),
        Line("reading: memory", "run_memory", seconds * SUBMIT_GIB, is_estimate=True),
        Line("reading: changed answers", "egress", answers, is_estimate=True),
        Line("around: sweep and sync", "scheduler_job", 2),
        Line("around: API keys", "secret_version", 1),
        Line("around: logs", "log_ingested", requests * LOG_KIB / 2**20, is_estimate=True),
    ]


def protection(traffic: Traffic) -> list[Line]:
    """What point-in-time recovery and daily backups add, where they are switched on."""
    size = sum(line.quantity for line in _stored(traffic) if line.price == "firestore_stored")
    return [
        Line("recovery: any minute of 7 days", "firestore_recovery", size, is_estimate=True),
        Line("recovery: 7 daily backups", "firestore_backup", 7 * size, is_estimate=True),
    ]


def one_document_per_status(traffic: Traffic) -> list[Line]:
    """The same traffic, each status a document, and the miner's window read again for each.

    Firestore alone, without what functions, events and storage would cost on top.
    """
    statuses = traffic.reports * traffic.miners
    window = traffic.validators * max(1.0, WINDOW / traffic.interval)
    return [
        Line("a document per status", "firestore_write", statuses),
        Line("the window of its miner, again", "firestore_read", statuses * window),
        Line("the miner's consensus", "firestore_write", statuses),
        Line("what expires", "firestore_ttl_delete", statuses),
    ]


def recompute_seconds(traffic: Traffic) -> float:
    """Estimate of one recompute's duration, seconds."""
    return ROUND_TRIPS_SECONDS + ENGINE_SECONDS_PER_STATUS * traffic.validators * traffic.miners


def expiry_calls() -> bool:
    """Whether a report's expiry is an event as well: so it is for `written`, not for `created`."""
    endpoints = yaml.safe_load(MANIFEST.read_text())["endpoints"]
    event = endpoints["recompute-consensus"]["eventTrigger"]["eventType"]
    return not str(event).endswith(".created")


def total(lines: Sequence[Line], *, free_tier: bool = True) -> float:
    """US dollars a month; a free tier is granted once for all lines of one price."""
    quantities: dict[str, float] = {}
    for line in lines:
        quantities[line.price] = quantities.get(line.price, 0.0) + line.quantity
    return sum(PRICES[name].of(n, free_tier=free_tier) for name, n in quantities.items())


def render(traffic: Traffic) -> str:
    """The bill as it is printed."""
    lines, safety, naive = bill(traffic), protection(traffic), one_document_per_status(traffic)
    return "\n".join(
        [
            _headline(traffic),
            f"prices of {AS_OF}: {', '.join(SOURCES)}",
            "~ estimated from assumed times and sizes, all else counted\n",
            *_table(lines),
            _sum("total", total(lines, free_tier=False)),
            _sum("total after free tiers", total(lines)),
            *(
                _sum(f"  if they arrive within {spread:g} s", total(bill(other)))
                for spread, other in _otherwise(traffic)
            ),
            "\nwith point-in-time recovery and daily backups, the default of infra/terraform:",
            *_table(safety),
            _sum("with recovery, after free tiers", total([*lines, *safety])),
            "\nthe same traffic as one document per (validator, miner, time), Firestore alone:",
            *_table(naive),
            _sum("total", total(naive, free_tier=False)),
        ]
    )


def _headline(traffic: Traffic) -> str:
    return (
        f"{traffic.validators} validators × {traffic.miners} miners, a report every"
        f" {traffic.interval:g} s, arriving within {traffic.spread:g} s;"
        f" {traffic.reads_per_minute:g} reads a minute; {DAYS} days, us-central1"
    )


def _otherwise(traffic: Traffic) -> list[tuple[float, Traffic]]:
    spreads = sorted({traffic.interval / 6, traffic.interval})
    return [(spread, replace(traffic, spread=spread)) for spread in spreads]


def _table(lines: Sequence[Line]) -> list[str]:
    return [
        f"{line.what:<36}{'~' if line.is_estimate else ' '}{line.quantity:>18,.0f}"
        f" {PRICES[line.price].unit:<10}{line.dollars(free_tier=False):>14,.2f}"
        for line in lines
    ]


def _sum(what: str, dollars: float) -> str:
    return f"{what:<66}{dollars:>14,.2f} USD"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the bill for the traffic that the arguments describe."""
    given = _parser().parse_args(arguments)
    print(render(Traffic(**vars(given))))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cost_model")
    usual = Traffic()
    parser.add_argument("--validators", type=_above(int), default=usual.validators)
    parser.add_argument("--miners", type=_above(int), default=usual.miners)
    parser.add_argument("--interval", type=_above(float), default=usual.interval)
    parser.add_argument("--spread", type=_above(float), default=usual.spread)
    parser.add_argument("--reads-per-minute", type=_above(float), default=usual.reads_per_minute)
    return parser


def _above(kind: Callable[[str], float]) -> Callable[[str], float]:
    def parse(text: str) -> float:
        value = kind(text)
        if not value > 0:
            raise argparse.ArgumentTypeError(f"{text} must be above 0")
        return value

    return parse


if __name__ == "__main__":
    main()
