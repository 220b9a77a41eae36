"""What the matrices must say, one vote after the other: slow and obvious."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shared.domain.fields import NOT_VOTED, hotkey_of, kind_of
from shared.domain.observations import SLACK
from shared.domain.policy import Policy
from shared.domain.registry import Registry
from shared.domain.reports import Report
from shared.domain.results import MinerResult, Resolution

Held = Mapping[int, Mapping[str, tuple[Report, Mapping[str, Any]]]]
"""uid → hotkey of the validator → its report and status."""


def held_at(reports: Iterable[Report], registry: Registry, policy: Policy, now: float) -> Held:
    """The latest status of every eligible validator about every miner."""
    held: dict[int, dict[str, tuple[Report, Mapping[str, Any]]]] = {}
    for report in sorted(reports, key=lambda each: (each.signed_at, each.report_id)):
        is_young = now - report.signed_at < policy.reporting_window
        if is_young and report.received_at <= now and report.hotkey in registry.eligible(policy):
            for status in report.statuses:
                held.setdefault(status["uid"], {})[report.hotkey] = (report, status)
    return held


def agreement(
    resolution: Resolution, held: Held, policy: Policy, now: float
) -> dict[str, tuple[dict[int, tuple[int, int]], float]]:
    """Hotkey → (uid → (agreeing, observations), greatest distance in tolerances)."""
    found: dict[str, tuple[dict[int, tuple[int, int]], float]] = {}
    for uid in sorted(held):
        miner = resolution.miners[uid]
        for hotkey, (report, status) in held[uid].items():
            if miner.has_quorum and max(0.0, now - report.signed_at) < policy.consensus_timeout:
                by_miner, furthest = found.get(hotkey, ({}, 0.0))
                agreeing, observations, distance = _compared(status, miner, policy)
                if observations:
                    by_miner[uid] = (agreeing, observations)
                found[hotkey] = (by_miner, max(furthest, distance))
    return found


def _compared(
    status: Mapping[str, Any], miner: MinerResult, policy: Policy
) -> tuple[int, int, float]:
    if hotkey_of(status) not in (None, miner.hotkey):
        return 0, 1, 0.0
    agreeing, observations, furthest = 0, 0, 0.0
    for name, consensus in miner.values.items():
        value, kind = status.get(name), None if name in NOT_VOTED else kind_of(name, consensus)
        if value is None or kind_of(name, value) != kind:
            continue
        if kind == "label":
            observations += 1
            agreeing += value == consensus and type(value) is type(consensus)
        if kind == "number":
            distance, tolerance = abs(float(value) - consensus), policy.tolerance(name, consensus)
            is_fact, near = miner.sources.get(name) == "chain", distance <= tolerance * (1 + SLACK)
            agreeing += near and not is_fact
            observations += not (near and is_fact)
            furthest = max(furthest, 0.0 if near else _tolerances(distance, tolerance))
    return agreeing, observations, furthest


def _tolerances(distance: float, tolerance: float) -> float:
    return min(1000.0, distance / tolerance if tolerance else 1000.0)
