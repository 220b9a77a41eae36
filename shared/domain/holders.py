"""Which reports hold votes: all others may be forgotten."""

from __future__ import annotations

from collections.abc import Iterable

from shared.domain.policy import Policy
from shared.domain.reports import Report
from shared.domain.votes import in_window


def holders(reports: Iterable[Report], policy: Policy, horizons: Iterable[float]) -> set[str]:
    """Ids of the reports that hold a vote as of any of the `horizons` (times in seconds).

    Eligibility is left out on purpose: a validator may become eligible again within the window.
    """
    latest_first = sorted(reports, key=lambda report: report.order, reverse=True)
    held: set[str] = set()
    for horizon in horizons:
        told: dict[str, set[int]] = {}
        for report in latest_first:
            if not in_window(report, policy, horizon):
                continue
            known, uids = told.setdefault(report.hotkey, set()), report.uids
            if not uids <= known:
                held.add(report.report_id)
                known |= uids
    return held
