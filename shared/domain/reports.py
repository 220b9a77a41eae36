"""Reports and the votes that they hold.

A report is one validator's batch. Its vote on a miner is its latest status of that miner by the
sender's signing time: one vote however often it posted. A later status replaces the whole earlier
one; leaving a miner out is abstention.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from shared.domain.confidence import report_confidence
from shared.domain.policy import Policy
from shared.domain.registry import Registry

Status = Mapping[str, Any]
"""One miner as one validator saw it: field → value; a missing field is absent, never None.

Numbers are finite; `last_seen` is the string that the validator sent.
"""


@dataclass(frozen=True)
class Report:
    """One accepted report, never changed. Times are seconds since 1970, UTC."""

    report_id: str
    """Document id: `{validator_uid}_{nonce}`, the nonce beginning with signing nanoseconds."""
    validator_uid: int
    hotkey: str
    epoch: int
    signed_at: float
    received_at: float
    statuses: tuple[Status, ...]

    @property
    def order(self) -> tuple[float, str]:
        """What makes one report of a validator later than another."""
        return (self.signed_at, self.report_id)

    @cached_property
    def confidences(self) -> Mapping[int, float]:
        """uid → confidence of the report about that miner, 0.1–1; computed once."""
        return {
            status["uid"]: report_confidence(status, self.signed_at) for status in self.statuses
        }


@dataclass(frozen=True, slots=True)
class Vote:
    """A validator's latest status of one miner."""

    report: Report
    stake: float
    """The validator's stake by the registry, TAO."""
    status: Status

    @property
    def validator(self) -> str:
        """Hotkey of the validator that voted."""
        return self.report.hotkey

    def age(self, now: float) -> float:
        """Seconds since it was signed; 0 if signed in the future."""
        return max(0.0, now - self.report.signed_at)


def votes_at(
    reports: Iterable[Report], registry: Registry, policy: Policy, now: float
) -> dict[int, list[Vote]]:
    """uid → the votes in the reporting window at `now`, one per eligible validator.

    Only reports received before `now` count, and at most `max_miners` uids; each list is ordered
    by the validator's hotkey, so that nothing downstream can depend on the order of arrival.
    """
    eligible = registry.eligible(policy)
    latest: dict[tuple[int, str], Vote] = {}
    for report in reports:
        neuron = eligible.get(report.hotkey)
        if neuron is None or not _in_window(report, policy, now):
            continue
        for status in report.statuses:
            key = (status["uid"], report.hotkey)
            held = latest.get(key)
            if held is None or held.report.order < report.order:
                latest[key] = Vote(report, neuron.stake, status)
    votes: dict[int, list[Vote]] = {}
    for uid, hotkey in sorted(latest):
        votes.setdefault(uid, []).append(latest[uid, hotkey])
    if len(votes) <= policy.max_miners:
        return votes
    kept = sorted(votes, key=lambda uid: (registry.of_uid(uid) is None, -len(votes[uid]), uid))
    return {uid: votes[uid] for uid in sorted(kept[: policy.max_miners])}


def holders(reports: Iterable[Report], policy: Policy, horizons: Iterable[float]) -> set[str]:
    """Ids of the reports that hold a vote as of any of the `horizons` (times in seconds).

    Eligibility is left out on purpose: a validator may become eligible again within the window.
    """
    held: set[str] = set()
    known = list(reports)
    for horizon in horizons:
        latest: dict[tuple[int, str], Report] = {}
        for report in known:
            if not _in_window(report, policy, horizon):
                continue
            for status in report.statuses:
                key = (status["uid"], report.hotkey)
                if key not in latest or latest[key].order < report.order:
                    latest[key] = report
        held.update(report.report_id for report in latest.values())
    return held


def signing_time_of(report_id: str) -> float | None:
    """Seconds at which a report was signed, read from its id alone; None if it has no such time."""
    nanoseconds = report_id.partition("_")[2].partition("-")[0]
    return int(nanoseconds) / 1e9 if nanoseconds.isdecimal() else None


def _in_window(report: Report, policy: Policy, now: float) -> bool:
    return report.received_at <= now and now - report.signed_at < policy.reporting_window
