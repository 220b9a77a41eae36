"""Reports that are there and have no vote, because their validator may not report."""

from __future__ import annotations

from dataclasses import dataclass

from shared.domain.explanation.hearing import Hearing
from shared.domain.reports import Report, Status


@dataclass(frozen=True, slots=True)
class Outsider:
    """The latest status of a miner by somebody who may not report."""

    report: Report
    status: Status
    reason: str
    """As `Registry.why_refused` names it."""


def outsiders_of(hearing: Hearing, uid: int) -> list[Outsider]:
    """One per hotkey, in the reporting window; in the order of hotkeys."""
    premises = hearing.premises
    found: dict[str, Outsider] = {}
    for report in premises.reports:
        reason = premises.registry.why_refused(report.hotkey, premises.policy)
        if reason is None or premises.now - report.signed_at >= premises.policy.reporting_window:
            continue
        held = found.get(report.hotkey)
        for status in report.statuses:
            if status["uid"] == uid and (held is None or held.report.order < report.order):
                found[report.hotkey] = Outsider(report, status, reason)
    return [found[hotkey] for hotkey in sorted(found)]
