"""What a monitor may scrape, in the text format of Prometheus (version 0.0.4).

Everything is read from the current snapshots; a figure that there is none of is left out, as
Prometheus wants it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from shared.service.health import health_of
from shared.service.kpis import Kpis, kpis_of, registered
from shared.service.views import View

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Sample = tuple[Mapping[str, str | int], float | None]
"""Labels beside `netuid`, and the value; None: there is none."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What all metrics of a subnet are read from; `now` in seconds."""

    view: View
    kpis: Kpis
    now: float


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: what it is called, what it says, and how it is read."""

    name: str
    kind: Literal["gauge", "counter"]
    meaning: str
    samples: Callable[[_Seen], Iterable[Sample]]


def _one(read: Callable[[_Seen], float | None]) -> Callable[[_Seen], Iterable[Sample]]:
    return lambda seen: [({}, read(seen))]


def _latency(seen: _Seen) -> float | None:
    latency = seen.kpis.latency_ms
    return latency / 1000 if latency is not None else None


def _age(seen: _Seen) -> Iterable[Sample]:
    return [({}, max(0.0, seen.now - seen.view.stored.computed_at))]


def _checks(seen: _Seen) -> Iterable[Sample]:
    checks = health_of(seen.view, seen.now).checks
    return [({"check": check.name}, float(check.healthy)) for check in checks]


def _agreement(seen: _Seen) -> Iterable[Sample]:
    return [({"validator": each.uid}, each.agreement) for each in seen.view.standings]


def _states(seen: _Seen) -> Iterable[Sample]:
    states = [miner.state for miner in registered(seen.view.resolution)]
    return [({"state": state}, states.count(state)) for state in sorted(set(states))]


METRICS = (
    Metric(
        "quorate_consensus_coverage",
        "gauge",
        "Share 0–1 of the reported registered miners that have an undisputed quorum.",
        _one(lambda seen: seen.kpis.coverage),
    ),
    Metric(
        "quorate_validator_participation",
        "gauge",
        "Share 0–1 of the eligible validators with a vote younger than the consensus timeout.",
        _one(lambda seen: seen.kpis.participation),
    ),
    Metric(
        "quorate_conflict_rate",
        "gauge",
        "Conflicts 0–1 per registered miner with a quorum: the most heard one of each.",
        _one(lambda seen: seen.kpis.conflict_rate),
    ),
    Metric(
        "quorate_consensus_confidence",
        "gauge",
        "Mean consensus confidence 0–1 of the registered miners with a quorum.",
        _one(lambda seen: seen.kpis.confidence),
    ),
    Metric(
        "quorate_processing_latency_seconds",
        "gauge",
        "From receipt of the newest reports until they were visible.",
        _one(_latency),
    ),
    Metric("quorate_miners", "gauge", "Registered miners by state of their consensus.", _states),
    Metric(
        "quorate_validators_active",
        "gauge",
        "Validators with a vote younger than the consensus timeout.",
        _one(lambda seen: len(seen.view.resolution.active_validators)),
    ),
    Metric(
        "quorate_validators_eligible",
        "gauge",
        "Validators that may report.",
        _one(lambda seen: seen.view.resolution.eligible_validators),
    ),
    Metric(
        "quorate_validator_agreement",
        "gauge",
        "Share 0–1 of a validator's current observations that agree with the consensus.",
        _agreement,
    ),
    Metric("quorate_snapshot_age_seconds", "gauge", "Time since the current snapshot.", _age),
    Metric("quorate_healthy", "gauge", "1 where a health check holds, 0 where it fails.", _checks),
    Metric(
        "quorate_reports_total",
        "counter",
        "Reports accepted since the subnet began.",
        _one(lambda seen: seen.view.stored.total_reports),
    ),
    Metric(
        "quorate_observations_total",
        "counter",
        "Miner statuses in them.",
        _one(lambda seen: seen.view.stored.total_observations),
    ),
    Metric(
        "quorate_snapshots_total",
        "counter",
        "Snapshots written since the subnet began.",
        _one(lambda seen: seen.view.stored.version),
    ),
)
"""Everything that is exposed; `docs/metrics.md` lists the same."""


def exposition(views: Mapping[int, View | None], now: float) -> str:
    """The metrics of these subnets (netuid → view) at `now` in seconds."""
    seen = {netuid: _Seen(view, kpis_of(view), now) for netuid, view in views.items() if view}
    return "".join(f"{line}\n" for metric in METRICS for line in _lines(metric, seen))


def _lines(metric: Metric, subnets: Mapping[int, _Seen]) -> Iterator[str]:
    yield f"# HELP {metric.name} {metric.meaning}"
    yield f"# TYPE {metric.name} {metric.kind}"
    for netuid, seen in subnets.items():
        for labels, value in metric.samples(seen):
            if value is not None:
                yield f"{metric.name}{_braces({'netuid': netuid, **labels})} {value!r}"


def _braces(labels: Mapping[str, str | int]) -> str:
    """Label values here are numbers and names of ours: nothing to escape."""
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels.items()) + "}"
