"""Explain: why a miner is what it is, vote by vote, now or as of a closed round.

An instance resolves again what it explains, so it keeps what it has resolved, and resolves one at
a time: the present at most every 10 s, a closed round once while it is asked for.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from shared.domain.explanation import Hearing, hear
from shared.domain.reports import Report
from shared.domain.rounds import round_of
from shared.service.answers import TooManyRounds, miner_answer
from shared.service.archive import Archive, require_all
from shared.service.explain_answers import explanation
from shared.service.ports import Clock, ReportLog, StoredSnapshot

PRESENT_SECONDS = 10.0
"""How long an instance explains the snapshot that it has resolved."""
KEPT_ROUNDS = 2
"""Closed rounds that an instance keeps resolved."""
OPEN_A_MINUTE = 4
"""Closed rounds that an instance resolves a minute for callers without a key."""


@dataclass(frozen=True, slots=True)
class Explained:
    """An answer, and what caches must know of it."""

    answer: dict[str, Any]
    at: float
    """When it was so, seconds since 1970, UTC."""
    tag: str
    """Changes with the answer."""
    is_final: bool
    """Whether it will never change: a closed round with every value shown."""


@dataclass(frozen=True, slots=True)
class _Heard:
    """A resolution that an instance keeps."""

    hearing: Hearing
    round: int
    version: int | None
    """Of the snapshot; None for a closed round."""
    tag: str
    read_at: float
    reports: dict[str, Report]

    @property
    def secret_until(self) -> float:
        """When the last vote in it has left the reporting window."""
        return self.hearing.premises.now + self.hearing.premises.policy.reporting_window


@dataclass(frozen=True, slots=True)
class Explain:
    """The use case. Thread-safe; may raise `Unavailable`."""

    log: ReportLog
    archive: Archive
    clock: Clock
    _present: dict[int, _Heard] = field(default_factory=dict)
    _past: dict[tuple[int, int], _Heard] = field(default_factory=dict)
    _resolved: deque[float] = field(default_factory=deque)
    """When rounds were resolved for callers without a key, within the last minute."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def present(self, netuid: int, stored: StoredSnapshot, uid: int, sees_all: bool) -> Explained:
        """The miner in the snapshot `stored`, or in one at most 10 s older that is kept.

        Values of votes still in their window are withheld unless the caller `sees_all`. Raises
        `UnknownMiner`.
        """
        with self._lock:
            heard = self._present.get(netuid)
            if heard is None or self._is_old(heard, stored):
                heard = self._present[netuid] = self._hear_present(netuid, stored, heard)
        return self._explained(heard, uid, sees_all)

    def past(self, netuid: int, number: int, uid: int, sees_all: bool) -> Explained:
        """The miner as of the end of a closed round.

        Raises `UnknownRound`, `UnknownMiner`, and `TooManyRounds` for who does not see all.
        """
        with self._lock:
            heard = self._past.get((netuid, number))
            if heard is None:
                if not sees_all:
                    self._spend()
                heard = self._hear_past(netuid, number)
                self._keep(netuid, heard)
        return self._explained(heard, uid, sees_all)

    def _is_old(self, heard: _Heard, stored: StoredSnapshot) -> bool:
        age = self.clock() - heard.read_at
        return heard.version != stored.version and not 0 <= age < PRESENT_SECONDS

    def _hear_present(self, netuid: int, stored: StoredSnapshot, before: _Heard | None) -> _Heard:
        record = self.archive.present(netuid, stored)
        known = before.reports if before else {}
        reports = {key: known[key] for key in record.inputs if key in known}
        missing = [key for key in record.inputs if key not in known]
        reports.update({r.report_id: r for r in self.log.load(netuid, missing)})
        hearing = hear(record.premises(reports.values()))
        policy, version = hearing.premises.policy, stored.version
        return _Heard(
            hearing=hearing,
            round=round_of(stored.computed_at, policy),
            version=version,
            tag=f"{version}-{round(stored.computed_at * 1000)}",
            read_at=self.clock(),
            reports=reports,
        )

    def _hear_past(self, netuid: int, number: int) -> _Heard:
        record = self.archive.past(netuid, number)
        reports = {r.report_id: r for r in self.log.load(netuid, record.inputs)}
        require_all(record.inputs, reports, f"round {number}")
        hearing = hear(record.premises(reports.values()))
        tag = f"{number}-{record.closed.payload_sha256[:12]}"
        return _Heard(hearing, number, None, tag, self.clock(), reports)

    def _keep(self, netuid: int, heard: _Heard) -> None:
        while len(self._past) >= KEPT_ROUNDS:
            del self._past[next(iter(self._past))]
        self._past[netuid, heard.round] = heard

    def _spend(self) -> None:
        """Count one more round; raises `TooManyRounds`."""
        now = self.clock()
        while self._resolved and not 0 <= now - self._resolved[0] < 60:
            self._resolved.popleft()
        if len(self._resolved) >= OPEN_A_MINUTE:
            raise TooManyRounds(OPEN_A_MINUTE, self._resolved[0] + 60 - now)
        self._resolved.append(now)

    def _explained(self, heard: _Heard, uid: int, sees_all: bool) -> Explained:
        is_open = self.clock() < heard.secret_until
        shows_values = sees_all or not is_open
        found = explanation(heard.hearing, uid, shows_values)
        about = {"round": heard.round}
        if heard.version is not None:
            about["version"] = heard.version
        return Explained(
            answer={
                **miner_answer(heard.hearing.resolution, uid),
                "explanation": {**about, **found},
            },
            at=heard.hearing.premises.now,
            tag=f"{heard.tag}-{'all' if shows_values else 'some'}",
            is_final=heard.version is None and shows_values,
        )
