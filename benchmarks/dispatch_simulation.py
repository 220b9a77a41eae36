"""A subnet at work on paper: tasks arrive, miners serve them, and two ways to choose compete.

Each miner serves its capacity at once and queues the rest; a task succeeds with the miner's true
performance; what has not begun within `PATIENCE` seconds is lost. Validators refresh what is known
once a minute.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean

from benchmarks.dispatch_subnet import CAPACITY, NETUID, Desk, miners
from shared.domain.dispatch.records import Outcome
from shared.domain.ranking import availability_score
from shared.domain.results import MinerResult
from shared.service.choose import Task
from shared.service.complete import Report
from shared.service.dispatch_ports import Assignment

RATE, MEAN_SERVICE, SECONDS = 80.0, 2.0, 120.0
"""Tasks a second, seconds of work per task, seconds of simulated time."""
PATIENCE = 10.0
REFRESH = 60.0
RETRY = 0.5
"""Seconds after which a task asks again that got no miner."""


@dataclass(slots=True)
class Server:
    """One miner: what it does now and what waits for it."""

    performance: float
    running: int = 0
    waiting: deque[tuple[float, Sent]] = field(default_factory=deque)


@dataclass(frozen=True, slots=True)
class Sent:
    """One task and the miner that it was sent to."""

    arrived: float
    uid: int
    ticket: Assignment | None


Chooser = Callable[[float], tuple[int, Assignment | None] | None]
"""Time → uid and ticket, None if no miner is to be had."""
Teller = Callable[[Sent, Outcome], None]


@dataclass(slots=True)
class Tally:
    """What became of the tasks."""

    succeeded: int = 0
    failed: int = 0
    lost: int = 0
    waits: list[float] = field(default_factory=list)
    served: Counter[int] = field(default_factory=Counter)

    @property
    def completion(self) -> float:
        """Share of all tasks that succeeded."""
        return self.succeeded / (self.succeeded + self.failed + self.lost)

    @property
    def p95_wait(self) -> float:
        """Seconds from arrival until work began or the task was lost."""
        return sorted(self.waits)[int(0.95 * len(self.waits))]

    def fairness(self, uids: Sequence[int]) -> float:
        """Jain's index of tasks per miner: 1 when all have the same, 1 / n when one has all."""
        counts = [self.served[uid] for uid in uids]
        return sum(counts) ** 2 / (len(counts) * sum(count**2 for count in counts))


@dataclass(slots=True)
class Simulation:
    """Discrete events in order of time; ties in order of making."""

    servers: Mapping[int, Server]
    choose: Chooser
    tell: Teller
    rng: random.Random
    tally: Tally = field(default_factory=Tally)
    _events: list[tuple[float, int, Callable[[float], None]]] = field(default_factory=list)
    _order: itertools.count[int] = field(default_factory=itertools.count)

    def run(self, refresh: Callable[[float], None]) -> Tally:
        """Tasks for `SECONDS`, then until the last has ended."""
        for step in range(int(SECONDS / REFRESH) + 1):
            self._at(step * REFRESH, refresh)
        arrival = 0.0
        while (arrival := arrival + self.rng.expovariate(RATE)) < SECONDS:
            self._at(arrival, lambda now: self._send(now, now))
        while self._events:
            now, _, happen = heapq.heappop(self._events)
            happen(now)
        return self.tally

    def _at(self, time: float, happen: Callable[[float], None]) -> None:
        heapq.heappush(self._events, (time, next(self._order), happen))

    def _send(self, arrived: float, now: float) -> None:
        chosen = self.choose(now)
        if chosen is not None:
            self._arrive(Sent(arrived, *chosen), now)
        elif now - arrived < PATIENCE:
            self._at(now + RETRY, lambda then: self._send(arrived, then))
        else:
            self._lose(arrived, now)

    def _arrive(self, sent: Sent, now: float) -> None:
        self.tally.served[sent.uid] += 1
        server = self.servers[sent.uid]
        if server.running < CAPACITY:
            self._begin(server, sent, now)
        else:
            server.waiting.append((now, sent))

    def _begin(self, server: Server, sent: Sent, now: float) -> None:
        server.running += 1
        self.tally.waits.append(now - sent.arrived)
        service = self.rng.expovariate(1 / MEAN_SERVICE)
        self._at(now + service, lambda then: self._end(server, sent, then))

    def _end(self, server: Server, sent: Sent, now: float) -> None:
        server.running -= 1
        succeeded = self.rng.random() < server.performance
        self.tally.succeeded += succeeded
        self.tally.failed += not succeeded
        self.tell(sent, "success" if succeeded else "failure")
        self._next(server, now)

    def _next(self, server: Server, now: float) -> None:
        while server.waiting and server.running < CAPACITY:
            _, sent = server.waiting.popleft()
            if now - sent.arrived < PATIENCE:
                self._begin(server, sent, now)
            else:
                self._lose(sent.arrived, now)
                self.tell(sent, "timeout")

    def _lose(self, arrived: float, now: float) -> None:
        self.tally.lost += 1
        self.tally.waits.append(now - arrived)


def quorate(seed: int) -> Tally:
    """Leases by `assign-tasks` in mode weighted, one miner per task; results are reported."""
    desk = Desk()
    start = desk.now
    known = miners(start, seed)
    servers = _servers(known)
    assign, complete = desk.assign(), desk.complete()
    seeds = itertools.count(1_000_000 * seed)

    def choose(now: float) -> tuple[int, Assignment | None] | None:
        desk.now = start + now
        made = assign(NETUID, Task(count=1, seed=next(seeds)))
        return (made.leases[0].uid, made) if made.leases else None

    def tell(sent: Sent, outcome: Outcome) -> None:
        if sent.ticket is not None:
            complete(NETUID, sent.ticket.assignment_id, {sent.uid: Report(outcome)})

    def refresh(now: float) -> None:
        desk.now = start + now
        desk.refresh(_reported(known, servers))

    return Simulation(servers, choose, tell, random.Random(seed)).run(refresh)


def best_three(seed: int) -> Tally:
    """The best three by the last report's score, the task to one of them; no leases."""
    known = miners(0.0, seed)
    servers = _servers(known)
    best: list[int] = []
    rng = random.Random(seed)

    def refresh(now: float) -> None:
        reported = _reported(known, servers)
        scores = {m.uid: availability_score(m.values, m.confidence) for m in reported}
        best[:] = sorted(scores, key=lambda uid: (-scores[uid], uid))[:3]

    def choose(now: float) -> tuple[int, Assignment | None] | None:
        return rng.choice(best), None

    silent = Simulation(servers, choose, lambda _sent, _outcome: None, random.Random(seed))
    return silent.run(refresh)


def _servers(known: Sequence[MinerResult]) -> dict[int, Server]:
    return {m.uid: Server(m.values["performance_score"]) for m in known}


def _reported(known: Sequence[MinerResult], servers: Mapping[int, Server]) -> list[MinerResult]:
    """What validators report now: the true performance and the load of the moment."""
    return [
        replace(m, values={**m.values, "current_load": float(_load(servers[m.uid]))}) for m in known
    ]


def _load(server: Server) -> int:
    return server.running + len(server.waiting)


def mean_tally(tallies: Sequence[Tally], uids: Sequence[int]) -> tuple[float, float, float]:
    """Mean completion rate, p95 of waiting, and fairness."""
    return (
        fmean(tally.completion for tally in tallies),
        fmean(tally.p95_wait for tally in tallies),
        fmean(tally.fairness(uids) for tally in tallies),
    )
