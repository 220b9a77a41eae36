"""Complete: give leases back, once, and remember how the miners did.

Costs 1 read and 1 write for the assignment, 1 write per lease, 1 read and 1 write per miner's
record; repeated results cost the first read alone.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from shared.domain.dispatch.records import Outcome, Record, Result, observe
from shared.service.dispatch_ports import Assignment, Lease, LeaseStore, Place, RecordStore
from shared.service.ports import Clock, Conflict

ATTEMPTS = 10
PAUSE = 0.02
"""Seconds: the mean pause before the second attempt; it grows with each."""
LEARNING_ATTEMPTS = 5
"""A record that is written faster than this gets through has results enough."""


class UnknownAssignment(LookupError):  # noqa: N818 - a fact, not a fault
    """No such assignment, or it is forgotten by now."""


class NotAssigned(Exception):  # noqa: N818 - reads as a sentence
    """A result about miners that are not part of the assignment; nothing was changed."""

    def __init__(self, uids: Sequence[int]) -> None:
        """`uids` are those of the strangers."""
        self.uids = tuple(uids)
        super().__init__(f"not part of this assignment: uids {', '.join(map(str, uids))}")


@dataclass(frozen=True, slots=True)
class Report:
    """How the sender's task at one miner ended."""

    outcome: Outcome
    seconds: float | None = None
    """As the sender measured it, None: the time since the assignment."""


@dataclass(frozen=True, slots=True)
class Completion:
    """An assignment after results came in."""

    assignment: Assignment
    accepted: tuple[int, ...]
    """uids whose result is new, ascending; the first result of a miner stands."""


@dataclass(frozen=True, slots=True)
class Complete:
    """The use case "this is how it went". Thread-safe; may raise `Unavailable`."""

    leases: LeaseStore
    records: RecordStore
    clock: Clock
    pause: Callable[[float], object] = time.sleep

    def __call__(
        self, netuid: int, assignment_id: str, reports: Mapping[int, Report]
    ) -> Completion:
        """Take uid → report in: each miner's first result frees its lease and is learnt from.

        Results count after the lease has run out, too; its place may be another's by then, and
        stays so. Raises `UnknownAssignment`, `NotAssigned`, and `Conflict` when others write the
        same assignment all the time.
        """
        for attempt in range(ATTEMPTS):
            assignment = self._find(netuid, assignment_id, reports)
            fresh = tuple(ls for ls in assignment.leases if _is_new(ls, assignment, reports))
            if not fresh:
                return Completion(assignment, ())
            now = round(self.clock(), 6)  # as the store keeps it
            news = _News(netuid, assignment, fresh, reports, now)
            try:
                settled = self._settle(news, look=attempt > 0 or not assignment.at_once)
            except Conflict:
                self.pause(PAUSE * (attempt + 1) * random.random())  # noqa: S311 - jitter
                continue
            self._learn(news)
            return Completion(settled, tuple(sorted(lease.uid for lease in fresh)))
        raise Conflict(f"assignment {assignment_id} changes faster than it is read")

    def _find(self, netuid: int, assignment_id: str, reports: Mapping[int, Report]) -> Assignment:
        assignment = self.leases.find(netuid, assignment_id)
        if assignment is None:
            raise UnknownAssignment("there is no such assignment, or it is too long ago")
        strangers = sorted(reports.keys() - {lease.uid for lease in assignment.leases})
        if strangers:
            raise NotAssigned(strangers)
        return assignment

    def _settle(self, news: _News, *, look: bool) -> Assignment:
        """Keep the outcomes and free the places that are still held."""
        outcomes = {lease.uid: news.reports[lease.uid].outcome for lease in news.fresh}
        results = {**news.assignment.results, **outcomes}
        held = [
            _as_taken(lease, news.assignment) for lease in news.fresh if lease.expires_at > news.now
        ]
        if look:
            held = self._still_held(news.netuid, held)
        self.leases.settle(news.netuid, news.assignment, results, held, news.now)
        return replace(news.assignment, results=results)

    def _still_held(self, netuid: int, held: Sequence[Place]) -> list[Place]:
        found = self.leases.look(netuid, [place.name for place in held])
        pairs = zip(held, found, strict=True)
        return [place for taken, place in pairs if place.lease_id == taken.lease_id]

    def _learn(self, news: _News) -> None:
        """Add the results to the records, unless these are written all the time by others."""
        miners = [(lease.uid, lease.hotkey) for lease in news.fresh]
        written: list[Record] = []
        for attempt in range(LEARNING_ATTEMPTS):
            loaded = self.records.load(news.netuid, miners)
            if any(record in written for record, _ in loaded):
                return None  # our own: a write whose answer was lost
            learnt = [
                (observe(record, news.result(lease), news.now), token)
                for (record, token), lease in zip(loaded, news.fresh, strict=True)
            ]
            written = [record for record, _ in learnt]
            try:
                return self.records.save(news.netuid, learnt)
            except Conflict:
                self.pause(PAUSE * (attempt + 1) * random.random())  # noqa: S311 - jitter
        return None


@dataclass(frozen=True, slots=True)
class _News:
    """Results that are new to an assignment."""

    netuid: int
    assignment: Assignment
    fresh: tuple[Lease, ...]
    reports: Mapping[int, Report]
    now: float

    def result(self, lease: Lease) -> Result:
        """How this lease ended, as the record keeps it."""
        report, began = self.reports[lease.uid], self.assignment.created_at
        waited = max(0.0, self.now - began)
        return Result(
            outcome=report.outcome,
            seconds=waited if report.seconds is None else report.seconds,
            lease_seconds=lease.expires_at - began,
            concurrent=lease.concurrent,
            declared=lease.declared,
        )


def _is_new(lease: Lease, assignment: Assignment, reports: Mapping[int, Report]) -> bool:
    return lease.uid in reports and lease.uid not in assignment.results


def _as_taken(lease: Lease, assignment: Assignment) -> Place:
    """The place as the write left it that made the assignment."""
    return Place(lease.place_name, lease.lease_id, lease.expires_at, assignment.opened)
